import type { ModelSettings } from '@amx/api'
import { type LlmStubOptions, startLlmStub } from '@amx/hack/llm-stub'
import { describe, expect, test } from 'vitest'
import { createDrafter } from '../create-drafter.ts'
import type { DraftBatchRequest } from '../drafting.ts'
import { recordedLedger } from '../testing/recorded-ledger.ts'
import { generationSettings, modelSettings, tableProfile } from '../testing/table-profile-fixture.ts'

const profile = tableProfile({
  path: 'shop.product',
  columns: [
    { name: 'name', type: 'text' },
    { name: 'price', type: 'numeric' },
  ],
})

interface Setting {
  readonly stub?: LlmStubOptions
  readonly model?: Partial<ModelSettings>
  readonly apiKey?: string
}

/** A stub and a drafter that asks it; both end with the test. */
async function drafting({ stub: stubOptions = {}, model = {}, apiKey }: Setting = {}) {
  const stub = await startLlmStub({ requests: 'Kept', ...stubOptions })
  const settings = modelSettings({ baseURL: stub.url, ...model })
  const drafter = createDrafter({ model: settings, ...(apiKey === undefined ? {} : { apiKey }) })
  const ledger = recordedLedger()
  return {
    stub,
    ledger,
    drafter,
    draft(change: Partial<DraftBatchRequest> = {}, signal = new AbortController().signal) {
      const request = {
        profile,
        columns: ['name', 'price'],
        includeTable: false,
        generation: generationSettings(),
        ...change,
      }
      return drafter.draftBatch(request, ledger, signal)
    },
    async [Symbol.asyncDispose]() {
      await drafter.close()
      await stub.stop()
    },
  }
}

test('a good reply becomes rows with everything known about the call', async () => {
  await using setting = await drafting({
    stub: { tokens: { input: 1_000, output: 500, cached: 800, reasoning: 20 } },
    model: { provider: 'OpenAI', model: 'gpt-4o-mini' },
    apiKey: 'sk-secret-1234',
  })
  const { rows, calls } = await setting.draft({ includeTable: true })
  expect(calls).toBe(1)
  expect(rows.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
    'Table shop.product',
    'Column shop.product.name',
    'Column shop.product.price',
  ])
  for (const row of rows) {
    expect(row.alternatives).toHaveLength(3)
    expect(row.alternatives.every(({ fallback, score }) => !fallback && score !== null)).toBe(true)
    expect(row).toMatchObject({ source: 'profile', warnings: [], skippedReason: null })
  }
  const [call] = setting.ledger.calls
  expect(rows.every(({ callIds }) => callIds.length === 1 && callIds[0] === call?.intent.callId)).toBe(true)
  expect(call?.intent).toMatchObject({ purpose: 'draft', provider: 'OpenAI', model: 'gpt-4o-mini' })
  // 200 · 0.15 + 800 · 0.075 + 500 · 0.60 = 390 dollars per million
  expect(call?.outcome).toMatchObject({
    outcome: 'Succeeded',
    usage: { inputTokens: 1_000, cachedInputTokens: 800, outputTokens: 500, reasoningTokens: 20 },
    costUsd: '0.00039',
    priceTable: '2026-11-01',
    requestId: 'req_stub-000001',
    tries: 1,
    error: null,
  })
  expect(setting.stub.calls()[0]).toMatchObject({
    mode: 'json_schema',
    keyEnding: '1234',
    columns: ['name', 'price'],
    wantTable: true,
    alternatives: 3,
  })
})

test('the evidence of a row stands in the prompt word for word', async () => {
  await using setting = await drafting()
  const { rows } = await setting.draft({ includeTable: true })
  const prompt = setting.ledger.calls[0]?.intent.messages.at(-1)?.content ?? ''
  for (const { evidence } of rows) expect(prompt).toContain(evidence)
})

test('the digest names the request as it is sent: equal questions have equal digests, other settings another', async () => {
  await using setting = await drafting()
  await setting.draft()
  await setting.draft()
  await setting.draft({ generation: generationSettings({ temperature: 0.9 }) })
  const [first, second, third] = setting.ledger.calls.map(({ intent }) => intent.requestDigest)
  expect(first).toBe(second)
  expect(third).not.toBe(first)
})

test('a stored reply is used in place of a call', async () => {
  await using setting = await drafting()
  await setting.draft()
  const [paid] = setting.ledger.calls
  const reply = paid?.outcome?.reply ?? { content: '', finishReason: '' }
  const again = recordedLedger(new Map([[paid?.intent.requestDigest ?? '', reply]]))
  const { rows } = await setting.drafter.draftBatch(
    { profile, columns: ['name', 'price'], includeTable: false, generation: generationSettings() },
    again,
    new AbortController().signal,
  )
  expect(rows.every(({ alternatives }) => alternatives.length === 3)).toBe(true)
  expect(again.calls).toEqual([])
  expect(setting.stub.calls()).toHaveLength(1)
})

describe('faults that pass', () => {
  test.each([
    ['429 with Retry-After', { kind: 'rate-limit', retryAfterSeconds: 0, first: 2 }, 3],
    ['500', { kind: 'server-error', retryAfterSeconds: 0, first: 1 }, 2],
    ['503', { kind: 'unavailable', retryAfterSeconds: 0, first: 1 }, 2],
    ['a reset before the reply', { kind: 'reset-before', first: 1 }, 2],
    ['a reset in the middle of the reply', { kind: 'reset-midway', first: 1 }, 2],
  ] as const)('%s is tried again inside one call', async (_, fault, tries) => {
    await using setting = await drafting({ stub: { faults: [fault] } })
    const { rows } = await setting.draft()
    expect(rows.every(({ alternatives }) => alternatives.length === 3)).toBe(true)
    expect(setting.ledger.calls).toHaveLength(1)
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Succeeded', tries })
    expect(setting.stub.calls()).toHaveLength(tries)
  })

  test.each(['hang', 'hang-midway'] as const)(
    'a try that hangs (%s) is given up after its time limit',
    async (kind) => {
      const limits = { concurrency: 2, timeoutMs: 1_000, retries: 1 }
      await using setting = await drafting({ stub: { faults: [{ kind, first: 1 }] }, model: { limits } })
      const { rows } = await setting.draft()
      expect(rows.every(({ alternatives }) => alternatives.length === 3)).toBe(true)
      expect(setting.ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Succeeded', tries: 2 })
    },
  )

  test('a slow reply within the limit is waited for', async () => {
    await using setting = await drafting({ stub: { faults: [{ kind: 'slow-stream', pieceDelayMs: 20 }] } })
    await setting.draft()
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Succeeded', tries: 1 })
  })
})

describe('faults that stay', () => {
  const limits = { concurrency: 2, timeoutMs: 500, retries: 1 }
  test.each([
    ['rate-limit', 'AMX-3004', 2],
    ['server-error', 'AMX-3011', 2],
    ['reset-before', 'AMX-3005', 2],
    ['hang', 'AMX-3006', 2],
    ['unauthorized', 'AMX-3001', 1],
    ['insufficient-quota', 'AMX-3002', 1],
    ['model-not-found', 'AMX-3003', 1],
  ] as const)('%s ends with %s after %d tries, accounted for once', async (kind, code, tries) => {
    await using setting = await drafting({ stub: { faults: [{ kind, retryAfterSeconds: 0 }] }, model: { limits } })
    await expect(setting.draft()).rejects.toMatchObject({ code })
    expect(setting.stub.calls()).toHaveLength(tries)
    expect(setting.ledger.calls).toHaveLength(1)
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({
      outcome: 'Failed',
      tries,
      usage: null,
      costUsd: null,
      error: { code },
    })
  })

  test('a quota that is used up stops at once even when it comes as 429', async () => {
    await using setting = await drafting({ stub: { faults: [{ kind: 'insufficient-quota', status: 429 }] } })
    await expect(setting.draft()).rejects.toMatchObject({ code: 'AMX-3002' })
    expect(setting.stub.calls()).toHaveLength(1)
  })

  test('a server that is not there is AMX-3005 with what the system says', async () => {
    const gone = await startLlmStub()
    await gone.stop()
    await using setting = await drafting({ model: { baseURL: gone.url, limits } })
    await expect(setting.draft()).rejects.toMatchObject({
      code: 'AMX-3005',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('a wrong key is not printed', async () => {
    await using setting = await drafting({ stub: { apiKey: 'right' }, apiKey: 'sk-wrong-key-000000' })
    await expect(setting.draft()).rejects.toMatchObject({
      code: 'AMX-3001',
      message: expect.not.stringContaining('sk-wrong-key-000000'),
    })
  })
})

describe('an abort', () => {
  test('ends a call in flight, which is accounted for as failed', async () => {
    await using setting = await drafting({ stub: { faults: [{ kind: 'hang' }] } })
    const stopping = new AbortController()
    const drafted = setting.draft({}, stopping.signal)
    await expect.poll(() => setting.stub.calls().length).toBe(1)
    stopping.abort(new Error('told to stop'))
    await expect(drafted).rejects.toThrow('told to stop')
    expect(setting.ledger.calls.map(({ outcome }) => [outcome?.outcome, outcome?.tries])).toEqual([['Failed', 1]])
    await expect.poll(() => setting.stub.calls()[0]?.outcome).not.toBe('pending')
  })

  test('ends the wait before another try', async () => {
    await using setting = await drafting({ stub: { faults: [{ kind: 'rate-limit', retryAfterSeconds: 50 }] } })
    const stopping = new AbortController()
    const drafted = setting.draft({}, stopping.signal)
    await expect.poll(() => setting.stub.calls()[0]?.status).toBe(429)
    stopping.abort(new Error('told to stop'))
    await expect(drafted).rejects.toThrow('told to stop')
    expect(setting.ledger.calls.map(({ outcome }) => [outcome?.outcome, outcome?.tries])).toEqual([['Failed', 1]])
  })

  test('before anything begins makes no call', async () => {
    await using setting = await drafting()
    await expect(setting.draft({}, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late')
    expect(setting.ledger.calls).toEqual([])
  })
})

describe('what a server does not take', () => {
  test('a response format is replaced by the next plainer one, and that is remembered', async () => {
    await using setting = await drafting({ stub: { faults: [{ kind: 'response-format-rejected' }] } })
    await setting.draft()
    await setting.draft({ columns: ['price'] })
    expect(setting.stub.calls().map(({ mode }) => mode)).toEqual(['json_schema', 'json_object', 'json_object'])
    expect(setting.ledger.calls.map(({ outcome }) => outcome?.outcome)).toEqual(['Failed', 'Succeeded', 'Succeeded'])
  })

  test("any other refusal is AMX-3010 in the server's words", async () => {
    await using setting = await drafting({
      stub: {
        faults: [
          { kind: 'logprobs-rejected', message: 'no logprobs' },
          { kind: 'server-error', status: 422, message: 'Unknown field top_k' },
        ],
      },
    })
    await expect(setting.draft()).rejects.toMatchObject({
      code: 'AMX-3010',
      message: expect.stringContaining('Unknown field top_k'),
    })
    expect(setting.stub.calls()).toHaveLength(1)
  })

  test('a temperature is left out from then on', async () => {
    const message = "Unsupported value: 'temperature' does not support 0.2 with this model."
    await using setting = await drafting({
      stub: { faults: [{ kind: 'server-error', status: 400, message, first: 1 }] },
    })
    await setting.draft()
    await setting.draft()
    expect(setting.stub.calls().map(({ request }) => request !== undefined && 'temperature' in request)).toEqual([
      true,
      false,
      false,
    ])
  })

  test("an output limit above the model's is lowered to it", async () => {
    const message = 'max_tokens is too large: 4096. This model supports at most 2048 completion tokens.'
    await using setting = await drafting({
      stub: { faults: [{ kind: 'server-error', status: 400, message, first: 1 }] },
    })
    await setting.draft()
    expect(setting.stub.calls().map(({ request }) => request?.max_tokens)).toEqual([4_096, 2_048])
  })
})

describe('reasoning models', () => {
  const model = { model: 'gpt-5-mini' }

  test('get room to reason, an effort and no temperature', async () => {
    await using setting = await drafting({ model })
    await setting.draft()
    const request: object = setting.stub.calls()[0]?.request ?? {}
    expect(request).toMatchObject({ max_completion_tokens: 32_768, reasoning_effort: 'low' })
    expect(request).not.toHaveProperty('temperature')
    expect(request).not.toHaveProperty('max_tokens')
  })

  test('are asked once more with four times the room when nothing was left for the answer', async () => {
    await using setting = await drafting({ model, stub: { faults: [{ kind: 'empty-for-length', first: 1 }] } })
    const { rows, calls } = await setting.draft()
    expect(rows.every(({ alternatives }) => alternatives.length === 3)).toBe(true)
    expect(calls).toBe(2)
    expect(setting.stub.calls().map(({ request }) => request?.max_completion_tokens)).toEqual([32_768, 131_072])
    expect(setting.ledger.calls.map(({ outcome }) => outcome?.outcome)).toEqual(['Truncated', 'Succeeded'])
  })
})

test.each(['wrong-usage', 'missing-usage'] as const)('%s is unknown usage and unknown cost, never 0', async (kind) => {
  await using setting = await drafting({ stub: { faults: [{ kind }] }, model: { provider: 'OpenAI', model: 'gpt-4o' } })
  await setting.draft()
  expect(setting.ledger.calls[0]?.outcome).toMatchObject({
    outcome: 'Succeeded',
    usage: null,
    costUsd: null,
    priceTable: null,
  })
})

test('connections are kept and as many as the profile allows', async () => {
  await using setting = await drafting({
    stub: { latencyMs: 50 },
    model: { limits: { concurrency: 4, timeoutMs: 10_000, retries: 0 } },
  })
  await Promise.all(Array.from({ length: 12 }, () => setting.draft()))
  expect(setting.stub.report().maximumConcurrency).toBe(4)
})

test('a ledger that cannot begin makes no call, one that cannot end fails the batch', async () => {
  await using setting = await drafting()
  const request = { profile, columns: ['name'], includeTable: false, generation: generationSettings() }
  const { signal } = new AbortController()
  const closed = { ...recordedLedger(), begin: () => Promise.reject(new Error('store down')) }
  await expect(setting.drafter.draftBatch(request, closed, signal)).rejects.toThrow('store down')
  expect(setting.stub.calls()).toHaveLength(0)
  const lost = { ...recordedLedger(), end: () => Promise.reject(new Error('store gone')) }
  await expect(setting.drafter.draftBatch(request, lost, signal)).rejects.toThrow('store gone')
})
