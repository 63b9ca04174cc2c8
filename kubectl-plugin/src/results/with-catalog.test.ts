import type { CatalogEntry } from '@amx/api'
import { expect, test } from 'vitest'
import { resultRow } from './result-row-fixture.ts'
import { withCatalog } from './with-catalog.ts'

const target = 'postgresql://pg:5432/shop'

function entry(
  path: string,
  kind: CatalogEntry['kind'],
  comment: string | null,
  columns: CatalogEntry['columns'] = [],
) {
  const schemaPath = path.split('.')[0] ?? ''
  return { target, path, schemaPath, kind, comment, columns, columnsCommented: 0, rowEstimate: null, readAt: '' }
}

const entries = [
  entry('sales', 'Schema', null),
  entry('sales.customer', 'Table', 'Who buys.', [
    { name: 'id', type: 'bigint' },
    { name: 'Order ID', type: 'text', comment: 'Number.' },
  ]),
  entry('shop.item', 'Table', null),
]

const shown = (rows: ReturnType<typeof withCatalog>) =>
  rows.map(({ path, existingComment, alternatives }) => [path, existingComment, alternatives.length])

test('everything the catalog knows counts, with the comments that are there now', () => {
  const rows = [
    resultRow('sales.customer.id', { existingComment: 'Dropped since.', applyOutcome: 'Applied' }),
    resultRow('sales.gone', { existingComment: 'Dropped with its table.' }),
  ]
  const known = withCatalog(rows, entries, [])
  expect(shown(known)).toEqual([
    ['sales.customer', 'Who buys.', 0],
    ['sales.customer.id', null, 2],
    ['sales.customer."Order ID"', 'Number.', 0],
    ['shop.item', null, 0],
  ])
  expect(known.find(({ path }) => path === 'sales.customer.id')?.applyOutcome).toBeNull()
})

test('only assets below those that are named count, and a schema that was drafted', () => {
  const rows = [resultRow('sales', { kind: 'Schema' })]
  expect(shown(withCatalog(rows, entries, [['sales']])).map(([path]) => path)).toEqual([
    'sales',
    'sales.customer',
    'sales.customer.id',
    'sales.customer."Order ID"',
  ])
})
