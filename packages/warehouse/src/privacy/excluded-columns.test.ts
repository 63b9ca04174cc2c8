import { expect, test } from 'vitest'
import { compileExcludedColumns } from './excluded-columns.ts'

test.each([
  ['*.*.ssn', ['hr', 'staff', 'ssn'], true],
  ['*.*.ssn', ['hr', 'staff', 'SSN'], true],
  ['*.*.ssn', ['hr', 'staff', 'ssn_hash'], false],
  ['*.*.*ssn*', ['hr', 'staff', 'old_ssn_hash'], true],
  ['hr.*.*', ['hr', 'staff', 'id'], true],
  ['hr.*.*', ['shr', 'staff', 'id'], false],
  ['hr.staff.birth_*', ['hr', 'staff', 'birth_date'], true],
  ['*."a.b".c', ['x', 'a.b', 'c'], true],
  ['*.*.a+(b)', ['x', 'y', 'a+(b)'], true],
  ['*.*.a.c', ['x', 'y', 'abc'], 'refused'],
  ['ssn', ['x', 'y', 'ssn'], 'refused'],
  ['*.*."ssn', ['x', 'y', 'ssn'], 'refused'],
] as const)('%s and %j: %s', (pattern, path, expected) => {
  if (expected === 'refused') {
    expect(() => compileExcludedColumns([pattern])).toThrow(expect.objectContaining({ code: 'AMX-1001' }))
    return
  }
  expect(compileExcludedColumns([pattern])(path)).toBe(expected)
})

test('no pattern excludes nothing', () => {
  expect(compileExcludedColumns([])(['a', 'b', 'c'])).toBe(false)
})
