import { expect, test } from 'vitest'
import { begunAfter, mostAtOnce } from './bench-drafting.ts'

const call = (startedMs: number, endedMs: number, input = 0) => ({
  startedMs,
  endedMs,
  tokens: { input, output: 0, cached: 0, reasoning: 0 },
})

test('calls at once are counted by their overlap; one that begins as another ends takes its place', () => {
  expect(mostAtOnce([])).toBe(0)
  expect(mostAtOnce([call(0, 10), call(5, 15), call(10, 20), call(30, 40)])).toBe(2)
})

test('calls after a budget are those that began once answers had used it up; those in flight are not', () => {
  const calls = [call(0, 10, 60), call(0, 20, 60), call(15, 30, 60), call(25, 40, 60)]
  expect(begunAfter(calls, 100)).toBe(1)
  expect(begunAfter(calls, 1_000)).toBe(0)
})
