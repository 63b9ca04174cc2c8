import type { ColumnCatalog, Scope, TableCatalog } from '@amx/api'
import { expect, test } from 'vitest'
import { compileScope } from './compile-scope.ts'
import { planTables } from './plan-tables.ts'

const everything: Scope = {
  include: [],
  exclude: [],
  tablePattern: null,
  kinds: [],
  tableLimit: 0,
  missingOnly: false,
}

function table(path: string, comment: string | null, columns: Record<string, string | null>): TableCatalog {
  return {
    path,
    kind: 'Table',
    comment,
    schemaComment: null,
    databaseComment: null,
    columns: Object.entries(columns).map(
      ([name, columnComment], index): ColumnCatalog => ({
        name,
        ordinal: index + 1,
        type: 'text',
        nullable: true,
        default: null,
        comment: columnComment,
      }),
    ),
    primaryKey: [],
    foreignKeysOut: [],
    foreignKeysIn: [],
    uniqueKeys: [],
    checks: [],
    indexes: [],
    partitioning: null,
    viewDefinition: null,
    rowEstimate: null,
    sizeBytes: null,
    usage: null,
    unreadable: null,
    structureDigest: '',
    statisticsTime: null,
  }
}

function plan(scope: Partial<Scope>, tables: readonly TableCatalog[]) {
  return planTables(compileScope({ ...everything, ...scope }), tables).map(({ catalog, planned, skipped }) => ({
    path: catalog.path,
    ...planned,
    skipped: skipped.map(({ path }) => path),
  }))
}

const documented = table('a.documented', 'Done.', { id: 'Done.' })
const half = table('a.half', 'Done.', { id: 'Done.', name: null })
const bare = table('a.bare', null, { id: null })
const blank = table('a.blank', '  ', { id: '' })

test('without missingOnly a comment keeps nothing out', () => {
  expect(plan({}, [documented])).toEqual([{ path: 'a.documented', table: true, columns: ['id'], skipped: [] }])
})

test('missingOnly leaves the table its text even when one of its columns lacks one', () => {
  expect(plan({ missingOnly: true }, [half])).toEqual([
    { path: 'a.half', table: false, columns: ['name'], skipped: ['a.half', 'a.half.id'] },
  ])
})

test('a comment of white space is none', () => {
  expect(plan({ missingOnly: true }, [blank])).toEqual([{ path: 'a.blank', table: true, columns: ['id'], skipped: [] }])
})

test('the limit counts tables with something to do, in their order', () => {
  expect(plan({ missingOnly: true, tableLimit: 1 }, [documented, bare, half]).map(({ path }) => path)).toEqual([
    'a.documented',
    'a.bare',
  ])
})

test('a column that is named alone is planned alone', () => {
  expect(plan({ include: ['a.half.name'] }, [half])).toEqual([
    { path: 'a.half', table: false, columns: ['name'], skipped: [] },
  ])
})

test('an excluded column is left out of its table', () => {
  expect(plan({ exclude: ['a.half.id'] }, [half])).toEqual([
    { path: 'a.half', table: true, columns: ['name'], skipped: [] },
  ])
})

test('a table of which nothing is selected is not listed', () => {
  expect(plan({ include: ['a.half.nope'] }, [half])).toEqual([])
})
