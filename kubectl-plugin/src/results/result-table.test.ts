import { expect, test } from 'vitest'
import { resultRow } from './result-row-fixture.ts'
import { resultTable } from './result-table.ts'

const rows = [
  resultRow('sales.customer.name', { calibrated: 0.874, tokenProbability: 0.5 }),
  resultRow('sales.customer.note', { calibrated: null }),
]

test('the wide table shows beside the score what it proved to be worth and how probable the text was', () => {
  const [heads = '', first = '', second = ''] = resultTable(rows, { wide: true, headers: true, width: null })
  expect(heads.split(/ {2,}/).slice(0, 6)).toEqual([
    'ASSET',
    'BAND',
    'SCORE',
    'STATE',
    'CALIBRATED',
    'TOKEN PROBABILITY',
  ])
  expect(first.split(/ {2,}/).slice(2, 6)).toEqual(['0.90', 'Unreviewed', '0.87', '0.50'])
  expect(second.split(/ {2,}/).slice(2, 6)).toEqual(['0.90', 'Unreviewed', '-', '-'])
})

test('the plain table has no more columns than before', () => {
  expect(resultTable(rows, { wide: false, headers: true, width: null })[0]).not.toContain('CALIBRATED')
})
