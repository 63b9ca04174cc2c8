import { verbosities } from '@amx/api'
import { describe, expect, test } from 'vitest'
import { columnFacts } from '../evidence/column-facts.ts'
import { salesOrder } from '../testing/shop-profile.ts'
import { type FixtureColumn, type FixtureTable, foreignKey, tableProfile } from '../testing/table-profile-fixture.ts'
import { describeColumn } from './describe-column.ts'

function describing(column: FixtureColumn, table: Partial<FixtureTable> = {}): string {
  const { columns = [], ...rest } = table
  const profile = tableProfile({ path: 'sales.orders', ...rest, columns: [column, ...columns] })
  const facts = columnFacts(profile, column.name)
  return facts === null ? '' : (describeColumn(facts, profile, 'Brief')[0] ?? '')
}

const values = (...listed: string[]) => listed.map((value) => ({ value, rows: 100 }))

test.each<[string, FixtureColumn, string, Partial<FixtureTable>?]>([
  [
    'a surrogate key',
    { name: 'order_id', type: 'bigint' },
    'Unique identifier of the order; the primary key of the table.',
    { primaryKey: ['order_id'] },
  ],
  [
    'a natural key',
    { name: 'order_code', type: 'text' },
    'Code of the order, unique and used as the primary key.',
    { primaryKey: ['order_code'] },
  ],
  [
    'an identifier of something else',
    { name: 'carrier_id', type: 'integer' },
    'Identifier of the carrier recorded for the order.',
  ],
  ['minutes', { name: 'labour_min', type: 'integer' }, 'Number of labour minutes of the order.'],
  ['a minimum', { name: 'price_min', type: 'numeric' }, 'Minimum price of the order.'],
  ['an energy', { name: 'battery_wh', type: 'integer' }, 'Battery of the order, in watt hours.'],
  ['a warehouse', { name: 'source_wh', type: 'text' }, 'Source warehouse of the order.'],
  ['cents', { name: 'fee_ct', type: 'integer' }, 'Fee of the order, in cents.'],
  ['a consent', { name: 'marketing_consent', type: 'boolean' }, 'Whether the order gave marketing consent.'],
  [
    'a foreign key',
    { name: 'cust_id', type: 'integer' },
    'Customer of the order; refers to customer (id).',
    { foreignKeysOut: [foreignKey('cust_id', 'sales.customer', 'id')] },
  ],
  [
    'a foreign key with a role',
    { name: 'sales_rep_id', type: 'integer' },
    'Sales representative of the order; refers to hr.employee (id).',
    { foreignKeysOut: [foreignKey('sales_rep_id', 'hr.employee', 'id')] },
  ],
  [
    'a foreign key with a verb',
    { name: 'approved_by', type: 'integer' },
    'Employee by whom the order was approved; refers to hr.employee (id).',
    { foreignKeysOut: [foreignKey('approved_by', 'hr.employee', 'id')] },
  ],
  [
    'a foreign key to the same table',
    { name: 'parent_order_id', type: 'integer' },
    'Parent order of the order; refers to orders (order_id).',
    { foreignKeysOut: [foreignKey('parent_order_id', 'sales.orders', 'order_id')] },
  ],
  [
    'a foreign key whose name says nothing',
    { name: 'fk_7', type: 'integer' },
    'Customer of the order; refers to customer (id).',
    { foreignKeysOut: [foreignKey('fk_7', 'sales.customer', 'id')] },
  ],
  [
    'an enumeration',
    { name: 'status', type: 'status', enumValues: ['new', 'paid', 'sent'] },
    'Status of the order: new, paid or sent.',
  ],
  [
    'a code with observed values',
    { name: 'channel', type: 'text', frequencies: values('web', 'app') },
    'Channel of the order: web or app.',
  ],
  [
    'a code with many values',
    { name: 'region', type: 'text', frequencies: values(...'abcdefghij'.split('').map((c) => `${c}xy`)) },
    'Region of the order, such as axy, bxy, cxy and dxy.',
  ],
  [
    'a code that says nothing by itself',
    { name: 'reason_code', type: 'text', frequencies: values('R1', 'R2') },
    'Reason code of the order: R1 or R2. The meaning of the values is not documented.',
  ],
  [
    'a country',
    { name: 'country', type: 'char(2)', pattern: 'CountryCode', frequencies: values('DE', 'DK') },
    'Country code of the order: DE or DK.',
  ],
  ['a measure with its unit', { name: 'weight_kg', type: 'numeric' }, 'Weight of the order, in kilograms.'],
  ['a measure that is its unit', { name: 'milliseconds', type: 'integer' }, 'Duration of the order, in milliseconds.'],
  [
    'a measure with the unit inside',
    { name: 'height_cm_max', type: 'integer' },
    'Maximum height of the order, in centimeters.',
  ],
  [
    'an amount beside a currency',
    { name: 'total_amt', type: 'numeric' },
    'Total amount of the order, in the currency given by curr_cd.',
    { columns: [{ name: 'curr_cd', type: 'text' }] },
  ],
  ['a count', { name: 'line_cnt', type: 'integer' }, 'Number of lines of the order.'],
  ['a moment', { name: 'shipped_at', type: 'timestamp' }, 'Date and time when the order was shipped.'],
  ['a moment by itself', { name: 'expired_on', type: 'date' }, 'Date when the order expired.'],
  ['the moment of the entity', { name: 'order_dt', type: 'date' }, 'Date of the order.'],
  ['a start of validity', { name: 'valid_from', type: 'date' }, 'Date from which the order is valid.'],
  ['a birth date', { name: 'birth_date', type: 'date' }, 'Date of birth of the order.'],
  ['a flag', { name: 'is_active', type: 'boolean' }, 'Whether the order is active.'],
  ['a flag of a noun', { name: 'is_gift', type: 'boolean' }, 'Whether the order is a gift.'],
  ['a flag of an adjective', { name: 'fragile', type: 'boolean' }, 'Whether the order is fragile.'],
  [
    'a flag with letters',
    { name: 'paid_flg', type: 'char(1)', frequencies: values('Y', 'N') },
    'Whether the order is paid: Y or N.',
  ],
  ['a flag of having', { name: 'has_attachment', type: 'boolean' }, 'Whether the order has an attachment.'],
  ['a text', { name: 'delivery_note', type: 'text', pattern: 'FreeText' }, 'Delivery note of the order, in free text.'],
  ['nested data', { name: 'payload', type: 'jsonb' }, 'Payload of the order, kept as JSON.'],
  ['an audit time', { name: 'created_at', type: 'timestamp' }, 'Date and time when the order record was created.'],
  ['an audit user', { name: 'updated_by', type: 'text' }, 'User by whom the order record was last updated.'],
  [
    'a name that says nothing',
    { name: 'bwart', type: 'char(3)', frequencies: values('101', '201') },
    'Undocumented code of the order: 101 or 201. Neither name nor values tell what it means.',
  ],
])('%s', (_, column, text, table) => {
  expect(describing(column, table)).toBe(text)
})

describe('values', () => {
  test('that were masked are not named', () => {
    expect(describing({ name: 'flg2', type: 'text', samples: ['##', 'Aaaa', 'a***b'] })).not.toMatch(/#|Aaaa|\*/)
  })

  test('that were held back are not named', () => {
    const held = { name: 'channel', type: 'text', frequencies: values('web', 'app'), heldBack: 'Personal' } as const
    expect(describing(held)).toBe('Channel of the order.')
  })

  test('that are whole numbers in a row are named by their ends', () => {
    expect(describing({ name: 'rating', type: 'smallint', frequencies: values('5', '4', '2', '3', '1') })).toBe(
      'Rating of the order: whole numbers from 1 to 5.',
    )
  })
})

describe.each(verbosities)('verbosity %s', (verbosity) => {
  const profile = salesOrder()
  const texts = profile.catalog.columns.map(({ name }) => {
    const facts = columnFacts(profile, name)
    return { name, texts: facts === null ? [] : describeColumn(facts, profile, verbosity) }
  })

  test('gives five different texts that are sentences and never open with the name or "This column"', () => {
    for (const column of texts) {
      expect(new Set(column.texts).size, column.name).toBe(5)
      for (const text of column.texts) {
        expect(text).toMatch(/^[A-Z].*\.$/)
        expect(text).not.toMatch(/^This column|\.\.|undefined|null|\s{2}/)
        expect(text.startsWith(`${column.name} `)).toBe(false)
      }
    }
  })

  test('reads', () => {
    expect(texts.map((column) => `${column.name}: ${column.texts[0]}`).join('\n')).toMatchSnapshot()
  })
})
