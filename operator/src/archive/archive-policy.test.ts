import { describe, expect, it } from 'vitest'
import { afterStoreFailure } from './archive-policy.ts'

const deleted = '2026-11-20T09:00:00Z'
const at = (seconds: number) => Date.parse(deleted) + seconds * 1000

describe('a deleted run whose store is down', () => {
  it.each([
    [0, 10_000],
    [300, 10_000],
    [595, 5_000],
  ])('after %i s is tried again in %i ms', (seconds, waitMs) => {
    expect(afterStoreFailure(deleted, at(seconds))).toEqual({
      kind: 'Retry',
      waitMs,
      until: '2026-11-20T09:10:00.000Z',
    })
  })

  it.each([600, 3_600])('gives way after %i s', (seconds) => {
    expect(afterStoreFailure(deleted, at(seconds))).toEqual({ kind: 'GiveWay' })
  })
})
