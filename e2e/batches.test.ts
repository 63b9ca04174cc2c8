import { startLlmStub } from '@amx/hack/llm-stub'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  applyRun,
  killPods,
  namespace,
  neverTested,
  openSystem,
  type System,
  until,
  untilPhase,
  workerPods,
} from './system.ts'

let system: System
let stub: Awaited<ReturnType<typeof startLlmStub>>

beforeAll(async () => {
  system = openSystem()
  stub = await startLlmStub({ batchMs: 4_000 })
  await system.kubectl.apply([
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'batch-key', namespace },
      stringData: { apiKey: 'sk-batch' },
    },
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'LLMProfile',
      metadata: { name: 'batch-stub', namespace, annotations: neverTested },
      spec: { provider: 'OpenAI', model: 'gpt-4o', baseURL: stub.url, apiKeySecretRef: { name: 'batch-key' } },
    },
  ])
})

afterAll(() => stub?.stop())

test('a run drafts through the batches of its provider, at half the price and over the death of its worker', async () => {
  const name = await applyRun(system, {
    include: ['catalog'],
    llmProfile: 'batch-stub',
    spec: { generation: { batchAPI: true, instructions: 'In batches.' } },
  })
  await until('a batch is with the provider', async () => stub.batches() > 0)
  await killPods(system, namespace, ...(await workerPods(system, name, 'draft')))
  const run = await untilPhase(system, name, 'AwaitingReview', 'Failed')
  expect(run.status?.phase, JSON.stringify(run.status?.lastError)).toBe('AwaitingReview')
  const { planned = 0, drafted, skipped = 0 } = run.status?.columns ?? {}
  expect(drafted).toBe(planned - skipped)

  const { calls, answeredAgain } = stub.report()
  expect(answeredAgain).toEqual([])
  expect(run.status?.cost).toMatchObject({ calls: calls.length, unknownCalls: 0 })
  // gpt-4o: $2.50 and $10.00 a million tokens.
  const full = calls.reduce((sum, { tokens }) => sum + (tokens.input * 2.5 + tokens.output * 10) / 1e6, 0)
  expect(Number(run.status?.cost?.amount)).toBeCloseTo(full / 2, 4)
})

test('a provider without batches is refused by name', async () => {
  await system.kubectl.apply([
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'LLMProfile',
      metadata: { name: 'no-batches', namespace, annotations: neverTested },
      spec: { provider: 'OpenAICompatible', model: 'stub', baseURL: stub.url },
    },
  ])
  const name = await applyRun(system, {
    include: ['catalog'],
    llmProfile: 'no-batches',
    spec: { generation: { batchAPI: true } },
  })
  const run = await untilPhase(system, name, 'Failed')
  expect(run.status?.lastError?.message).toContain('batchAPI: true with provider OpenAICompatible')
})
