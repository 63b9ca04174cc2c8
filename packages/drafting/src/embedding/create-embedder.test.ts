import type { ModelSettings } from '@amx/api'
import { cosine } from '@amx/retrieval'
import { describe, expect, test } from 'vitest'
import { recordedLedger } from '../testing/recorded-ledger.ts'
import { type StubAnswer, startRouteStub } from '../testing/route-stub.ts'
import { modelSettings } from '../testing/table-profile-fixture.ts'
import { createEmbedder } from './create-embedder.ts'

const never = new AbortController().signal

/** A reply of the embeddings API, its vectors out of order as servers may give them. */
function vectorsOf(...vectors: readonly (readonly number[])[]): StubAnswer {
  const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })).toReversed()
  return { body: { object: 'list', data, model: 'embed-1', usage: { prompt_tokens: 12, total_tokens: 12 } } }
}

async function setting(change: Partial<ModelSettings>, ...answers: readonly StubAnswer[]) {
  const stub = await startRouteStub(...answers)
  const limits = { concurrency: 2, timeoutMs: 2_000, retries: 1 }
  const model = modelSettings({ baseURL: stub.url, limits, embeddings: { model: 'embed-1', baseURL: null }, ...change })
  const embedder = createEmbedder(model, 'key-1234')
  if (embedder === null) throw new Error('no embedder')
  const ledger = recordedLedger()
  return {
    stub,
    ledger,
    embed: (texts: readonly string[], given = ledger) => embedder.embed(texts, given, never),
    async [Symbol.asyncDispose]() {
      await embedder.close()
      await stub[Symbol.asyncDispose]()
    },
  }
}

test('texts go out in one call and come back as unit vectors in their order', async () => {
  await using given = await setting({}, vectorsOf([3, 0, 0], [0, 0.5, 0], [1, 1, 0]))
  const embedded = await given.embed(['a', 'b', 'c'])
  expect(given.stub.requests).toHaveLength(1)
  expect(given.stub.requests[0]).toMatchObject({
    path: '/embeddings',
    body: { model: 'embed-1', input: ['a', 'b', 'c'], encoding_format: 'float' },
    headers: { authorization: 'Bearer key-1234' },
  })
  const [a, b, c] = 'vectors' in embedded ? embedded.vectors : []
  if (a === undefined || b === undefined || c === undefined) throw new Error('a vector is missing')
  expect(cosine(a, a)).toBeCloseTo(1)
  expect(cosine(a, b)).toBeCloseTo(0)
  expect(cosine(a, c)).toBeCloseTo(Math.SQRT1_2, 2)
})

test('a call is announced with its texts, priced by its own model, and kept for the next who asks', async () => {
  await using given = await setting(
    { provider: 'OpenAI', price: { inputPerMillion: '99', cachedInputPerMillion: null, outputPerMillion: '99' } },
    vectorsOf([1, 0], [0.6, 0.8]),
  )
  const fresh = await given.embed(['a', 'b'])
  const [call] = given.ledger.calls
  expect(call?.intent).toMatchObject({
    purpose: 'embedding',
    model: 'embed-1',
    messages: [
      { role: 'input', content: 'a' },
      { role: 'input', content: 'b' },
    ],
  })
  // No table has a price for a model of this name, and that of the drafting model is not its own.
  expect(call?.outcome).toMatchObject({
    outcome: 'Succeeded',
    costUsd: null,
    usage: { inputTokens: 12, outputTokens: 0 },
  })
  const reply = call?.outcome?.reply
  if (reply === null || reply === undefined || call === undefined) throw new Error('no reply was kept')
  const cached = await given.embed(['a', 'b'], recordedLedger(new Map([[call.intent.requestDigest, reply]])))
  expect(given.stub.requests).toHaveLength(1)
  expect(cached).toMatchObject({ vectors: 'vectors' in fresh ? fresh.vectors : [] })
})

test('the key of the profile is not sent to another server', async () => {
  await using other = await setting({}, vectorsOf([1, 0]))
  const embedder = createEmbedder(
    modelSettings({ baseURL: 'http://model.example:8080', embeddings: { model: 'embed-1', baseURL: other.stub.url } }),
    'key-1234',
  )
  await embedder?.embed(['a'], recordedLedger(), never)
  await embedder?.close()
  expect(other.stub.requests[0]?.headers.authorization).not.toContain('key-1234')
})

describe('a failure is told, not thrown', () => {
  test.each([
    ['a wrong key', { status: 401, body: { error: { message: 'bad key' } } }, 'AMX-3001'],
    ['an unknown model', { status: 404, body: { error: { message: 'no such model' } } }, 'AMX-3003'],
  ] as const)('%s, and is not asked for again', async (_, answer, code) => {
    await using given = await setting({}, answer)
    const first = await given.embed(['a'])
    expect('failure' in first && first.failure).toContain(code)
    expect(given.ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Failed', error: { code } })
    const second = await given.embed(['b'])
    expect('failure' in second && second.failure).toContain(code)
    expect(given.stub.requests).toHaveLength(1)
  })

  test.each<[string, StubAnswer, string]>([
    ['a server that is down', { status: 503, body: {} }, 'AMX-3011'],
    ['a reset', 'reset', 'AMX-3005'],
    ['fewer vectors than texts', vectorsOf([1, 0]), 'AMX-3011'],
    ['vectors of unlike length', vectorsOf([1, 0], [1, 0, 0]), 'AMX-3011'],
  ])('%s is tried again and asked again by the next batch', async (_, answer, code) => {
    await using given = await setting({}, answer)
    const first = await given.embed(['a', 'b'])
    expect('failure' in first && first.failure).toContain(code)
    await given.embed(['a', 'c'])
    expect(given.stub.requests.length).toBeGreaterThan(2)
  })
})

test('a profile without embedding model has no embedder', () => {
  expect(createEmbedder(modelSettings({ baseURL: 'http://x' }), undefined)).toBeNull()
})

test('a provider without embeddings API needs an address', () => {
  const model = modelSettings({ provider: 'Anthropic', embeddings: { model: 'e', baseURL: null } })
  expect(() => createEmbedder(model, 'k')).toThrow(/AMX-1001|spec.embeddings.baseURL/)
})
