import type { CatalogEntry } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { columnChoices, schemaChoices, shortestScope, tableChoices } from './scope-choices.ts'

function entry(path: string, kind: CatalogEntry['kind'], more: Partial<CatalogEntry> = {}): CatalogEntry {
  return {
    target: 'postgresql://pg:5432/analytics',
    path,
    schemaPath: path.split('.')[0] ?? '',
    kind,
    comment: null,
    columns: [],
    columnsCommented: 0,
    rowEstimate: null,
    readAt: '2026-11-21T08:00:00Z',
    ...more,
  }
}

const columns = [
  { name: 'id', type: 'bigint' },
  { name: 'Order ID', type: 'text', comment: 'Number.' },
]
const entries = [
  entry('*', 'Database', { schemaPath: '*' }),
  entry('sales', 'Schema'),
  entry('sales.customer', 'Table', { columns, columnsCommented: 1, rowEstimate: 2_450_118 }),
  entry('sales.order_summary_mv', 'MaterializedView', { comment: 'Orders by day.', rowEstimate: -1 }),
  entry('events', 'Schema'),
  entry('events.click', 'Table'),
]

describe('what a person can tick', () => {
  test('schemas say how many tables they have and how many are described', () => {
    expect(schemaChoices(entries)).toEqual([
      { value: 'sales', label: 'sales', hint: '2 tables, 1 with a comment' },
      { value: 'events', label: 'events', hint: '1 table, none with a comment' },
    ])
  })

  test('tables say kind, rows where they are known, and what is described', () => {
    expect(tableChoices(entries, ['sales']).map(({ hint }) => hint)).toEqual([
      'table, 2,450,118 rows, no comment, columns 1/2',
      'materialized view, has comment, columns 0/0',
    ])
  })

  test('columns stand under their quoted path', () => {
    expect(columnChoices(entries, ['sales.customer'])).toEqual([
      { value: 'sales.customer.id', label: 'sales.customer.id', hint: 'bigint, no comment' },
      { value: 'sales.customer."Order ID"', label: 'sales.customer."Order ID"', hint: 'text, has comment' },
    ])
  })
})

test('a schema whose tables are all ticked is named alone', () => {
  const ticked = ['sales.customer', 'sales.order_summary_mv']
  expect(shortestScope(entries, ['sales', 'events'], ticked)).toEqual(['sales'])
  expect(shortestScope(entries, ['sales', 'events'], ['sales.customer', 'events.click'])).toEqual([
    'sales.customer',
    'events',
  ])
})
