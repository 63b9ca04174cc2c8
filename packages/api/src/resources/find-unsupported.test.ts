import { describe, expect, test } from 'vitest'
import { confidenceSignals, providers } from '../vocabulary.ts'
import type { DatabaseProfileSpec } from './database-profile.ts'
import { findUnsupported } from './find-unsupported.ts'
import type { LLMProfileSpec } from './llm-profile.ts'
import type { MetadataRunSpec } from './metadata-run.ts'
import { databaseProfile, minimalRunSpec, modelProfile } from './resource-fixtures.ts'

const ref = { databaseProfileRef: { name: 'pg' } }

function unsupported(
  run: Partial<MetadataRunSpec>,
  database: Partial<DatabaseProfileSpec>,
  model: Partial<LLMProfileSpec>,
) {
  return findUnsupported({
    run: { spec: { ...minimalRunSpec, ...run } },
    databaseProfiles: [databaseProfile(), databaseProfile(database, 'other')],
    llmProfile: modelProfile(model),
  })
}

describe('a run', () => {
  test.each<[string, Partial<MetadataRunSpec>]>([
    ['nothing special', {}],
    [
      'every scope field',
      {
        targets: [
          {
            ...ref,
            scope: {
              include: ['a'],
              exclude: ['b'],
              tablePattern: 'x',
              kinds: ['View', 'Schema', 'Database'],
              tableLimit: 3,
              missingOnly: true,
            },
          },
        ],
      },
    ],
    [
      'defaults written out',
      {
        generation: { batchAPI: false, deduplicate: true, confidenceSignal: 'SelfConsistency' },
        budget: { maximumCost: '5.00', maximumTokens: 10, onExhausted: 'Review' },
        contextRefs: [{ name: 'handbook' }],
      },
    ],
    [
      'automatic review and apply',
      {
        review: { strategy: 'Auto', accept: 'All' },
        apply: { policy: 'OnAccept', existing: 'Replace', onDrift: 'Overwrite', dryRun: true },
      },
    ],
    [
      'suspension, deadline and time to live',
      { desiredState: 'Suspend', activeDeadline: '1h', ttlAfterFinished: '1h' },
    ],
    [
      'a part of a source to apply',
      { type: 'Apply', source: { runRef: { name: 'a' }, target: 'pg', assets: ['sales'] } },
    ],
    ['a source to roll back', { type: 'Rollback', source: { runRef: { name: 'a' } } }],
    [
      'every supported generation field',
      {
        generation: {
          alternatives: 5,
          alternativesMode: 'Lexical',
          bands: { high: '0.9' },
          promptDetail: 'Full',
          verbosity: 'Exhaustive',
          instructions: 'x',
          reasoning: { effort: 'High' },
          confidenceSignal: 'None',
        },
      },
    ],
  ])('with %s is taken', (_, run) => {
    expect(unsupported(run, {}, {})).toBeNull()
  })
})

describe('a DatabaseProfile', () => {
  test.each<[string, Partial<DatabaseProfileSpec>]>([
    ['spec.backend: ClickHouse of DatabaseProfile "other"', { backend: 'ClickHouse' }],
  ])('with %s is named', (field, database) => {
    expect(unsupported({}, database, {})).toBe(field)
  })
})

describe('batches of a provider', () => {
  const field = 'spec.generation.batchAPI: true with provider Kimi'

  test.each(['OpenAI', 'Anthropic'] as const)('are taken where %s has them', (provider) => {
    expect(unsupported({ generation: { batchAPI: true } }, {}, { provider })).toBeNull()
  })

  test('are refused by name where the provider has none, unless the run leaves them', () => {
    const provider = 'Kimi'
    const profile = { provider, generation: { batchAPI: true } } as const
    expect(unsupported({ generation: { batchAPI: true } }, {}, { provider })).toBe(field)
    expect(unsupported({}, {}, profile)).toBe(`${field} of LLMProfile "llm"`)
    expect(unsupported({ generation: { batchAPI: false } }, {}, profile)).toBeNull()
  })
})

describe('an LLMProfile', () => {
  test('of the built-in drafter has no embedding model, any other may', () => {
    const embeddings = { model: 'text-embedding-3-small' }
    expect(unsupported({}, {}, { provider: 'BuiltIn', embeddings })).toBe(
      'spec.embeddings with provider BuiltIn of LLMProfile "llm"',
    )
    expect(unsupported({}, {}, { provider: 'OpenAI', embeddings })).toBeNull()
  })

  test.each(providers)('of provider %s is taken', (provider) => {
    expect(unsupported({}, {}, { provider })).toBeNull()
  })

  test.each(confidenceSignals)('with signal %s is taken', (confidenceSignal) => {
    const model = { provider: 'OpenAI', generation: { confidenceSignal } } as const
    expect(unsupported({ generation: { confidenceSignal } }, {}, model)).toBeNull()
  })

  test.each(['Logprob', 'SelfDeclared', 'Judge'] as const)('of the built-in drafter has no signal %s', (signal) => {
    const generation = { confidenceSignal: signal }
    const field = `spec.generation.confidenceSignal: ${signal} with provider BuiltIn`
    expect(unsupported({ generation }, {}, { provider: 'BuiltIn' })).toBe(field)
    expect(unsupported({}, {}, { provider: 'BuiltIn', generation })).toBe(`${field} of LLMProfile "llm"`)
    const overridden = { generation: { confidenceSignal: 'Evidence' } } as const
    expect(unsupported(overridden, {}, { provider: 'BuiltIn', generation })).toBeNull()
  })

  test('with every limit is taken', () => {
    expect(
      unsupported({}, {}, { provider: 'OpenAI', limits: { requestsPerMinute: 60, tokensPerMinute: 1 } }),
    ).toBeNull()
  })
})

test('a run without a model is taken', () => {
  expect(
    findUnsupported({
      run: { spec: { type: 'Apply', source: { runRef: { name: 'a' } } } },
      databaseProfiles: [],
      llmProfile: null,
    }),
  ).toBeNull()
})
