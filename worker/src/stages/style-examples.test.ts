import { AmxError, type ScopedTable, type TargetSettings } from '@amx/api'
import type { Warehouse } from '@amx/warehouse'
import { expect, test } from 'vitest'
import { readStyleExamples, styleExamples } from './style-examples.ts'

const catalog = {
  path: 'sales.customer',
  kind: 'Table',
  comment: 'One row per customer.',
  schemaComment: null,
  databaseComment: null,
  columns: [
    { name: 'id', ordinal: 1, type: 'integer', nullable: false, default: null, comment: '  Number of the customer. ' },
    { name: 'x', ordinal: 2, type: 'text', nullable: true, default: null, comment: '??' },
    { name: 'name', ordinal: 3, type: 'text', nullable: true, default: null, comment: null },
  ],
} as unknown as ScopedTable['catalog']

const signal = new AbortController().signal
const target = { privacy: { samples: 'Masked', excludeColumns: [] } } as unknown as TargetSettings

function holding(tables: ScopedTable[], nearest: string[] = []): Pick<Warehouse, 'readCatalog'> {
  return {
    readCatalog: async (scope) => {
      expect(scope.include).toEqual(['sales.customer'])
      return { tables, containers: [], unknown: tables.length > 0 ? [] : [{ path: 'sales.customer', nearest }] }
    },
  }
}

const found = [{ catalog, planned: { table: true, columns: [] }, skipped: [] }]
const bare = [{ ...found[0], catalog: { ...catalog, comment: null, columns: [] } }] as ScopedTable[]

test('the comments that are texts come in the order of the table', () => {
  expect(styleExamples(catalog)).toEqual([
    { kind: 'Table', text: 'One row per customer.' },
    { kind: 'Column', text: 'Number of the customer.' },
  ])
})

test('an excluded column keeps its comment to itself', () => {
  expect(styleExamples(catalog, ['sales.*.id'])).toEqual([{ kind: 'Table', text: 'One row per customer.' }])
})

test('a table with many comments gives no more than twelve', () => {
  const columns = Array.from({ length: 40 }, (_, index) => ({ ...catalog.columns[0], comment: `Text ${index} of it.` }))
  expect(styleExamples({ ...catalog, columns } as typeof catalog)).toHaveLength(12)
})

test.each([
  ['is not there', holding([], ['sales.customers']), 'did you mean sales.customers?'],
  ['has no comments', holding(bare), 'has no comments to take a style from'],
])('a reference table that %s is a mistake in the run, with the field', async (_, warehouse, words) => {
  const thrown: unknown = await readStyleExamples(warehouse, 'sales.customer', [target], 0, signal).catch(
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(AmxError)
  expect(thrown).toMatchObject({ code: 'AMX-1001' })
  expect(String(thrown)).toContain('spec.generation.style.like')
  expect(String(thrown)).toContain(words)
})

test('with several targets another one may have it', async () => {
  expect(await readStyleExamples(holding([]), 'sales.customer', [target, target], 0, signal)).toBeNull()
  expect(await readStyleExamples(holding(found), 'sales.customer', [target, target], 0, signal)).toHaveLength(2)
})
