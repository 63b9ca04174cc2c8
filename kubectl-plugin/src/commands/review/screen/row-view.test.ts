import { expect, test } from 'vitest'
import { resultRow } from '../../../results/result-row-fixture.ts'
import type { Verdict } from '../verdict.ts'
import { groupRows, inPathOrder, type RowView, sortRows, type ViewOptions, viewOf } from './row-view.ts'

const rows = [
  resultRow('b.t', { kind: 'Table', score: 0.5 }),
  resultRow('b.t.z', {
    score: 0.9,
    alternatives: [{ text: 'Much longer than any other text.', score: 1, fallback: false }],
  }),
  resultRow('b.t-x.a', { score: null }),
  resultRow('a.u.c', { score: 0.7, state: 'Skipped' }),
]

const usual: ViewOptions = { filter: null, closed: new Set(), verdicts: new Map() }
const byPath = inPathOrder(rows)

function listed({ entries }: RowView): string[] {
  return entries.map((entry) => (entry.kind === 'row' ? entry.row.path : `[${entry.key} ${entry.rows.length}]`))
}

test.each([
  // A table stands before its columns and those before other tables, whatever their names hold.
  ['path', ['a.u.c', 'b.t', 'b.t.z', 'b.t-x.a']],
  ['confidence', ['b.t.z', 'a.u.c', 'b.t', 'b.t-x.a']],
  ['name', ['b.t-x.a', 'a.u.c', 'b.t', 'b.t.z']],
  ['length', ['b.t.z', 'b.t-x.a', 'a.u.c', 'b.t']],
  ['alternatives', ['a.u.c', 'b.t', 'b.t-x.a', 'b.t.z']],
  ['unreviewed', ['b.t', 'b.t-x.a', 'a.u.c', 'b.t.z']],
] as const)('rows are sorted by %s, then by path', (sort, paths) => {
  const verdicts = new Map<string, Verdict>([['b.t.z', { verdict: 'Reject' }]])
  expect(sortRows(byPath, sort, verdicts).map(({ path }) => path)).toEqual(paths)
})

test('groups have heads; of a closed one nothing else is shown, and its rows still count', () => {
  const view = viewOf(groupRows(byPath, 'table'), { ...usual, closed: new Set(['b.t']) })
  expect(listed(view)).toEqual(['[a.u 1]', 'a.u.c', '[b.t 2]', '[b.t-x 1]', 'b.t-x.a'])
  expect(view.rows).toHaveLength(4)
  expect(listed(viewOf(groupRows(byPath, 'schema'), usual))[2]).toBe('[b 3]')
})

test('the same table of two databases is two groups', () => {
  const other = resultRow('b.t', { id: 'other', target: 'z', databaseProfile: 'copy' })
  const view = viewOf(groupRows([...rows.slice(0, 1), other], 'table'), usual)
  expect(listed(view).filter((line) => line.startsWith('['))).toEqual([
    '[postgresql://pg:5432/shop  b.t 1]',
    '[copy  b.t 1]',
  ])
})
