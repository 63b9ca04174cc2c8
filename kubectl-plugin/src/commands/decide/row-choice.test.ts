import type { ResultRow } from '@amx/api'
import { expect, test } from 'vitest'
import { resultRow } from '../../results/result-row-fixture.ts'
import { filterOf, itemsOf, type RowChoice, rowQueryOfChoice } from './row-choice.ts'

test.each<[string, RowChoice, object]>([
  ['everything', { all: true }, {}],
  ['High', { high: true }, { minimumConfidence: 'High' }],
  ['Medium alone', { medium: true }, { minimumConfidence: 'Medium', maximumConfidence: 'Medium' }],
  ['Low and no score', { low: true }, { maximumConfidence: 'Low' }],
  ['tables in canonical form', { table: ['"sales"."customer"'] }, { tables: ['sales.customer'] }],
  [
    'columns of one name and type',
    { columnName: 'id', columnType: 'uuid', state: ['Rejected'] },
    { columnName: 'id', dataType: 'uuid', states: ['Rejected'] },
  ],
])('one filter means %s', (_, choice, filter) => {
  expect(filterOf('Accept', choice)).toEqual({ verdict: 'Accept', ...filter })
})

test('two bands at once are a mistake', () => {
  expect(() => filterOf('Skip', { high: true, low: true })).toThrow('choose one of')
})

test('rows are read in the states that the verdict is for', () => {
  expect(rowQueryOfChoice('Reject', { low: true, search: 'id' })).toEqual({
    status: ['Drafted'],
    state: ['Unreviewed', 'Skipped'],
    band: ['Low', 'None'],
    search: 'id',
  })
  expect(rowQueryOfChoice('Restore', {}).state).toEqual(['Accepted', 'Skipped', 'Rejected'])
})

const rows: readonly ResultRow[] = [
  resultRow('sales.customer.email', { revision: 4, databaseProfile: 'prod-pg' }),
  resultRow('sales.customer.note', { alternatives: [{ text: 'A placeholder', score: null, fallback: true }] }),
  resultRow('sales.order.id', { applyOutcome: 'Applied' }),
]

test('items name what was seen and leave out what cannot be decided', () => {
  const [email] = itemsOf('Accept', rows, {})
  expect(email).toEqual({
    asset: 'sales.customer.email',
    target: 'prod-pg',
    verdict: 'Accept',
    alternative: 1,
    revision: 4,
  })
  expect(itemsOf('Accept', rows, {})).toHaveLength(1)
  expect(itemsOf('Skip', rows, {}).map(({ asset }) => asset)).toEqual(['sales.customer.email', 'sales.customer.note'])
  expect(itemsOf('Skip', rows, { filter: 'note$' })).toHaveLength(1)
})

test('with texts, a file holds the words that are accepted', () => {
  const [email] = itemsOf('Accept', rows, { withTexts: true })
  expect(email).toMatchObject({ text: rows[0]?.alternatives[0]?.text })
  expect(email).not.toHaveProperty('alternative')
})

test('a pattern that is none is told', () => {
  expect(() => itemsOf('Accept', rows, { filter: '(' })).toThrow('--filter (:')
})
