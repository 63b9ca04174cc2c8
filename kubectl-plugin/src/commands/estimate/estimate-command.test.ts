import type { EstimateAnswer, EstimateRequest } from '@amx/api'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

const answer: EstimateAnswer = {
  tables: 47,
  columns: 1283,
  calls: 282,
  inputTokens: 300_000,
  outputTokens: 160_000,
  stages: [
    { purpose: 'draft', calls: 141, inputTokens: 160_000, outputTokens: 150_000, costUsd: '1.9' },
    { purpose: 'judge', calls: 141, inputTokens: 140_000, outputTokens: 10_000, costUsd: '0.45' },
  ],
  costUsd: '2.35',
  priceTable: '2026-11-01',
  catalogFrom: '2026-11-20T09:00:00.000Z',
}
const object = (kind: string, name: string, spec: object) => ({
  apiVersion: 'amx.dev/v1alpha1',
  kind,
  metadata: { name, namespace: 'team-a', uid: 'u', resourceVersion: '1', generation: 1 },
  spec,
})
const kinds = '/apis/amx.dev/v1alpha1/namespaces/team-a'
const answers: Record<string, object> = {
  [`${kinds}/llmprofiles/openai`]: object('LLMProfile', 'openai', {
    provider: 'OpenAI',
    model: 'gpt-4o',
    generation: { alternatives: 2 },
  }),
  [`${kinds}/databaseprofiles/prod-pg`]: object('DatabaseProfile', 'prod-pg', {
    backend: 'PostgreSQL',
    postgresql: { host: 'pg.example.com', database: 'shop' },
    readerSecretRef: { name: 'reader' },
  }),
}

let served: StoredRunsFixture
beforeAll(async () => {
  served = await serveStoredRuns([], 2, { answers })
})
beforeEach(() => {
  answers['/api/v1/namespaces/team-a/estimate'] = answer
})
afterAll(() => served.stop())

const flags = ['--database', 'prod-pg', '--llm', 'openai']
const lastRequest = () => JSON.parse(served.posted.at(-1) ?? '{}') as EstimateRequest

describe('estimate', () => {
  test('asks with the settings the run would have, and shows every stage', async () => {
    const { code, stdout, stderr } = await served.amx([
      'estimate',
      'sales',
      ...flags,
      '--set',
      'generation.verbosity=Detailed',
    ])
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(lastRequest()).toMatchObject({
      targets: [{ databaseKey: 'postgresql://pg.example.com:5432/shop', scope: { include: ['sales'] } }],
      model: { provider: 'OpenAI', model: 'gpt-4o', price: null },
      generation: { alternatives: 2, verbosity: 'Detailed', columnBatchSize: 10 },
    })
    expect(stdout.trimEnd().split('\n')).toEqual([
      '47 tables, 1,283 columns',
      '',
      'STAGE   CALLS   INPUT    OUTPUT   COST',
      'draft   141     160000   150000   $1.9',
      'judge   141     140000   10000    $0.45',
      'total   282     300000   160000   $2.35',
    ])
    expect(stderr).toContain('since 2026-11-20T09:00:00Z')
  })

  test('counts as it is told for a database that no run has read', async () => {
    await served.amx(['estimate', ...flags, '--tables', '3', '--columns', '10'])
    expect(lastRequest().tables).toEqual([
      { columns: 4, includeTable: true },
      { columns: 3, includeTable: true },
      { columns: 3, includeTable: true },
    ])
  })

  test('says unknown where no price is known', async () => {
    answers['/api/v1/namespaces/team-a/estimate'] = { ...answer, costUsd: null, priceTable: null }
    const { stdout, stderr } = await served.amx(['estimate', ...flags])
    expect(stdout).toMatch(/total .*unknown/)
    expect(stderr).toContain('kubectl amx prices')
  })

  test('goes to programs', async () => {
    expect(JSON.parse((await served.amx(['estimate', ...flags, '-o', 'json'])).stdout)).toEqual(answer)
    const csv = await served.amx(['estimate', ...flags, '-o', 'csv'])
    expect(csv.stdout.split('\r\n')[1]).toBe('draft,141,160000,150000,1.9')
  })

  test('of a profile that does not exist exits with 3', async () => {
    expect(await served.amx(['estimate', '--database', 'nowhere', '--llm', 'openai'])).toMatchObject({ code: 3 })
  })

  test('of a number that is none exits with 2', async () => {
    expect(await served.amx(['estimate', ...flags, '--tables', 'many'])).toMatchObject({ code: 2 })
  })
})
