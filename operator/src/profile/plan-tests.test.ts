import type { DatabaseProfile, LLMProfile } from '@amx/api'
import { describe, expect, it } from 'vitest'
import { type Profile, partSecrets, planTests, testIntervalMs, testRequest } from './plan-tests.ts'

const metadata = (annotations: Record<string, string>) => ({
  ...{ name: 'p', namespace: 'team', uid: 'u', resourceVersion: '1', generation: 1, annotations },
  creationTimestamp: '2026-01-01T00:00:00Z',
})

function database(spec: Partial<DatabaseProfile['spec']> = {}, annotations: Record<string, string> = {}): Profile {
  const object: DatabaseProfile = {
    ...{ apiVersion: 'amx.dev/v1alpha1', kind: 'DatabaseProfile', metadata: metadata(annotations) },
    spec: {
      backend: 'PostgreSQL',
      postgresql: { host: 'pg', tls: { caSecretRef: { name: 'ca' } } },
      readerSecretRef: { name: 'reader' },
      ...spec,
    },
  }
  return { kind: 'DatabaseProfile', object }
}

function model(spec: LLMProfile['spec']): Profile {
  const object = { apiVersion: 'amx.dev/v1alpha1', kind: 'LLMProfile', metadata: metadata({}), spec } as const
  return { kind: 'LLMProfile', object }
}

const planned = (profile: Profile) => {
  const plan = planTests(profile)
  switch (plan.kind) {
    case 'Test':
      return plan.parts.map(({ part }) => part).join()
    case 'Refused':
      return plan.error.code
    case 'BuiltIn':
      return 'BuiltIn'
  }
}

const withWriter = { writerSecretRef: { name: 'writer' } }

describe('what is tested', () => {
  it.each<[string, Profile, string]>([
    ['a reader', database(), 'Reader'],
    ['a reader and a writer', database(withWriter), 'Reader,Writer'],
    ['a model', model({ provider: 'OpenAI', model: 'gpt-4o' }), 'Model'],
    ['nothing of the built-in drafter', model({ provider: 'BuiltIn' }), 'BuiltIn'],
    ['nothing of a backend without adapter', database({ backend: 'BigQuery', bigquery: { project: 'p' } }), 'AMX-1002'],
    [
      'nothing of a model that no run could use',
      model({ provider: 'Anthropic', model: 'claude', embeddings: { model: 'e' } }),
      'AMX-1001',
    ],
    ['nothing of a profile whose interval says nothing', database({}, { 'amx.dev/test-every': 'often' }), 'AMX-1001'],
  ])('is %s', (_, profile, wanted) => {
    expect(planned(profile)).toBe(wanted)
  })

  it('is without a database the sign-in alone', () => {
    const plan = planTests(database())
    expect(plan).toMatchObject({
      parts: [{ pinned: false, connection: { database: 'postgres', tlsMode: 'verify-full' } }],
    })
  })

  it('is another test when the connection or a Secret is another one, and the same when only runs mind', () => {
    const digest = (profile: Profile) => {
      const plan = planTests(profile)
      return plan.kind === 'Test' ? plan.specDigest : null
    }
    expect(digest(database({ profiling: { sampleRows: 1 } }))).toBe(digest(database()))
    expect(digest(database({ readerSecretRef: { name: 'another' } }))).not.toBe(digest(database()))
    expect(digest(database({ postgresql: { host: 'elsewhere' } }))).not.toBe(digest(database()))
  })
})

it('gives each part the Secret of its own credential, and the CA', () => {
  const names = (part: 'Reader' | 'Writer') =>
    partSecrets(database(withWriter), part).map(({ secretName }) => secretName)
  expect(names('Reader')).toEqual(['reader', 'ca'])
  expect(names('Writer')).toEqual(['writer', 'ca'])
})

describe('how often', () => {
  it.each<[string | undefined, number | null]>([
    [undefined, 3_600_000],
    ['24h', 86_400_000],
    ['1m', 60_000],
    ['never', null],
  ])('%s', (every, wanted) => {
    expect(testIntervalMs(database({}, every === undefined ? {} : { 'amx.dev/test-every': every }))).toBe(wanted)
  })

  it('never more often than every minute', () => {
    expect(() => testIntervalMs(database({}, { 'amx.dev/test-every': '5s' }))).toThrow('shorter than a minute')
  })
})

it('a request is one that was not handled yet', () => {
  const asked = database({}, { 'amx.dev/test': 'now' })
  expect(testRequest(asked)).toBe('now')
  const handled = { ...asked.object, status: { lastHandledRequest: 'now' } } as DatabaseProfile
  expect(testRequest({ kind: 'DatabaseProfile', object: handled })).toBeNull()
  expect(testRequest(database({}, { 'amx.dev/test': '' }))).toBeNull()
})
