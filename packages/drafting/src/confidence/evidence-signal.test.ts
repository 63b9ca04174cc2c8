import { describe, expect, test } from 'vitest'
import { salesOrder } from '../testing/shop-profile.ts'
import { tableProfile } from '../testing/table-profile-fixture.ts'
import { type ClaimKind, claimsOf } from './claims.ts'
import { evidenceScore } from './evidence-signal.ts'
import { evidenceSubject } from './evidence-subject.ts'

const profile = salesOrder()
const about = (column: string | null) => evidenceSubject(profile, column)

describe('worked examples: (supported - contradicted) / (claims + 0.5)', () => {
  test.each([
    // name 1, entity 1: 2 / 2.5
    ['order_number', 'Order number of the sales order.', 0.8],
    // name 1 alone: 1 / 1.5
    ['note', 'Note left at checkout.', 0.6667],
    // name 1, entity 1, values 1: 3 / 3.5
    ['order_status', 'Status of the sales order: new, paid, shipped or cancelled.', 0.8571],
    // name 1, entity 1, reference 1: 3 / 3.5
    ['customer_id', 'Customer of the sales order; refers to sales.customer (customer_id).', 0.8571],
    // name 1 (weight, grams), entity 1, unit 1, kind 1: 4 / 4.5
    ['weight_g', 'Weight of the sales order, in grams.', 0.8889],
    // name 1/2 (weight), entity 1, unit -1, kind 1: 1.5 / 4.5
    ['weight_g', 'Weight of the sales order, in kilograms.', 0.3333],
    // name 0, kind (a date) 1: 1 / 2.5
    ['shipped_at', 'Date of birth.', 0.4],
    // name 1 (net, total), entity 1, range 1, kind 1: 4 / 4.5
    ['net_total', 'Net total of the sales order, from 4.99 to 1799.00.', 0.8889],
    // name 1, entity 1, range -1, kind 1: 2 / 4.5
    ['net_total', 'Net total of the sales order, from 0 to 9999.', 0.4444],
    // name 0, kind -1 (a date, but it is a number): nothing left
    ['net_total', 'Date of delivery.', 0],
    // name 1, entity 1, emptiness 1: 3 / 3.5
    ['note', 'Note on the sales order. Empty for about 90% of the rows.', 0.8571],
    // name 1, entity 1, emptiness -1: 1 / 3.5
    ['order_number', 'Order number of the sales order; may be empty.', 0.2857],
    // name 1, entity 1, uniqueness 1: 3 / 3.5
    ['order_number', 'Order number, unique to each sales order.', 0.8571],
    // name 1, entity 1, reference 1, uniqueness -1 (4,100 distinct in 12,000 rows): 2 / 4.5
    ['customer_id', 'Customer who placed the sales order, unique.', 0.4444],
  ])('%s: %s', (column, text, score) => {
    expect(evidenceScore(text, about(column))).toBeCloseTo(score, 3)
  })
})

test.each<[string, string, ClaimKind, number]>([
  ['order_status', 'One of "new", "paid" and "refunded".', 'Values', 0],
  ['order_status', 'Either "open" or "closed".', 'Values', -1],
  ['net_total', 'Refers to the customer.', 'Reference', -1],
  ['order_id', 'Referenced by order_line.', 'Reference', 1],
  ['order_id', 'Referenced by web_session.', 'Reference', -1],
  ['order_number', 'The primary key.', 'Uniqueness', -1],
  ['order_id', 'The primary key.', 'Uniqueness', 1],
  ['is_gift', 'Whether it is a gift.', 'Kind', 1],
  ['ordered_at', 'Whether it was ordered.', 'Kind', -1],
  ['attributes', 'Attributes as JSON.', 'Kind', 1],
  ['net_total', 'Total as JSON.', 'Kind', -1],
  ['ordered_at', 'Ordered from 2024-02-01 to 2025-11-30.', 'Range', 1],
  ['ordered_at', 'Ordered from 2019-02-01 to 2025-11-30.', 'Range', -1],
  ['shipped_at', 'Optional.', 'Emptiness', 1],
  ['shipped_at', 'Always present.', 'Emptiness', -1],
])('%s: "%s" is a claim on %s worth %d', (column, text, kind, support) => {
  expect(claimsOf(text, about(column))).toContainEqual({ kind, support })
})

test('a table text is checked on its contents, relations and key', () => {
  const text =
    'Sales orders: one row per sales order. Holds order status, net total and weight. Each refers to its customer.'
  expect(claimsOf(text, about(null)).map(({ kind }) => kind)).toEqual([
    'Name',
    'Entity',
    'Contents',
    'Relation',
    'Uniqueness',
  ])
  expect(evidenceScore(text, about(null))).toBeCloseTo(5 / 5.5, 3)
  expect(claimsOf('A view of orders.', about(null))).toContainEqual({ kind: 'Kind', support: -1 })
})

test('a name that says nothing supports nothing, whatever the text makes of it', () => {
  expect(evidenceScore('Flag that marks premium customers.', about('flg2'))).toBeLessThan(0.5)
})

test('a text that admits not to know stays low, one that cannot name its codes stays medium', () => {
  expect(
    evidenceScore('Undocumented code of the sales order: 0, 3 or 7.', about('x_legacy_status')),
  ).toBeLessThanOrEqual(0.35)
  expect(
    evidenceScore(
      'Legacy status of the sales order: 0, 3 or 7. The meaning of the values is not documented.',
      about('x_legacy_status'),
    ),
  ).toBe(0.65)
})

test('values held back are no evidence', () => {
  const held = tableProfile({
    path: 'a.person',
    columns: [{ name: 'nick', type: 'text', samples: ['xx', 'yy'], heldBack: 'Personal' }],
  })
  expect(
    claimsOf('Nick of the person, such as xx and yy.', evidenceSubject(held, 'nick')).map(({ kind }) => kind),
  ).not.toContain('Values')
})

test('saying what a sound comment says is supported; a comment that names and values contradict is not evidence', () => {
  const commented = tableProfile({
    path: 'shop.product',
    columns: [
      { name: 'vat_rate', type: 'numeric', comment: 'Value added tax in percent.' },
      { name: 'weight_g', type: 'integer', comment: 'Price of the product in euros.' },
    ],
  })
  // name 1/2, comment 1: 1.5 / 2.5
  expect(evidenceScore('Value added tax in percent.', evidenceSubject(commented, 'vat_rate'))).toBeCloseTo(0.6, 3)
  expect(evidenceScore('Price of the product in euros.', evidenceSubject(commented, 'weight_g'))).toBeLessThan(0.35)
})
