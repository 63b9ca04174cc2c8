import { expect, test } from 'vitest'
import { judgeScore } from './judge-signal.ts'

test.each([
  // supported, contradicted, vague, by hand: (supported − contradicted) / all, not below 0
  [3, 0, 0, 1],
  [2, 0, 1, 2 / 3],
  [3, 1, 0, 0.5],
  [1, 0, 3, 0.25],
  [1, 1, 1, 0],
  [0, 2, 0, 0],
  [1, 3, 0, 0],
  [0, 0, 2, 0],
  [0, 0, 0, null],
])('%d supported, %d contradicted and %d vague statements are worth %d', (supported, contradicted, vague, score) => {
  expect(judgeScore({ supported, contradicted, vague })).toBe(score)
})
