import type { ContainerMember } from '@amx/api'
import { expect, test } from 'vitest'
import { sampleMembers } from './sample-members.ts'

const members = (count: number, described: (index: number) => boolean): ContainerMember[] =>
  Array.from({ length: count }, (_, index) => ({
    path: `s.t${String(index).padStart(5, '0')}`,
    kind: 'Table',
    text: described(index) ? 'A text.' : null,
    origin: described(index) ? 'drafted' : null,
    tables: 0,
  }))

test('what fits is all there', () => {
  expect(sampleMembers(members(200, () => true))).toHaveLength(200)
})

test.each([
  ['all described', () => true, 200],
  ['none described', () => false, 0],
  ['half described', (index: number) => index % 2 === 0, 160],
  ['few described', (index: number) => index < 30, 30],
] as const)('of thousands, %s, 200 are chosen, texts first and in their order', (_, described, texts) => {
  const chosen = sampleMembers(members(5_000, described))
  expect(chosen).toHaveLength(200)
  expect(chosen.filter(({ text }) => text !== null)).toHaveLength(texts)
  expect(chosen.map(({ path }) => path)).toEqual(chosen.map(({ path }) => path).sort())
  expect(new Set(chosen).size).toBe(200)
})

test('the sample reaches from the first to the last of the names', () => {
  const chosen = sampleMembers(members(1_000, () => true))
  expect(chosen[0]?.path).toBe('s.t00000')
  expect(chosen.at(-1)?.path).toBe('s.t00995')
})
