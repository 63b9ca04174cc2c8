import type { RunSummary } from '@amx/api'
import type { RunFigures } from '@amx/store'
import { describe, expect, test } from 'vitest'
import { bestCells } from './best-cells.ts'
import { runMetrics } from './run-metrics.ts'

interface Given {
  readonly drafted?: number
  readonly mean?: number | null
  readonly cost?: string | null
  readonly unpriced?: number
  readonly accepted?: number
  readonly rejected?: number
  readonly figures?: Partial<RunFigures>
}

function run(name: string, given: Given = {}): RunFigures {
  const { drafted = 10, mean = 0.7, cost = '1', unpriced = 0, accepted = 0, rejected = 0, figures = {} } = given
  const summary = {
    name,
    columns: { planned: 10, profiled: 10, drafted, skipped: 0, failed: 10 - drafted },
    confidence: { high: 5, medium: 3, low: 2, none: 0, mean },
    review: { unreviewed: 0, accepted, skipped: 0, rejected, queued: 0 },
    cost: { amount: cost, calls: 4, inputTokens: 100, outputTokens: 50, unpricedCalls: unpriced, unknownCalls: 0 },
  } as RunSummary
  const rest = { databaseKeys: ['k'], edited: 0, acceptedByPolicy: 0, warned: 0, draftedInMs: 1000 }
  return { summary, signal: 'SelfConsistency', ...rest, ...figures }
}

type Case = [what: string, metric: string, runs: RunFigures[], scope: boolean, winners: number[], why: string | null]

const cases: Case[] = [
  ['more is better', 'coverage', [run('a'), run('b', { drafted: 8 })], true, [0], null],
  ['less is better', 'cost', [run('a', { cost: '2' }), run('b')], true, [1], null],
  ['several tie', 'cost', [run('a'), run('b'), run('c', { cost: '3' })], true, [0, 1], null],
  ['all alike have no winner', 'cost', [run('a'), run('b')], true, [], null],
  ['one unknown among two has no winner', 'mean confidence', [run('a', { mean: null }), run('b')], true, [], null],
  ['medium is neither good nor bad', 'medium', [run('a'), run('b')], true, [], null],
  [
    'what grows with the scope needs one scope',
    'cost',
    [run('a', { cost: '2' }), run('b')],
    false,
    [],
    'the runs cover different assets',
  ],
  ['a rate compares over any scope', 'coverage', [run('a'), run('b', { drafted: 8 })], false, [0], null],
  [
    'scores of two signals do not compare',
    'mean confidence',
    [run('a', { mean: 0.9 }), run('b', { figures: { signal: 'Logprob' } })],
    true,
    [],
    'confidence is measured by SelfConsistency and Logprob',
  ],
  [
    'a cost that is known in part does not compare',
    'cost per column',
    [run('a', { cost: '2' }), run('b', { unpriced: 1 })],
    true,
    [],
    'not every call of b has a known price',
  ],
  [
    'what a policy accepted is no praise',
    'accepted unchanged',
    [
      run('a', { accepted: 9, rejected: 1, figures: { acceptedByPolicy: 9 } }),
      run('b', { accepted: 4, rejected: 1, figures: { edited: 1 } }),
    ],
    true,
    [1],
    null,
  ],
]

test.each(cases)('%s', (_, name, runs, sameScope, winners, notCompared) => {
  const metric = runMetrics(runs, { sameScope }).find((candidate) => candidate.name === name)
  expect([metric?.winners, metric?.notCompared]).toEqual([winners, notCompared])
})

describe('of two texts of an asset', () => {
  const cell = (
    text: string | null,
    score: number | null,
    tokenProbability: number | null = null,
    signal = 'Judge',
  ) => ({
    text,
    score,
    tokenProbability,
    signal,
  })
  const one = { oneModel: true }
  test.each([
    ['the more probable one wins', [cell('a', 0.9, 0.2), cell('b', 0.1, 0.8)], one, [1]],
    [
      'probabilities of two models do not compare, scores do',
      [cell('a', 0.9, 0.2), cell('b', 0.1, 0.8)],
      { oneModel: false },
      [0],
    ],
    ['a text nobody weighed leaves it to the scores', [cell('a', 0.9, 0.2), cell('b', 0.1)], one, [0]],
    ['scores of two signals do not compare', [cell('a', 0.9), cell('b', 0.1, null, 'Logprob')], one, []],
    ['the same text needs no winner', [cell('a', 0.9), cell('a', 0.1)], one, []],
    ['a text has no rival in its absence', [cell('a', 0.9), null], one, []],
    ['equal scores tie, and nobody wins', [cell('a', 0.9), cell('b', 0.9)], one, []],
    ['two of three may tie', [cell('a', 0.9), cell('b', 0.9), cell('c', 0.1)], one, [0, 1]],
  ])('%s', (_, cells, models, expected) => {
    expect(bestCells(cells, models)).toEqual(expected)
  })
})
