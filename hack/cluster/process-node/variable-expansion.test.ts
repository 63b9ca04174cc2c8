import { expect, test } from 'vitest'
import { expandVariables } from './variable-expansion.ts'

test.each([
  ['$(A)', 'one'],
  ['-$(A)-$(B)-', '-one-two-'],
  ['$(UNKNOWN)', '$(UNKNOWN)'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$one'],
  ['$A', '$A'],
  ['$(A', '$(A'],
  ['costs 5$', 'costs 5$'],
])('%s becomes %s', (text, expected) => {
  expect(expandVariables(text, { A: 'one', B: 'two' })).toBe(expected)
})
