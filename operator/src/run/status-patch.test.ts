import { describe, expect, it } from 'vitest'
import { fixtureNowMs } from './run-fixture.ts'
import { progressIntervalMs, statusPatch } from './status-patch.ts'

describe('a patch of a status', () => {
  it('is nothing when nothing changed, whatever the order of the fields', () => {
    expect(statusPatch({ a: 1, b: { c: [{ d: 2, e: 3 }] } }, { b: { c: [{ e: 3, d: 2 }] }, a: 1 })).toBeNull()
  })

  it('holds what changed and names what is gone', () => {
    const before = { phase: 'Running', lastError: { code: 'AMX-4002' }, columns: { planned: 2 } }
    expect(statusPatch(before, { phase: 'Succeeded', columns: { planned: 2 } })).toEqual({
      phase: 'Succeeded',
      lastError: null,
    })
  })

  it('takes a field out of an object that stays', () => {
    const before = { confidence: { high: 1, mean: '0.9' } }
    expect(statusPatch(before, { confidence: { high: 0 } })).toEqual({ confidence: { high: 0, mean: null } })
  })

  it('replaces lists whole', () => {
    expect(statusPatch({ jobs: [{ name: 'a' }, { name: 'b' }] }, { jobs: [{ name: 'b' }] })).toEqual({
      jobs: [{ name: 'b' }],
    })
  })
})

describe('progress', () => {
  const started = (seconds: number) => ({ startTime: new Date(fixtureNowMs - seconds * 1000).toISOString() })

  it.each([
    [0, 2_000],
    [12, 2_000],
    [60, 10_000],
    [3_600, 30_000],
  ])('of a run that is at work for %i s is written every %i ms', (seconds, intervalMs) => {
    expect(progressIntervalMs(started(seconds), fixtureNowMs)).toBe(intervalMs)
  })
})
