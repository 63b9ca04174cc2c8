import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'
import { runSettingsSchema } from '../wire/settings.ts'
import type { DatabaseProfileSpec } from './database-profile.ts'
import type { LLMProfileSpec } from './llm-profile.ts'
import type { MetadataRunSpec } from './metadata-run.ts'
import { resolveSettings, ttlAfterFinishedMs } from './resolve-settings.ts'
import { databaseProfile, minimalRunSpec, modelProfile } from './resource-fixtures.ts'

interface Given {
  readonly run?: Partial<MetadataRunSpec>
  readonly database?: Partial<DatabaseProfileSpec>
  readonly model?: Partial<LLMProfileSpec>
}

function settingsOf({ run, database, model }: Given = {}) {
  return resolveSettings({
    run: { spec: { ...minimalRunSpec, ...run } },
    databaseProfiles: [databaseProfile(database)],
    llmProfile: modelProfile(model),
    operatorVersion: '0.1.0',
  })
}

test('the smallest run gets every documented default', () => {
  expect(settingsOf()).toEqual({
    version: 1,
    type: 'Analyze',
    targets: [
      {
        profileName: 'pg',
        backend: 'PostgreSQL',
        databaseKey: 'postgresql://pg:5432/shop',
        postgresql: { host: 'pg', port: 5432, database: 'shop', tlsMode: 'verify-full' },
        writable: false,
        scope: {
          include: [],
          exclude: [],
          tablePattern: null,
          kinds: ['Table', 'View', 'MaterializedView', 'ForeignTable'],
          tableLimit: 0,
          missingOnly: false,
        },
        profiling: {
          mode: 'Sampled',
          sampleRows: 5000,
          maximumRows: 1_000_000,
          exactDistinct: false,
          statementTimeoutMs: 120_000,
          connections: 4,
        },
        privacy: { samples: 'Masked', excludeColumns: [] },
      },
    ],
    model: {
      profileName: 'llm',
      provider: 'BuiltIn',
      model: 'built-in',
      baseURL: null,
      hasKey: false,
      limits: { concurrency: 32, timeoutMs: 180_000, retries: 4 },
      price: null,
    },
    generation: {
      alternatives: 3,
      alternativesMode: 'Semantic',
      confidenceSignal: 'SelfConsistency',
      bands: { high: 0.75, medium: 0.5 },
      promptDetail: 'Standard',
      verbosity: 'Brief',
      columnBatchSize: 10,
      otherColumnNames: 0,
      temperature: 0.2,
      maxOutputTokens: 4096,
      reasoning: { effort: 'Low', budgetTokens: 1024 },
      instructions: '',
    },
    review: { strategy: 'Manual', accept: 'High' },
    apply: { policy: 'Never', existing: 'Keep', onDrift: 'Refuse', dryRun: false },
    activeDeadlineMs: 14_400_000,
    promptVersion: '2',
    operatorVersion: '0.1.0',
  })
})

test('settings are what the wire format says', () => {
  expect(Value.Check(runSettingsSchema, settingsOf())).toBe(true)
})

describe('generation', () => {
  test("the run's own value wins over the LLMProfile's, which wins over the default", () => {
    const { generation } = settingsOf({
      run: { generation: { alternatives: 5, reasoning: { effort: 'High' } } },
      model: { generation: { alternatives: 1, verbosity: 'Detailed', reasoning: { budgetTokens: 9 } } },
    })
    expect(generation).toMatchObject({
      alternatives: 5,
      verbosity: 'Detailed',
      promptDetail: 'Standard',
      reasoning: { effort: 'High', budgetTokens: 9 },
    })
  })

  test('a value that means nothing in JavaScript still counts as set', () => {
    const { generation } = settingsOf({
      run: { generation: { instructions: '', otherColumnNames: 0, temperature: '0' } },
      model: { generation: { instructions: 'Write in French.', otherColumnNames: 5, temperature: '1' } },
    })
    expect(generation).toMatchObject({ instructions: '', otherColumnNames: 0, temperature: 0 })
  })

  test('bands that cross only once profile and run are put together are refused', () => {
    expect(() =>
      settingsOf({
        run: { generation: { bands: { high: '0.6' } } },
        model: { generation: { bands: { medium: '0.7' } } },
      }),
    ).toThrowError(/bands: medium \(0.7\) is above high \(0.6\)/)
  })
})

describe('the target', () => {
  test('takes its database from itself where the profile pins none', () => {
    const settings = settingsOf({
      run: { targets: [{ databaseProfileRef: { name: 'pg' }, database: 'other' }] },
      database: { postgresql: { host: 'PG.Data.SVC', port: 6432 } },
    })
    expect(settings.targets[0]?.databaseKey).toBe('postgresql://pg.data.svc:6432/other')
    expect(settings.targets[0]?.postgresql?.database).toBe('other')
  })

  test('is refused when neither it nor the profile names a database', () => {
    expect(() => settingsOf({ database: { postgresql: { host: 'pg' } } })).toThrowError(
      /spec\.targets\[0\]\.database: needed/,
    )
  })

  test('is refused when it names another database than the one the profile is for', () => {
    expect(() =>
      settingsOf({ run: { targets: [{ databaseProfileRef: { name: 'pg' }, database: 'secret' }] } }),
    ).toThrowError(/for the database "shop" only/)
  })

  test('has one key for one database, however odd its name, and IPv6 is bracketed', () => {
    const settings = settingsOf({ database: { postgresql: { host: '::1', database: 'a/b c' } } })
    expect(settings.targets[0]?.databaseKey).toBe('postgresql://[::1]:5432/a%2Fb%20c')
  })

  test('is writable when the profile has a writer', () => {
    expect(settingsOf({ database: { writerSecretRef: { name: 'w' } } }).targets[0]?.writable).toBe(true)
  })
})

test('a profile of another backend is named as not supported yet', () => {
  expect(() =>
    settingsOf({ database: { backend: 'Snowflake', snowflake: { account: 'a', warehouse: 'w' } } }),
  ).toThrowError(/Snowflake of DatabaseProfile "pg"/)
})

test('a length of time that is none is refused with its field', () => {
  expect(() => settingsOf({ run: { activeDeadline: 'soon' } })).toThrowError(/spec\.activeDeadline: "soon"/)
})

test('a run that names no model has none', () => {
  const settings = resolveSettings({
    run: { spec: { type: 'Apply', source: { runRef: { name: 'first' } } } },
    databaseProfiles: [],
    llmProfile: null,
    operatorVersion: '0.1.0',
  })
  expect(settings.model).toBeNull()
  expect(settings.targets).toEqual([])
})

test('the key and the price of the model are carried over, never a secret', () => {
  const { model } = settingsOf({
    model: {
      provider: 'OpenAI',
      model: 'gpt-4o',
      apiKeySecretRef: { name: 'openai' },
      limits: { concurrency: 8, timeout: '1m30s' },
      price: { inputPerMillion: '2.50', outputPerMillion: '10' },
    },
  })
  expect(model).toMatchObject({
    hasKey: true,
    limits: { concurrency: 8, timeoutMs: 90_000, retries: 4 },
    price: { inputPerMillion: '2.50', cachedInputPerMillion: null, outputPerMillion: '10' },
  })
  expect(JSON.stringify(model)).not.toContain('openai"')
})

test('the embedding model is carried over, and a provider without such an API needs an address for it', () => {
  const embeddings = { model: 'embed-1' }
  const { model } = settingsOf({ model: { provider: 'OpenAI', model: 'gpt-4o', embeddings } })
  expect(model?.embeddings).toEqual({ model: 'embed-1', baseURL: null })
  expect(() => settingsOf({ model: { provider: 'Anthropic', model: 'claude', embeddings } })).toThrow(
    /embeddings\.baseURL of LLMProfile/,
  )
})

test('a finished run is kept for a week unless it says otherwise', () => {
  expect(ttlAfterFinishedMs({ spec: minimalRunSpec })).toBe(168 * 3_600_000)
  expect(ttlAfterFinishedMs({ spec: { ...minimalRunSpec, ttlAfterFinished: '1h' } })).toBe(3_600_000)
})

test('the style table is one canonical path, and what names no table is refused', () => {
  const styled = (like: string) => settingsOf({ run: { generation: { style: { like } } } })
  expect(styled('sales."Order"').generation.styleTable).toBe('sales."Order"')
  expect(settingsOf().generation).not.toHaveProperty('styleTable')
  for (const like of ['sales', 'sales.customer.name']) expect(() => styled(like)).toThrow('names no table')
})
