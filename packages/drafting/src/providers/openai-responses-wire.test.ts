import { describe, expect, test } from 'vitest'
import { createModelDrafter } from '../draft-with-model.ts'
import type { DraftBatchRequest } from '../drafting.ts'
import { replySchemas } from '../prompt/reply-schema.ts'
import { recordedLedger } from '../testing/recorded-ledger.ts'
import { goodAnswer } from '../testing/route-setting.ts'
import { type StubAnswer, startRouteStub } from '../testing/route-stub.ts'
import { generationSettings, modelSettings, tableProfile } from '../testing/table-profile-fixture.ts'
import { createRoute } from './create-route.ts'
import { createOpenAIResponsesWire } from './openai-responses-wire.ts'

// Replies after the examples of https://developers.openai.com/api/reference/resources/responses.

const columns = ['name', 'price']
const profile = tableProfile({ path: 'shop.product', columns: columns.map((name) => ({ name, type: 'text' })) })

function response(output: readonly object[], change: object = {}) {
  return {
    headers: { 'x-request-id': 'req_1' },
    body: {
      id: 'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b',
      object: 'response',
      created_at: 1_741_476_542,
      status: 'completed',
      error: null,
      incomplete_details: null,
      model: 'gpt-5-mini-2025-08-07',
      output,
      usage: {
        input_tokens: 1_000,
        input_tokens_details: { cached_tokens: 600 },
        output_tokens: 300,
        output_tokens_details: { reasoning_tokens: 120 },
        total_tokens: 1_300,
      },
      ...change,
    },
  }
}

function said(content: object) {
  return { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content: [content] }
}

const thought = { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: '**Two columns.**' }] }
const good = response([thought, said({ type: 'output_text', text: goodAnswer, annotations: [] })])

async function drafting(...answers: readonly StubAnswer[]) {
  const stub = await startRouteStub(...answers)
  const limits = { concurrency: 2, timeoutMs: 400, retries: 1 }
  const model = modelSettings({ provider: 'OpenAI', model: 'gpt-5-mini', baseURL: stub.url, limits })
  const drafter = createModelDrafter(createRoute(model, createOpenAIResponsesWire(model, 'key-1234')))
  const ledger = recordedLedger()
  return {
    stub,
    ledger,
    draft(generation: Partial<DraftBatchRequest['generation']> = {}) {
      const request = { profile, columns, includeTable: false, generation: generationSettings(generation) }
      return drafter.draftBatch(request, ledger, new AbortController().signal)
    },
    async [Symbol.asyncDispose]() {
      await drafter.close()
      await stub[Symbol.asyncDispose]()
    },
  }
}

test('a question is a response that is not stored, held to a schema, with its thought in outline', async () => {
  await using setting = await drafting(good)
  await setting.draft({ reasoning: { effort: 'Medium', budgetTokens: 1_024 } })
  const [rules, asked] = setting.ledger.calls[0]?.intent.messages ?? []
  expect(setting.stub.requests[0]?.path).toBe('/responses')
  expect(setting.stub.requests[0]?.headers['authorization']).toBe('Bearer key-1234')
  expect(setting.stub.requests[0]?.body).toEqual({
    model: 'gpt-5-mini',
    instructions: rules?.content,
    input: [{ role: 'user', content: asked?.content }],
    max_output_tokens: 32_768,
    store: false,
    reasoning: { effort: 'medium', summary: 'auto' },
    text: { format: { type: 'json_schema', name: 'descriptions', strict: true, schema: replySchemas.columnsOnly } },
  })
})

test('texts, thought, usage and cost are kept', async () => {
  await using setting = await drafting(good)
  const { rows } = await setting.draft()
  for (const row of rows) {
    expect(row.alternatives.map(({ fallback }) => fallback)).toEqual([false, false, false])
    expect(row.reasoning).toContain('Thought about the batch: **Two columns.**')
    expect(row.warnings).toEqual([])
  }
  // 400 · 0.25 + 600 · 0.025 + 300 · 2 = 715 dollars per million
  expect(setting.ledger.calls[0]?.outcome).toMatchObject({
    outcome: 'Succeeded',
    usage: { inputTokens: 1_000, cachedInputTokens: 600, outputTokens: 300, reasoningTokens: 120 },
    costUsd: '0.000715',
    requestId: 'req_1',
  })
})

test('a refusal leaves the rows out with the reason', async () => {
  await using setting = await drafting(response([said({ type: 'refusal', refusal: 'I cannot help with that.' })]))
  const { rows } = await setting.draft()
  for (const row of rows) expect(row.skippedReason).toBe('AMX-3007: the model refused: I cannot help with that.')
})

test('a response that the filter cut is a refusal too', async () => {
  const change = { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
  await using setting = await drafting(response([], change))
  const { rows } = await setting.draft()
  for (const row of rows) expect(row.skippedReason).toContain('AMX-3007')
})

test('a response that was cut while thinking is asked for with more room, a cut text is split', async () => {
  const change = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
  const cut = response([said({ type: 'output_text', text: '{"columns"', annotations: [] })], change)
  await using setting = await drafting(response([thought], change), cut, good)
  await setting.draft()
  expect(setting.stub.requests.map(({ body }) => body['max_output_tokens'])).toEqual([32_768, 131_072, 32_768, 32_768])
  expect(setting.ledger.calls.map(({ intent }) => intent.purpose)).toEqual(['draft', 'draft', 'split', 'split'])
})

test('an organization that is not shown thoughts is not asked for them again, and told', async () => {
  const error = {
    message: 'Your organization must be verified to generate reasoning summaries.',
    type: 'invalid_request_error',
    param: 'reasoning.summary',
    code: 'unsupported_value',
  }
  await using setting = await drafting({ status: 400, body: { error } }, good)
  const { rows } = await setting.draft()
  expect(setting.stub.requests.map(({ body }) => body['reasoning'])).toEqual([
    { effort: 'low', summary: 'auto' },
    { effort: 'low' },
  ])
  expect(rows[0]?.warnings).toEqual(['the server does not show what gpt-5-mini thinks'])
})

describe('error classes', () => {
  test.each([
    [401, 'invalid_api_key', 'Incorrect API key provided', 'AMX-3001', 1],
    [429, 'insufficient_quota', 'You exceeded your current quota', 'AMX-3002', 1],
    [404, 'model_not_found', 'The model does not exist', 'AMX-3003', 1],
    [429, 'rate_limit_exceeded', 'Rate limit reached', 'AMX-3004', 2],
    [400, 'invalid_value', 'Unknown parameter', 'AMX-3010', 1],
    [500, 'server_error', 'The server had an error', 'AMX-3011', 2],
  ] as const)('%d %s is %3$s', async (status, code, message, error, tries) => {
    await using setting = await drafting({
      status,
      headers: { 'retry-after': '0' },
      body: { error: { message, code, type: code } },
    })
    await expect(setting.draft()).rejects.toMatchObject({ code: error })
    expect(setting.stub.requests).toHaveLength(tries)
  })

  test.each([
    ['rate_limit_exceeded', 'AMX-3004'],
    ['server_error', 'AMX-3011'],
  ] as const)('a response that failed with %s is %s', async (code, error) => {
    const failed = response([], { status: 'failed', error: { code, message: 'failed' } })
    await using setting = await drafting(failed)
    await expect(setting.draft()).rejects.toMatchObject({ code: error })
    expect(setting.stub.requests).toHaveLength(2)
  })

  test.each([
    ['reset', 'AMX-3005'],
    ['hang', 'AMX-3006'],
  ] as const)('a connection that ends in a %s is %s', async (fault, code) => {
    await using setting = await drafting(fault)
    await expect(setting.draft()).rejects.toMatchObject({ code })
  })
})
