import type { RelationKind } from '@amx/api'
import { expect, test } from 'vitest'
import { firstRows, isTooSmall, sampleSource } from './sample-source.ts'

const mebibyte = 1024 * 1024

test.each<[string, RelationKind, number | null, number | null, RegExp]>([
  ['a small table is read from the start', 'Table', 6000, mebibyte, /^$/],
  ['a view is read from the start', 'View', null, null, /^$/],
  ['a foreign table is read from the start', 'ForeignTable', 10_000_000, null, /^$/],
  ['a table of unknown size is read from the start', 'Table', null, mebibyte, /^$/],
  [
    'rows are drawn from a middling table',
    'Table',
    20_000,
    8 * mebibyte,
    /^ TABLESAMPLE BERNOULLI \(25\.7071\) REPEATABLE \(0\)$/,
  ],
  [
    'pages are drawn from a big table',
    'Table',
    10_000_000,
    4096 * mebibyte,
    /^ TABLESAMPLE SYSTEM \(0\.05\d+\) REPEATABLE \(0\)$/,
  ],
  ['a materialized view is sampled as a table is', 'MaterializedView', 20_000, mebibyte, /BERNOULLI/],
])('%s', (_, kind, rowEstimate, sizeBytes, clause) => {
  const source = sampleSource({ kind, rowEstimate, sizeBytes }, 5000)
  expect(source.clause).toMatch(clause)
  expect(source.limit).toBe(5000)
})

test('a sample of less than half of what was wanted is too small, the first rows never are', () => {
  const drawn = { clause: ' TABLESAMPLE SYSTEM (1)', limit: 1000 }
  expect([isTooSmall(drawn, 499), isTooSmall(drawn, 500), isTooSmall(firstRows(1000), 0)]).toEqual([true, false, false])
})
