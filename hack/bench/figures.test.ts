import { expect, test } from 'vitest'
import { figureTable } from './figures.ts'

test('says of each figure whether it reaches what it should', () => {
  const table = figureTable([
    { name: 'to review', value: 8.24, unit: 's', reach: 9 },
    { name: 'statements', value: 120, unit: 'statements', reach: 100 },
    { name: 'model calls', value: 60, unit: 'calls', reach: null },
  ])
  expect(table.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['Figure', 'Value', 'Reach'],
    ['to review', '8.24 s', '≤ 9', 'reached'],
    ['statements', '120 statements', '≤ 100', 'missed'],
    ['model calls', '60 calls'],
  ])
})
