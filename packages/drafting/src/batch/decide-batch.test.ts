import { expect, test } from 'vitest'
import { batchLimits, pollInMs, sendInMs } from './decide-batch.ts'

const some = { requests: 3, bytes: 1_000, firstAtMs: 0, lastAtMs: 0 }

test.each([
  ['just now', some, 0, 5_000],
  ['a moment ago', some, 4_000, 1_000],
  ['nothing came for a while', some, 5_000, 0],
  ['more keeps coming', { ...some, lastAtMs: 100_000 }, 101_000, 4_000],
  ['more kept coming for two minutes', { ...some, lastAtMs: 119_000 }, 120_000, 0],
  ['full by number', { ...some, requests: batchLimits.requests }, 0, 0],
  ['full by size', { ...some, bytes: batchLimits.bytes }, 0, 0],
])('what is collected is sent when due: %s', (_, collected, nowMs, inMs) => {
  expect(sendInMs(collected, nowMs)).toBe(inMs)
})

test('a batch is asked after soon at first, then once a minute', () => {
  expect([0, 1, 2, 50].map((polls) => pollInMs(polls))).toEqual([2_000, 3_000, 4_500, 60_000])
})
