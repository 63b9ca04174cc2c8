import { verbosities } from '@amx/api'
import { expect, test } from 'vitest'
import { salesOrder } from '../testing/shop-profile.ts'
import { type FixtureTable, foreignKey, tableProfile } from '../testing/table-profile-fixture.ts'
import { describeTable } from './describe-table.ts'

const text = (name: string) => ({ name, type: 'text' })

test.each<[string, FixtureTable, string]>([
  [
    'a table of things',
    {
      path: 'shop.customers',
      columns: [{ name: 'id', type: 'int' }, text('first_name'), text('email')],
      primaryKey: ['id'],
      foreignKeysIn: [foreignKey('id', 'shop.orders', 'customer_id')],
    },
    'Customers: one row per customer. Holds first name and e-mail address. Referenced by orders.',
  ],
  [
    'a table that links two others',
    {
      path: 'music.playlist_track',
      columns: [
        { name: 'playlist_id', type: 'int' },
        { name: 'track_id', type: 'int' },
      ],
      primaryKey: ['playlist_id', 'track_id'],
      foreignKeysOut: [foreignKey('playlist_id', 'music.playlist', 'id'), foreignKey('track_id', 'music.track', 'id')],
    },
    'Links playlists and tracks: one row for each pair.',
  ],
  [
    'a table of figures per period',
    {
      path: 'shop.stock_daily',
      columns: [{ name: 'day', type: 'date' }, text('warehouse_code'), { name: 'on_hand', type: 'int' }],
      primaryKey: ['day', 'warehouse_code'],
    },
    'Daily stock figures, one row per day and warehouse code. Holds day, warehouse code and on hand.',
  ],
  [
    'a view',
    {
      path: 'shop.open_orders',
      kind: 'View',
      columns: [text('order_number')],
      viewDefinition: 'SELECT o.order_number FROM shop.orders o JOIN "shop"."customers" c USING (id)',
    },
    'Open orders: one row per open order. Holds number. Derived from shop.orders and shop.customers.',
  ],
  [
    'a name that says nothing',
    { path: 'sap.kna1', columns: [text('xq7')] },
    'Undocumented table whose name (kna1) does not tell what its rows stand for.',
  ],
])('%s', (_, table, expected) => {
  expect(describeTable(tableProfile(table), 'Brief')[0]).toBe(expected)
})

test.each(verbosities)('five different texts at verbosity %s', (verbosity) => {
  const texts = describeTable(salesOrder(), verbosity)
  expect(new Set(texts).size).toBe(5)
  expect(texts[0]).toMatchSnapshot()
})

test('a partitioned or foreign table says so from Detailed on', () => {
  const table = tableProfile({
    path: 'a.events',
    kind: 'ForeignTable',
    columns: [text('name')],
    partitioning: { strategy: 'range', columns: ['day'], partitions: 3 },
  })
  expect(describeTable(table, 'Brief')[0]).not.toMatch(/foreign|Partitioned/)
  expect(describeTable(table, 'Detailed')[0]).toMatch(/A foreign table: .* Partitioned by day\.$/)
})
