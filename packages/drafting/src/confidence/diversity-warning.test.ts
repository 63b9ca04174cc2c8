import { expect, test } from 'vitest'
import { diversityWarning } from './diversity-warning.ts'

test.each([
  // mean of the similarities against 0.65 and 0.85, by hand
  ['Semantic', [0.6, 0.6, 0.6], 'the alternatives are to say the same and differ (mean similarity 0.60, below 0.65)'],
  ['Semantic', [0.9, 0.5, 0.4], 'the alternatives are to say the same and differ (mean similarity 0.60, below 0.65)'],
  ['Semantic', [0.7, 0.6], null],
  ['Semantic', [0.65, 0.65], null],
  ['Semantic', [1, 1], null],
  [
    'Lexical',
    [0.9, 0.9],
    'the alternatives are to differ in meaning and say the same (mean similarity 0.90, above 0.85)',
  ],
  ['Lexical', [0.85, 0.85], null],
  ['Lexical', [0.2, 0.1], null],
  ['Semantic', [0.1], null],
  ['Semantic', [0.1, null], null],
  ['Lexical', [], null],
] as const)('%s with similarities %j: %s', (mode, similarities, warning) => {
  expect(diversityWarning(similarities, mode)).toBe(warning)
})
