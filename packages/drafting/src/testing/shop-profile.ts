import type { TableProfile } from '@amx/api'
import { foreignKey, tableProfile } from './table-profile-fixture.ts'

/** A table of an online shop with a column of every class, for snapshots. */
export function salesOrder(): TableProfile {
  return tableProfile({
    path: 'sales.sales_order',
    comment: null,
    schemaComment: 'Orders and customers.',
    databaseComment: 'The shop.',
    rows: 12_000,
    primaryKey: ['order_id'],
    uniqueKeys: [['order_number']],
    foreignKeysOut: [
      foreignKey('customer_id', 'sales.customer', 'customer_id', 'People who buy.'),
      foreignKey('billing_address_id', 'sales.customer_address', 'address_id'),
    ],
    foreignKeysIn: [
      { ...foreignKey('order_id', 'sales.order_line', 'order_id'), name: 'line_order_fkey' },
      { ...foreignKey('order_id', 'sales.payment', 'order_id', 'Money received.'), name: 'payment_order_fkey' },
    ],
    checks: [{ name: 'positive', expression: '(net_total >= (0)::numeric)' }],
    usage: { sequentialScans: 12, indexScans: 3_400, liveRows: 12_000, lastAnalyze: null },
    columns: [
      {
        name: 'order_id',
        type: 'bigint',
        identity: true,
        distinct: 12_000,
        minimum: '1',
        maximum: '12000',
        samples: ['1', '2', '3', '4'],
      },
      {
        name: 'order_number',
        type: 'text',
        distinct: 12_000,
        pattern: 'Code',
        samples: ['SO-1', 'SO-2', 'SO-3', 'SO-4'],
      },
      { name: 'customer_id', type: 'integer', distinct: 4_100, samples: ['17', '23'] },
      { name: 'billing_address_id', type: 'integer', nullable: true, nullFraction: 0.125 },
      {
        name: 'order_status',
        type: 'sales.order_status',
        enumValues: ['new', 'paid', 'shipped', 'cancelled'],
        distinct: 3,
        frequencies: [
          { value: 'shipped', rows: 9_000 },
          { value: 'paid', rows: 2_000 },
          { value: 'new', rows: 1_000 },
        ],
      },
      {
        name: 'ordered_at',
        type: 'timestamp with time zone',
        minimum: '2024-01-01 00:04:11+00',
        maximum: '2025-12-20 22:10:00+00',
      },
      { name: 'shipped_at', type: 'timestamp with time zone', nullable: true, nullFraction: 0.25 },
      { name: 'net_total', type: 'numeric(12,2)', minimum: '4.99', maximum: '1799.00', distinct: 8_812 },
      {
        name: 'currency_code',
        type: 'char(3)',
        pattern: 'CurrencyCode',
        distinct: 1,
        frequencies: [{ value: 'EUR', rows: 12_000 }],
      },
      { name: 'weight_g', type: 'integer', minimum: '20', maximum: '48000' },
      { name: 'is_gift', type: 'boolean', distinct: 2 },
      { name: 'note', type: 'text', nullable: true, nullFraction: 0.9, pattern: 'FreeText', heldBack: 'Personal' },
      { name: 'attributes', type: 'jsonb', nullable: true, nullFraction: 0.5 },
      {
        name: 'x_legacy_status',
        type: 'smallint',
        nullable: true,
        nullFraction: 0.6,
        distinct: 3,
        frequencies: [
          { value: '7', rows: 3_000 },
          { value: '0', rows: 1_000 },
          { value: '3', rows: 800 },
        ],
      },
      {
        name: 'flg2',
        type: 'smallint',
        distinct: 2,
        frequencies: [
          { value: '0', rows: 6_000 },
          { value: '1', rows: 6_000 },
        ],
      },
      { name: 'updated_at', type: 'timestamp with time zone', default: 'now()' },
    ],
  })
}
