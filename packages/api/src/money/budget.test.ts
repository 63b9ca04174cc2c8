import { expect, test } from 'vitest'
import { budgetError, budgetOf, fitBudget, roundedDollars, type Spending } from './budget.ts'

const spent = (tokens: number, costUsd: string | null): Spending => ({ tokens, costUsd })
const unit = spent(100, '0.1')
const unpriced = spent(100, null)

test.each([
  ['no limit of cost', { maximumCostUsd: null, maximumTokens: 0 }, spent(0, null), [unpriced, unpriced], 2, null],
  ['room for all', { maximumCostUsd: '1', maximumTokens: 1_000 }, spent(0, '0'), [unit, unit], 2, null],
  [
    'a cost that is met exactly',
    { maximumCostUsd: '0.3', maximumTokens: 0 },
    spent(0, '0.1'),
    [unit, unit, unit],
    2,
    'Exhausted',
  ],
  [
    'tokens that are met exactly',
    { maximumCostUsd: null, maximumTokens: 200 },
    spent(0, null),
    [unpriced, unpriced, unpriced],
    2,
    'Exhausted',
  ],
  ['the tighter limit', { maximumCostUsd: '100', maximumTokens: 150 }, spent(0, '0'), [unit, unit], 1, 'Exhausted'],
  ['what is spent already', { maximumCostUsd: '0.3', maximumTokens: 0 }, spent(900, '0.29'), [unit], 0, 'Exhausted'],
  ['an overspent run', { maximumCostUsd: '0.3', maximumTokens: 0 }, spent(900, '0.5'), [unit], 0, 'Exhausted'],
  [
    'a small unit behind a large one, which waits its turn',
    { maximumCostUsd: '0.3', maximumTokens: 0 },
    spent(0, '0'),
    [spent(1, '0.4'), unit],
    0,
    'Exhausted',
  ],
  [
    'an unknown price under a limit of cost',
    { maximumCostUsd: '1', maximumTokens: 0 },
    spent(0, '0'),
    [unpriced],
    0,
    'PriceUnknown',
  ],
  ['a limit of nothing', { maximumCostUsd: '0', maximumTokens: 0 }, spent(0, '0'), [unit], 0, 'Exhausted'],
  ['calls that cost nothing', { maximumCostUsd: '0', maximumTokens: 0 }, spent(0, '0'), [spent(100, '0')], 1, null],
  ['nothing wanted', { maximumCostUsd: '0', maximumTokens: 0 }, spent(9, '9'), [], 0, null],
] as const)('a budget lets through what fits: %s', (_, budget, used, wanted, fits, refusal) => {
  const answer = fitBudget(budget, used, wanted)
  expect(answer.fits).toBe(fits)
  expect(answer.refusal?.kind ?? null).toBe(refusal)
})

test.each([
  [undefined, null],
  [{}, null],
  [{ maximumTokens: 0 }, null],
  [{ maximumTokens: 5 }, { maximumCostUsd: null, maximumTokens: 5 }],
  [{ maximumCost: '0' }, { maximumCostUsd: '0', maximumTokens: 0 }],
])('a spec of %o is the budget %o', (spec, budget) => {
  expect(budgetOf(spec)).toEqual(budget)
})

test('a refusal says the limit, what is used, what is wanted and how to go on', () => {
  const budget = { maximumCostUsd: '0.3', maximumTokens: 5_000 }
  const error = budgetError(budget, { kind: 'Exhausted', used: spent(4_000, '0.2812345678'), wanted: unit }, 'gpt-4o')
  expect(error.message).toBe(
    'the budget of $0.3 and 5000 tokens is used up: $0.281235 and 4000 tokens are spent or in flight, and the next batch would take about $0.1 and 100 tokens',
  )
  expect(error.remedy).toContain('spec.budget')
  expect(budgetError(budget, { kind: 'PriceUnknown', used: unit, wanted: unpriced }, 'my-own').message).toContain(
    '"my-own"',
  )
})

test.each([
  ['12.3456', '12.35'],
  ['0.00000049', '0'],
  ['0.1234567', '0.123457'],
  ['1', '1'],
])('$%s is shown as $%s', (exact, shown) => {
  expect(roundedDollars(exact)).toBe(shown)
})
