import type { ColumnProfile, TableCatalog, TableProfile } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { profileOf, tableOf } from '../testing/run-fixture.ts'
import { namesTable } from './names-table.ts'
import { twinKey } from './twin-key.ts'

interface Made {
  readonly column?: Partial<TableCatalog['columns'][number]>
  readonly profile?: Partial<ColumnProfile>
  readonly catalog?: Partial<TableCatalog>
}

function table(path: string, name: string, made: Made = {}): TableProfile {
  const { catalog } = tableOf(path, [name])
  const columns = catalog.columns.map((column) => ({ ...column, ...made.column }))
  const plain: ColumnProfile = {
    name,
    nullFraction: 0,
    distinct: 10,
    distinctIsExact: false,
    minimum: null,
    maximum: null,
    minimumLength: null,
    maximumLength: null,
    samples: [],
    frequencies: [],
    pattern: null,
    heldBack: null,
  }
  return { ...profileOf({ ...catalog, columns, ...made.catalog }), columns: [{ ...plain, ...made.profile }] }
}

const references = (otherTable: string) => [
  { name: 'fk', columns: ['customer_id'], otherTable, otherColumns: ['id'], otherComment: null },
]
const states = ['new', 'paid'].map((value) => ({ value, rows: 5 }))

describe('columns of two tables', () => {
  test.each<[string, [string, Made?], [string, Made?], 'equal' | 'different']>([
    ['of the same name and type', ['loyalty_points'], ['loyalty_points'], 'equal'],
    ['of the same name in another spelling', ['loyalty_points'], ['LoyaltyPoints'], 'equal'],
    [
      'with other figures about their values',
      ['loyalty_points'],
      ['loyalty_points', { profile: { distinct: 3 } }],
      'equal',
    ],
    ['of other types', ['loyalty_points'], ['loyalty_points', { column: { type: 'bigint' } }], 'different'],
    ['of other names', ['loyalty_points'], ['loyalty_level'], 'different'],
    ['with other comments', ['loyalty_points'], ['loyalty_points', { column: { comment: 'Old.' } }], 'different'],
    ['with other defaults', ['loyalty_points'], ['loyalty_points', { column: { default: '0' } }], 'different'],
    ['with other patterns', ['contact_email', { profile: { pattern: 'Email' } }], ['contact_email'], 'different'],
    ['one of them held back', ['contact_email', { profile: { heldBack: 'Personal' } }], ['contact_email'], 'different'],
    [
      'that refer to the same',
      ['customer_id', { catalog: { foreignKeysOut: references('a.customer') } }],
      ['customer_id', { catalog: { foreignKeysOut: references('a.customer') } }],
      'equal',
    ],
    [
      'that refer to different tables',
      ['customer_id', { catalog: { foreignKeysOut: references('a.customer') } }],
      ['customer_id', { catalog: { foreignKeysOut: references('b.customer') } }],
      'different',
    ],
    [
      'with the same values',
      ['status', { profile: { frequencies: states } }],
      ['status', { profile: { frequencies: [...states].reverse() } }],
      'equal',
    ],
    [
      'with other values',
      ['status', { profile: { frequencies: states } }],
      ['status', { profile: { frequencies: states.map((state) => ({ ...state, value: `${state.value}!` })) } }],
      'different',
    ],
    [
      'with the same labels',
      ['status', { column: { enumValues: ['a', 'b'] } }],
      ['status', { column: { enumValues: ['a', 'b'] } }],
      'equal',
    ],
    [
      'with labels in another order',
      ['status', { column: { enumValues: ['a', 'b'] } }],
      ['status', { column: { enumValues: ['b', 'a'] } }],
      'different',
    ],
  ])('%s', (_, [one, oneMade], [other, otherMade], verdict) => {
    const left = twinKey(table('s.one', one, oneMade), one)
    const right = twinKey(table('s.other', other, otherMade), other)
    expect(left).not.toBeNull()
    expect(right === left ? 'equal' : 'different').toBe(verdict)
  })
})

test.each<[string, string, Made?]>([
  ['a name that means another thing in every table', 'name'],
  ['two such words', 'start_date'],
  ['an amount of nobody knows what', 'total_amount'],
  ['one value alone', 'status', { profile: { frequencies: states.slice(0, 1) } }],
  ["the table's own key", 'customer_no', { catalog: { primaryKey: ['customer_no'] } }],
  ["the table's own unique key", 'customer_no', { catalog: { uniqueKeys: [['customer_no']] } }],
])('%s is no member of a class', (_, name, made) => {
  expect(twinKey(table('s.one', name, made), name)).toBeNull()
})

test('a column that was not profiled is no member of a class', () => {
  expect(twinKey(profileOf(tableOf('s.t', ['loyalty_points']).catalog), 'loyalty_points')).toBeNull()
})

test.each([
  ['Email address of the customer.', 'contact_email', true],
  ['Email address for contact.', 'contact_email', false],
  ['The customers reached by it.', 'contact_email', true],
  ['The customer that is meant.', 'customer_id', false],
  ['The order it belongs to.', 'contact_email', false],
])('"%s" about %s, copied from customers to orders, names the table: %s', (text, column, names) => {
  expect(namesTable(['Fine.', text], { fromTable: 's.customers', toTable: 's.orders', column })).toBe(names)
})
