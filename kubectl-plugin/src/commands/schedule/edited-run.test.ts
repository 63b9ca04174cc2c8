import type { MetadataRunSpec } from '@amx/api'
import { expect, test } from 'vitest'
import type { GivenOptions } from '../run/complete-options.ts'
import { editedRun } from './edited-run.ts'

const run: MetadataRunSpec = {
  type: 'Analyze',
  targets: [
    { databaseProfileRef: { name: 'pg' }, scope: { include: ['sales'], exclude: ['sales.tmp'], tableLimit: 9 } },
  ],
  llmProfileRef: { name: 'openai' },
  generation: { alternatives: 5, reasoning: { effort: 'Low', budgetTokens: 1024 } },
  review: { strategy: 'Auto', accept: 'High' },
  apply: { policy: 'OnAccept' },
  budget: { maximumTokens: 1_000 },
}

const scopeOf = (scope: object) => ({ targets: [{ databaseProfileRef: { name: 'pg' }, scope }] })

test.each<[string, readonly string[], GivenOptions, Partial<MetadataRunSpec>]>([
  ['nothing', [], {}, {}],
  ['other assets', ['shop'], {}, scopeOf({ include: ['shop'], exclude: ['sales.tmp'], tableLimit: 9 })],
  ['everything', [], { all: true }, scopeOf({ exclude: ['sales.tmp'], tableLimit: 9 })],
  ['no limit', [], { limit: '0' }, scopeOf({ include: ['sales'], exclude: ['sales.tmp'] })],
  [
    'another pattern, and only what is missing',
    [],
    { filter: '^stg_', missingOnly: true },
    scopeOf({ include: ['sales'], exclude: ['sales.tmp'], tableLimit: 9, tablePattern: '^stg_', missingOnly: true }),
  ],
  [
    'other databases, with the same scope',
    [],
    { database: ['a/b', 'c'] },
    {
      targets: [
        { databaseProfileRef: { name: 'a' }, database: 'b', scope: run.targets?.[0]?.scope ?? {} },
        { databaseProfileRef: { name: 'c' }, scope: run.targets?.[0]?.scope ?? {} },
      ],
    },
  ],
  ['another model', [], { llm: 'claude' }, { llmProfileRef: { name: 'claude' } }],
  ['who reviews', [], { review: 'manual' }, { review: { strategy: 'Manual' } }],
  [
    'what is accepted, of the strategy that is there',
    [],
    { accept: 'all' },
    { review: { strategy: 'Auto', accept: 'All' } },
  ],
  ['what becomes of comments', [], { replace: true }, { apply: { policy: 'OnAccept', existing: 'Replace' } }],
  ['its cost', [], { budget: '2.50' }, { budget: { maximumTokens: 1_000, maximumCost: '2.50' } }],
  [
    'how it drafts',
    [],
    { set: ['generation.reasoning.effort=High'], instructions: 'Be brief.' },
    {
      generation: {
        alternatives: 5,
        reasoning: { effort: 'High', budgetTokens: 1024 },
        instructions: 'Be brief.',
      },
    },
  ],
])('of a run %s is changed and the rest stays', (_, scope, options, changed) => {
  expect(editedRun(run, scope, options)).toEqual({ ...run, ...changed })
})

test('a run without a scope gets one', () => {
  const { targets: _, ...rest } = run
  const all = { ...rest, targets: [{ databaseProfileRef: { name: 'pg' } }] }
  expect(editedRun(all, ['sales'], {}).targets).toEqual([
    { databaseProfileRef: { name: 'pg' }, scope: { include: ['sales'] } },
  ])
  expect(editedRun(all, [], { all: true })).toEqual(all)
})

test('assets and --all exclude each other, and --accept needs a strategy', () => {
  expect(() => editedRun(run, ['sales'], { all: true })).toThrow('exclude each other')
  expect(() => editedRun({ type: 'Analyze' }, [], { accept: 'all' })).toThrow('--review auto')
})
