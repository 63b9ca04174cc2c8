import { describe, expect, test } from 'vitest'
import { tableProfile } from '../testing/table-profile-fixture.ts'
import { phraseOf } from './name-words.ts'
import { pluralOf, readColumn, readTable, singularOf, withArticle } from './table-words.ts'

function tableNamed(path: string, columns: string[] = ['id'], kind: 'Table' | 'View' = 'Table') {
  return readTable(tableProfile({ path, kind, columns: columns.map((name) => ({ name, type: 'text' })) }).catalog)
}

test.each([
  ['sales.customers', 'customer'],
  ['sales.categories', 'category'],
  ['sales.customer_address', 'customer address'],
  ['public.dim_product', 'product'],
  ['public.tbl_ord', 'order'],
  ['sales.inventory_daily', 'daily inventory record'],
  ['ops.job_log', 'job log entry'],
  ['catalog.plant_detail', 'plant'],
  ['public."OrderLines"', 'order line'],
  ['public.kna1', 'kna1 row'],
])('one row of %s is a %s', (path, entity) => {
  expect(tableNamed(path).entity).toBe(entity)
})

test("the word view is part of a table's name and decoration of a view's", () => {
  expect(tableNamed('events.page_view').entity).toBe('page view')
  expect(tableNamed('events.customer_view', ['id'], 'View').entity).toBe('customer')
})

describe('a prefix that most columns share', () => {
  const table = tableNamed('sales.customer', ['c_id', 'c_first_name', 'c_city', 'updated_at'])

  test('is left out of their names', () => {
    expect(table.prefix).toBe('c')
    expect(phraseOf(readColumn('c_first_name', table))).toBe('first name')
    expect(phraseOf(readColumn('updated_at', table))).toBe('updated at')
  })

  test('is none when few share it or when it is a word of its own', () => {
    expect(tableNamed('sales.t', ['c_id', 'c_name', 'city', 'street', 'zip', 'phone']).prefix).toBeNull()
    expect(tableNamed('sales.t', ['is_open', 'is_new', 'is_paid']).prefix).toBeNull()
  })
})

test.each([
  ['addresses', 'address'],
  ['status', 'status'],
  ['boxes', 'box'],
  ['series', 'series'],
  ['invoices', 'invoice'],
  ['business', 'business'],
  ['months', 'month'],
  ['people', 'person'],
  ['children', 'child'],
])('the singular of %s is %s', (plural, singular) => {
  expect(singularOf(plural)).toBe(singular)
})

test.each([
  ['category', 'categories'],
  ['order line', 'order lines'],
  ['address', 'addresses'],
  ['day', 'days'],
  ['person', 'people'],
])('the plural of %s is %s', (singular, plural) => {
  expect(pluralOf(singular)).toBe(plural)
})

test('articles follow the sound', () => {
  expect([
    withArticle('order'),
    withArticle('user'),
    withArticle('unit'),
    withArticle('update'),
    withArticle('plant'),
  ]).toEqual(['an order', 'a user', 'a unit', 'an update', 'a plant'])
})
