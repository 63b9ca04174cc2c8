import { expect, test } from 'vitest'
import { renewalTimeMs } from './service-account-token.ts'

const hour = 3_600_000

test.each([
  ['at 80 % of its life', hour, 0.8 * hour],
  ['after a day at the latest', 365 * 24 * hour, 24 * hour],
  ['not more often than every second', 0, 1_000],
])('a token is renewed %s', (_, lifeMs, expectedMs) => {
  expect(renewalTimeMs(5_000, 5_000 + lifeMs)).toBe(5_000 + expectedMs)
})
