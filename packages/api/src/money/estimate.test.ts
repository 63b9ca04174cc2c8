import { describe, expect, test } from 'vitest'
import type { GenerationSettings } from '../wire/settings.ts'
import type { PricedModel } from './cost-of.ts'
import { batchesOf, estimateBatch, estimateRun } from './estimate.ts'
import recorded from './recorded-usage.json' with { type: 'json' }

const stub: PricedModel = { provider: 'OpenAICompatible', model: 'stub', price: null }
const gpt: PricedModel = { provider: 'OpenAI', model: 'gpt-4o', price: null }
const generation = recorded.runs[0]?.generation as GenerationSettings

describe('the estimate of a run is within a quarter of what it used', () => {
  test.each(recorded.runs.map((run) => [run.name, run] as const))('%s', (_, run) => {
    const estimate = estimateRun(run.tables, run.generation as GenerationSettings, stub)
    const { draft } = run.used
    expect(estimate.calls / draft.calls).toBe(1)
    for (const tokens of ['inputTokens', 'outputTokens'] as const) {
      const ratio = estimate[tokens] / draft[tokens]
      expect(ratio, tokens).toBeGreaterThan(0.75)
      expect(ratio, tokens).toBeLessThan(1.25)
    }
  })
})

test.each([
  [{ columns: 23, includeTable: true }, [10, 10, 3], [true, false, false]],
  [{ columns: 10, includeTable: false }, [10], [false]],
  [{ columns: 0, includeTable: true }, [0], [true]],
  [{ columns: 0, includeTable: false }, [], []],
])('%o is asked for in batches, the table with the first', (table, columns, withTable) => {
  const batches = batchesOf(table, 10)
  expect(batches.map((batch) => batch.columns)).toEqual(columns)
  expect(batches.map((batch) => batch.includeTable)).toEqual(withTable)
})

describe('what a call takes grows with', () => {
  const batch = { columns: 10, includeTable: true, otherColumns: 20 }
  const base = estimateBatch(batch, generation, stub)
  test.each<[string, Partial<GenerationSettings>, 'inputTokens' | 'outputTokens']>([
    ['detail', { promptDetail: 'Full' }, 'inputTokens'],
    ['names of other columns', { otherColumnNames: -1 }, 'inputTokens'],
    ['instructions', { instructions: 'Say euros, never EUR.' }, 'inputTokens'],
    ['verbosity', { verbosity: 'Detailed' }, 'outputTokens'],
    ['alternatives', { alternatives: 5 }, 'outputTokens'],
  ])('%s', (_, change, tokens) => {
    expect(estimateBatch(batch, { ...generation, ...change }, stub)[tokens]).toBeGreaterThan(base[tokens])
  })

  test('the effort of a model that thinks, and of no other', () => {
    const high = { ...generation, reasoning: { effort: 'High', budgetTokens: 0 } }
    const thinking = { provider: 'OpenAI', model: 'gpt-5-mini' } as const
    expect(estimateBatch(batch, high, thinking).outputTokens).toBeGreaterThan(
      estimateBatch(batch, generation, thinking).outputTokens,
    )
    expect(estimateBatch(batch, high, stub)).toEqual(base)
  })
})

test('a judge is a stage of its own, with a call per batch', () => {
  const estimate = estimateRun([{ columns: 25, includeTable: true }], { ...generation, confidenceSignal: 'Judge' }, gpt)
  expect(estimate.stages.map(({ purpose, calls }) => [purpose, calls])).toEqual([
    ['draft', 3],
    ['judge', 3],
  ])
  expect(Number(estimate.costUsd)).toBeCloseTo(
    estimate.stages.reduce((sum, { costUsd }) => sum + Number(costUsd), 0),
    9,
  )
})

test('a model without a known price has tokens and no cost, not 0', () => {
  const estimate = estimateRun([{ columns: 5, includeTable: true }], generation, stub)
  expect(estimate.inputTokens).toBeGreaterThan(0)
  expect(estimate).toMatchObject({ costUsd: null, priceTable: null })
})

test('the built-in drafter calls nobody and costs nothing', () => {
  const estimate = estimateRun([{ columns: 5, includeTable: true }], generation, { ...stub, provider: 'BuiltIn' })
  expect(estimate).toMatchObject({ tables: 1, columns: 5, calls: 0, inputTokens: 0, outputTokens: 0, costUsd: '0' })
})

test('first questions in batches of the provider cost half, a judge what it always costs', () => {
  const judged = { ...generation, confidenceSignal: 'Judge' } as const
  const costs = (batchAPI: boolean) =>
    estimateRun([{ columns: 25, includeTable: true }], { ...judged, batchAPI }, gpt).stages.map(({ costUsd }) =>
      Number(costUsd),
    )
  const [draft = 0, judge = 0] = costs(false)
  expect(costs(true)).toEqual([expect.closeTo(draft / 2, 6), judge])
})
