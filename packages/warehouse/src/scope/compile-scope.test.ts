import type { Scope } from '@amx/api'
import { AmxError, parseAssetPath } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { compileScope, includesPath, includesWhole } from './compile-scope.ts'

const everything: Scope = {
  include: [],
  exclude: [],
  tablePattern: null,
  kinds: [],
  tableLimit: 0,
  missingOnly: false,
}

function wholes(scope: Partial<Scope>, paths: readonly string[]): string[] {
  const compiled = compileScope({ ...everything, ...scope })
  return paths.filter((path) => includesWhole(compiled, parseAssetPath(path)))
}

const paths = ['sales', 'sales.customer', 'sales.customer.email', 'sales.orders', 'hr.staff', 'hr.staff.name']

describe('include and exclude', () => {
  test.each<[string, Partial<Scope>, string[]]>([
    ['nothing named selects everything', {}, paths],
    ['the database selects everything', { include: ['*'] }, paths],
    ['a schema selects what lies in it', { include: ['hr'] }, ['hr.staff', 'hr.staff.name']],
    ['entries add up', { include: ['hr', 'sales.orders'] }, ['sales.orders', 'hr.staff', 'hr.staff.name']],
    ['a table named beside its schema narrows the schema', { include: ['sales', 'sales.orders'] }, ['sales.orders']],
    [
      'a schema named beside the database narrows the database',
      { include: ['*', 'hr'] },
      ['hr.staff', 'hr.staff.name'],
    ],
    [
      'a column narrows its table and leaves the other schema whole',
      { include: ['sales.customer', 'sales.customer.email', 'hr'] },
      ['sales.customer.email', 'hr.staff', 'hr.staff.name'],
    ],
    ['an exclusion takes away what lies below it', { exclude: ['sales.customer', 'hr'] }, ['sales', 'sales.orders']],
    ['an exclusion wins over the same inclusion', { include: ['hr.staff'], exclude: ['hr.staff'] }, []],
    ['everything can be excluded', { exclude: ['*'] }, []],
  ])('%s', (_, scope, expected) => {
    expect(wholes(scope, paths)).toEqual(expected)
  })

  test('a table is looked into when only one of its columns is named', () => {
    const scope = compileScope({ ...everything, include: ['sales.customer.email'] })
    expect(includesPath(scope, ['sales', 'customer'])).toBe(true)
    expect(includesWhole(scope, ['sales', 'customer'])).toBe(false)
  })

  test('names are compared as they are, quoted or not', () => {
    expect(wholes({ include: ['"Sales.v2"."Order ID"'] }, ['"Sales.v2"."Order ID"', 'sales.v2'])).toEqual([
      '"Sales.v2"."Order ID"',
    ])
  })

  test('a path that is none is refused with its place', () => {
    expect(() => compileScope({ ...everything, include: ['sales..x'] })).toThrow(AmxError)
  })
})

describe('tablePattern', () => {
  test('matches anywhere unless it is anchored', () => {
    expect(compileScope({ ...everything, tablePattern: 'stg_' }).matchesPattern('old_stg_1')).toBe(true)
    expect(compileScope({ ...everything, tablePattern: '^stg_' }).matchesPattern('old_stg_1')).toBe(false)
  })

  test('a pattern made to explode takes no time worth mentioning', () => {
    const scope = compileScope({ ...everything, tablePattern: '^(a+)+$' })
    expect(scope.matchesPattern(`${'a'.repeat(10_000)}!`)).toBe(false)
  })

  test.each(['(', '[z-a]', '(?<=x)y', '\\1'])('%s is refused as AMX-1001 on its field', (tablePattern) => {
    expect(() => compileScope({ ...everything, tablePattern })).toThrow(
      expect.objectContaining({ code: 'AMX-1001', message: expect.stringContaining('scope.tablePattern') }),
    )
  })
})

test('kinds that are no relations select no relation, and no kinds at all select every relation', () => {
  expect([...compileScope({ ...everything, kinds: ['Schema'] }).kinds]).toEqual([])
  expect([...compileScope(everything).kinds]).toEqual(['Table', 'View', 'MaterializedView', 'ForeignTable'])
})
