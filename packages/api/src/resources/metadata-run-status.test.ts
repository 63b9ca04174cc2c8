import { describe, expect, test } from 'vitest'
import { fitRunStatus, shorten } from './metadata-run-status.ts'
import { worstCaseRunStatus } from './worst-case-status.ts'

test('the biggest status a run can have stays below 8 KiB', () => {
  expect(Buffer.byteLength(JSON.stringify(fitRunStatus(worstCaseRunStatus('x'))))).toBeLessThan(8192)
})

test('letters of several bytes do not make it bigger', () => {
  expect(Buffer.byteLength(JSON.stringify(fitRunStatus(worstCaseRunStatus('漢'))))).toBeLessThan(8192)
})

describe('shortening', () => {
  test('leaves what fits as it is', () => {
    expect(shorten('exactly', 7)).toBe('exactly')
  })

  test.each(['a', 'ü', '漢', '🌱'])('cuts %s between characters and marks the cut', (character) => {
    const short = shorten(character.repeat(100), 50)
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(50)
    expect(short).toMatch(/…$/)
    expect(short.replace('…', '').replaceAll(character, '')).toBe('')
  })
})

test('only the newest ten Jobs are kept', () => {
  const jobs = Array.from({ length: 12 }, (_, index) => ({
    stage: 'draft' as const,
    name: `run-draft-${index + 1}`,
    attempt: index + 1,
    state: 'Failed' as const,
  }))
  expect(fitRunStatus({ jobs }).jobs?.map(({ attempt }) => attempt)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
})
