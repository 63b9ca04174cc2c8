import { expect, test } from 'vitest'
import { clarityOf, phraseOf, readName, splitName } from './name-words.ts'

test.each([
  ['order_date', ['order', 'date']],
  ['OrderDate', ['order', 'date']],
  ['customerID', ['customer', 'id']],
  ['HTTPStatus', ['http', 'status']],
  ['address2', ['address', '2']],
  ['"Größe in cm"', ['größe', 'in', 'cm']],
])('%s is split into its words', (name, tokens) => {
  expect(splitName(name)).toEqual(tokens)
})

test.each([
  ['qty', 'quantity'],
  ['cust_addr', 'customer address'],
  ['prod_desc', 'product description'],
  ['unitprice', 'unit price'],
  ['customerid', 'customer identifier'],
  ['dob', 'date of birth'],
  ['email', 'e-mail address'],
  ['vat_rate', 'value added tax rate'],
])('%s reads as %s', (name, phrase) => {
  expect(phraseOf(readName(name))).toBe(phrase)
})

test.each([['first_name'], ['shipped_at'], ['qty'], ['unit_price'], ['status'], ['reports_to']])(
  '%s is clear',
  (name) => {
    expect(clarityOf(readName(name))).toBe(1)
  },
)

test.each([['flg2'], ['bwart'], ['kunnr'], ['xq_7'], ['c_a'], ['val1'], ['field_12'], ['42']])(
  '%s says nothing',
  (name) => {
    expect(clarityOf(readName(name))).toBe(0)
  },
)

test('a name that is half a word is half clear', () => {
  expect(clarityOf(readName('xqz_status'))).toBe(0.5)
})

test('a word of another language is told from a fragment, but counts for less than a known one', () => {
  expect(readName('strasse')).toEqual([{ token: 'strasse', word: 'strasse', kind: 'Plausible' }])
  expect(clarityOf(readName('strasse'))).toBe(0.6)
})

test('a name that every object of the language knows is a word like another', () => {
  expect(readName('constructor_id').map(({ word }) => word)).toEqual(['constructor', 'identifier'])
})
