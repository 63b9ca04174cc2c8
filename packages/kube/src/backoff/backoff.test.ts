import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

const options = { firstMs: 250, limitMs: 300_000 }

test('doubles from the first delay to the limit', () => {
  const delays = [1, 2, 3, 10, 11, 12, 5_000].map((failures) => backoffMs(options, failures, () => 0))
  expect(delays).toEqual([250, 500, 1_000, 128_000, 256_000, 300_000, 300_000])
})

test('jitter takes at most its share away', () => {
  expect(backoffMs({ ...options, jitter: 0.5 }, 3, () => 0.999_999)).toBe(500)
})
