import { expect, test } from 'vitest'
import { parseDurationMs } from './duration.ts'

test.each([
  ['120s', 120_000],
  ['4h', 14_400_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['1m500ms', 60_500],
  ['0s', 0],
])('%s is %i ms', (text, ms) => {
  expect(parseDurationMs(text, 'spec.x')).toBe(ms)
})

test.each(['', '5', 's', '1.5h', '-1s', '1d', '1h ', '1 h'])('%j is no length of time', (text) => {
  expect(() => parseDurationMs(text, 'spec.x')).toThrowError(/spec\.x/)
})
