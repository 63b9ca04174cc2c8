import { expect, test } from 'vitest'
import { longestDelayMs, retryAfterMs, retryDelayMs } from './retry-delay.ts'

const now = Date.parse('2026-11-01T12:00:00Z')

test.each([
  ['seconds', { 'retry-after': '7' }, 7_000],
  ['parts of a second', { 'retry-after': '0.5' }, 500],
  ['milliseconds, which win', { 'retry-after-ms': '250', 'retry-after': '7' }, 250],
  ['an HTTP date', { 'retry-after': 'Sun, 01 Nov 2026 12:00:30 GMT' }, 30_000],
  ['a date gone by', { 'retry-after': 'Sun, 01 Nov 2026 11:00:00 GMT' }, 0],
  ['nonsense', { 'retry-after': 'soon' }, null],
  ['nothing', {}, null],
])('Retry-After is read as %s', (_, headers, expected) => {
  expect(retryAfterMs(new Headers(Object.entries(headers)), now)).toBe(expected)
})

test('what the server asks for is honoured up to a minute', () => {
  expect(retryDelayMs(1, new Headers({ 'retry-after': '2' }), () => 0)).toBe(2_000)
  expect(retryDelayMs(1, new Headers({ 'retry-after': '3600' }), () => 0.5)).toBe(longestDelayMs)
})

test('without word from the server the span doubles and the wait is drawn from all of it', () => {
  expect([1, 2, 3].map((failures) => retryDelayMs(failures, undefined, () => 1))).toEqual([1_000, 2_000, 4_000])
  expect([1, 2, 3].map((failures) => retryDelayMs(failures, undefined, () => 0))).toEqual([0, 0, 0])
  expect(retryDelayMs(30, undefined, () => 1)).toBe(20_000)
})
