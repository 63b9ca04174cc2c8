import type { ScopedContainer, ScopedTable } from '@amx/api'
import { expect, test } from 'vitest'
import { layersOf, mergeFound, namedAssets } from './named-assets.ts'

function tableOf(path: string, columns: string[], skipped: string[] = []): ScopedTable {
  const planned = { table: true, columns }
  return {
    catalog: { path } as ScopedTable['catalog'],
    planned,
    skipped: skipped.map((one) => ({ path: one, reason: 'has a comment' })),
  }
}

const schema = { path: 'sales', kind: 'Schema' } as ScopedContainer
const found = {
  tables: [tableOf('sales.customer', ['id', 'Order ID'], ['sales.customer.note']), tableOf('sales."Old.Sale"', ['id'])],
  containers: [schema, { ...schema, path: 'hr' }],
}

function planned(...include: string[]) {
  const { tables, containers } = namedAssets(found, include)
  return [
    ...containers.map(({ path }) => path),
    ...tables.flatMap(({ catalog, planned: { table, columns }, skipped }) => [
      ...(table ? [catalog.path] : []),
      ...columns.map((name) => `${catalog.path}: ${name}`),
      ...skipped.map(({ path, reason }) => `${path} ${reason}`),
    ]),
  ]
}

test.each([
  ['a column alone', ['sales.customer.id'], ['sales.customer: id']],
  ['a table without its columns', ['sales.customer'], ['sales.customer']],
  ['a schema without its tables', ['sales'], ['sales']],
  [
    'names in quotes',
    ['sales."Old.Sale".id', 'sales."customer"."Order ID"'],
    ['sales.customer: Order ID', 'sales."Old.Sale": id'],
  ],
  ['what is left out by the scope', ['sales.customer.note'], ['sales.customer.note has a comment']],
])('%s', (_, include, expected) => {
  expect(planned(...include)).toEqual(expected)
})

test('a schema, a table of it and a column of that can be named together', () => {
  const include = ['sales', 'sales.customer', 'sales.customer.id']
  const layers = layersOf(include)
  expect(layers).toEqual([['sales'], ['sales.customer'], ['sales.customer.id']])
  const { tables, containers } = mergeFound(layers.map((layer) => namedAssets(found, layer)))
  expect(containers.map(({ path }) => path)).toEqual(['sales'])
  expect(tables.map(({ catalog, planned: { table, columns } }) => [catalog.path, table, columns])).toEqual([
    ['sales.customer', true, ['id']],
  ])
})
