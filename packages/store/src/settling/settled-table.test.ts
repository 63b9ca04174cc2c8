import { expect, test } from 'vitest'
import { settledTable, type TableDraft } from './settled-table.ts'

const bands = { high: 0.75, medium: 0.5 }
const draft: TableDraft = {
  signal: 'Evidence',
  alternatives: [
    { text: 'Orders.', score: 0.8, fallback: false },
    { text: 'What was ordered.', score: null, fallback: false },
  ],
  warnings: ['before'],
  columns: { planned: 10, drafted: 10, low: 0 },
}

test('columns that are all understood change nothing', () => {
  expect(settledTable(draft, bands)).toBeNull()
  expect(settledTable({ ...draft, columns: { planned: 0, drafted: 0, low: 0 } }, bands)).toBeNull()
})

// Evidence: score * (1 - 0.3 * (1 - (drafted - low) / planned)).
test.each([
  [{ planned: 10, drafted: 10, low: 5 }, 0.68, 'Medium', []],
  [{ planned: 10, drafted: 10, low: 10 }, 0.56, 'Medium', ['10 of 10 Low']],
  [{ planned: 10, drafted: 8, low: 0 }, 0.752, 'High', ['2 of 10 columns']],
  [{ planned: 4, drafted: 2, low: 2 }, 0.56, 'Medium', ['2 of 4 columns', '2 of 2 Low']],
] as const)('with %o the evidence score is %d, %s', (columns, score, band, words) => {
  const settled = settledTable({ ...draft, columns }, bands)
  expect(settled).toMatchObject({ score, band })
  expect(settled?.alternatives.map((alternative) => alternative.score)).toEqual([score, null])
  expect(settled?.warnings).toEqual(['before', ...words.map((word) => expect.stringContaining(word))])
})

test('a score that does not measure evidence stays, with the warning beside it', () => {
  const settled = settledTable({ ...draft, signal: 'Judge', columns: { planned: 2, drafted: 1, low: 0 } }, bands)
  expect(settled).toMatchObject({ score: 0.8, band: 'High' })
  expect(settled?.warnings).toHaveLength(2)
})
