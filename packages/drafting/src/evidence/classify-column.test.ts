import { expect, test } from 'vitest'
import { type FixtureColumn, foreignKey, tableProfile } from '../testing/table-profile-fixture.ts'
import { classifyColumn } from './classify-column.ts'
import { columnFacts } from './column-facts.ts'

const values = (...listed: string[]) => listed.map((value) => ({ value, rows: 200 }))

const cases: [expected: string, column: FixtureColumn][] = [
  ['Identifier', { name: 'customer_id', type: 'integer' }],
  ['ForeignKey', { name: 'country_id', type: 'integer' }],
  ['Identifier', { name: 'partner_uuid', type: 'uuid' }],
  ['Identifier', { name: 'ean', type: 'text' }],
  ['Code', { name: 'order_status', type: 'text', frequencies: values('new', 'paid', 'shipped') }],
  ['Code', { name: 'kind', type: 'sales.kind', enumValues: ['a', 'b'] }],
  ['Code', { name: 'country_code', type: 'char(2)', pattern: 'CountryCode' }],
  ['Code', { name: 'bwart', type: 'smallint', frequencies: values('101', '201', '301') }],
  ['Measure', { name: 'unit_price', type: 'numeric(12,2)' }],
  ['Measure', { name: 'quantity', type: 'integer', frequencies: values('1', '2', '3', '4') }],
  ['DateTime', { name: 'shipped_at', type: 'timestamp with time zone' }],
  ['DateTime', { name: 'birth', type: 'text', pattern: 'ISODate' }],
  ['DateTime', { name: 'release_year', type: 'integer' }],
  ['Flag', { name: 'is_active', type: 'boolean' }],
  ['Flag', { name: 'newsletter_flag', type: 'char(1)', frequencies: values('Y', 'N') }],
  ['Text', { name: 'first_name', type: 'text' }],
  ['Text', { name: 'city', type: 'text', frequencies: values('Aarhus', 'Berlin') }],
  ['Text', { name: 'delivery_note', type: 'text', pattern: 'FreeText' }],
  ['Nested', { name: 'attributes', type: 'jsonb' }],
  ['Nested', { name: 'tags', type: 'text[]' }],
  ['Audit', { name: 'created_at', type: 'timestamptz' }],
  ['Audit', { name: 'LastModifiedBy', type: 'text' }],
  ['Audit', { name: 'etl_batch_id', type: 'integer' }],
]

test.each(cases)('%s: $name', (expected, column) => {
  const profile = tableProfile({
    path: 'sales.sample',
    columns: [{ name: 'sample_id', type: 'integer' }, column],
    primaryKey: ['sample_id'],
    uniqueKeys: [['ean']],
    foreignKeysOut: [foreignKey('country_id', 'sales.country', 'country_id')],
  })
  const facts = columnFacts(profile, column.name)
  expect(facts === null ? null : classifyColumn(facts)).toBe(expected)
})

test('the one column of the primary key is an identifier whatever its name', () => {
  const facts = columnFacts(
    tableProfile({ path: 'a.b', columns: [{ name: 'code', type: 'text' }], primaryKey: ['code'] }),
    'code',
  )
  expect(facts === null ? null : classifyColumn(facts)).toBe('Identifier')
})

test('a check that lists values closes them, one that does more does not', () => {
  const columns = [{ name: 'size', type: 'text' }]
  const listed = tableProfile({
    path: 'a.b',
    columns,
    checks: [{ name: 'c', expression: `(size = ANY (ARRAY['s'::text, 'm'::text]))` }],
  })
  expect(columnFacts(listed, 'size')).toMatchObject({ values: ['s', 'm'], valuesAreClosed: true })
  const more = tableProfile({
    path: 'a.b',
    columns,
    checks: [{ name: 'c', expression: `((size = ANY (ARRAY['s'::text])) OR (other = 'x'))` }],
  })
  expect(columnFacts(more, 'size')).toMatchObject({ values: [], valuesAreClosed: false })
})
