import { describe, expect, test } from 'vitest'
import { replySchemas } from '../prompt/reply-schema.ts'
import { goodAnswer, routeSetting } from '../testing/route-setting.ts'

// Replies after the examples of https://platform.claude.com/docs/en/api/messages and …/api/errors.

const sonnet = { provider: 'Anthropic', model: 'claude-sonnet-4-5-20250929' } as const
const opus = { provider: 'Anthropic', model: 'claude-opus-4-8' } as const
const old = { provider: 'Anthropic', model: 'claude-3-5-haiku-20241022' } as const

const usage = {
  input_tokens: 200,
  cache_creation_input_tokens: 300,
  cache_read_input_tokens: 500,
  output_tokens: 400,
  service_tier: 'standard',
}

function message(content: readonly object[], change: object = {}) {
  return {
    headers: { 'request-id': 'req_018EeWyXxfu5pfWkrYcMdjWG' },
    body: {
      id: 'msg_013Zva2CMHLNnXjNJJKqJ2EF',
      type: 'message',
      role: 'assistant',
      model: sonnet.model,
      content,
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage,
      ...change,
    },
  }
}

const good = message([{ type: 'text', text: goodAnswer }])

function refusal(status: number, type: string, text: string, headers: Readonly<Record<string, string>> = {}) {
  return {
    status,
    headers: { 'request-id': 'req_011CSHoEeqs5C35K2UUqR7Fy', ...headers },
    body: { type: 'error', error: { type, message: text }, request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy' },
  }
}

test('a question is a message with cached rules, a budget to think and a schema', async () => {
  await using setting = await routeSetting(sonnet, good)
  await setting.draft()
  const [request] = setting.stub.requests
  expect(request?.path).toBe('/v1/messages')
  expect(request?.headers).toMatchObject({
    'x-api-key': 'key-1234',
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
  })
  expect(request?.headers['authorization']).toBeUndefined()
  const [rules, asked] = setting.ledger.calls[0]?.intent.messages ?? []
  expect(request?.body).toEqual({
    model: sonnet.model,
    max_tokens: 4_096 + 1_024,
    system: [{ type: 'text', text: rules?.content, cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: asked?.content }],
    thinking: { type: 'enabled', budget_tokens: 1_024 },
    output_config: { format: { type: 'json_schema', schema: replySchemas.columnsOnly } },
    stream: true,
  })
})

describe('a reply in pieces', () => {
  const half = Math.floor(goodAnswer.length / 2)
  const start = { ...message([]).body, usage: { ...usage, output_tokens: 1 }, stop_reason: null }
  const events = (...listed: readonly (readonly [string, object])[]) => ({
    headers: { 'request-id': 'req_stream', 'content-type': 'text/event-stream' },
    body: listed.map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`).join(''),
  })
  const delta = (index: number, part: object) => ['content_block_delta', { index, delta: part }] as const
  const written = [
    ['message_start', { message: start }],
    ['content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '' } }],
    ['ping', {}],
    delta(0, { type: 'thinking_delta', thinking: 'Names ' }),
    delta(0, { type: 'thinking_delta', thinking: 'and types.' }),
    delta(0, { type: 'signature_delta', signature: 'EqQB' }),
    ['content_block_stop', { index: 0 }],
    ['content_block_start', { index: 1, content_block: { type: 'text', text: '' } }],
    delta(1, { type: 'text_delta', text: goodAnswer.slice(0, half) }),
    delta(1, { type: 'text_delta', text: goodAnswer.slice(half) }),
    ['content_block_stop', { index: 1 }],
  ] as const
  const end = [
    ['message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 400 } }],
    ['message_stop', {}],
  ] as const

  test('is read as the message it makes', async () => {
    await using setting = await routeSetting(sonnet, events(...written, ...end))
    const { rows } = await setting.draft()
    expect(rows[0]?.reasoning).toContain('Names and types.')
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({
      outcome: 'Succeeded',
      requestId: 'req_stream',
      usage: { inputTokens: 1_000, cachedInputTokens: 500, outputTokens: 400 },
      reply: { content: goodAnswer, finishReason: 'stop' },
    })
  })

  test('that breaks off is asked for again, and so is one that the provider ends for want of machines', async () => {
    const overloaded = ['error', { error: { type: 'overloaded_error', message: 'Overloaded' } }] as const
    for (const broken of [events(...written), events(...written, overloaded)]) {
      await using setting = await routeSetting(sonnet, broken, events(...written, ...end))
      const { rows } = await setting.draft()
      expect(setting.stub.requests).toHaveLength(2)
      expect(rows[0]?.alternatives).toHaveLength(3)
    }
  })

  test('that stops at its limit is not read', async () => {
    const cut = [
      ['message_delta', { delta: { stop_reason: 'max_tokens' }, usage: {} }],
      ['message_stop', {}],
    ] as const
    await using setting = await routeSetting(sonnet, events(...written, ...cut), events(...written, ...end))
    await setting.draft()
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Truncated' })
  })

  test('without thinking and of common length comes in one', async () => {
    await using setting = await routeSetting(old, message([{ type: 'text', text: goodAnswer }]))
    await setting.draft()
    expect(setting.stub.requests[0]?.body).not.toHaveProperty('stream')
  })
})

test('thought, usage and cost are kept: cache reads and writes at their own rates', async () => {
  const thought = { type: 'thinking', thinking: 'The name says it.', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3h' }
  await using setting = await routeSetting(sonnet, message([thought, { type: 'text', text: goodAnswer }]))
  const { rows } = await setting.draft()
  for (const row of rows) {
    expect(row.alternatives).toHaveLength(3)
    expect(row.reasoning).toMatch(/^The name \w+\.\n\nThought about the batch: The name says it\.$/)
    expect(row.warnings).toEqual([])
  }
  // 200 · 3 + 300 · 3.75 + 500 · 0.30 + 400 · 15 = 7,875 dollars per million
  expect(setting.ledger.calls[0]?.outcome).toMatchObject({
    outcome: 'Succeeded',
    usage: { inputTokens: 1_000, cachedInputTokens: 500, outputTokens: 400, reasoningTokens: 0 },
    costUsd: '0.007875',
    requestId: 'req_018EeWyXxfu5pfWkrYcMdjWG',
    reply: { finishReason: 'stop', reasoning: 'The name says it.' },
  })
})

test('a newer model thinks as far as its effort goes, and is asked to show it', async () => {
  await using setting = await routeSetting(opus, good)
  await setting.draft({ reasoning: { effort: 'High', budgetTokens: 1_024 } })
  const body = setting.stub.requests[0]?.body
  expect(body).toMatchObject({
    max_tokens: 32_768,
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { format: { type: 'json_schema' }, effort: 'high' },
  })
  expect(body).not.toHaveProperty('temperature')
})

test('effort None leaves thinking out, and then a temperature goes with it', async () => {
  const none = { reasoning: { effort: 'None', budgetTokens: 1_024 }, temperature: 0.7 }
  await using setting = await routeSetting(sonnet, good)
  const { rows } = await setting.draft(none)
  expect(setting.stub.requests[0]?.body).toMatchObject({ max_tokens: 4_096, temperature: 0.7 })
  expect(setting.stub.requests[0]?.body).not.toHaveProperty('thinking')
  expect(rows[0]?.warnings).toEqual([])
  await using newer = await routeSetting(opus, good)
  const answered = await newer.draft(none)
  expect(newer.stub.requests[0]?.body).toMatchObject({ max_tokens: 4_096, thinking: { type: 'disabled' } })
  expect(answered.rows[0]?.warnings).toEqual(['claude-opus-4-8 takes no temperature: 0.7 was not sent'])
})

test('an older model answers through a tool', async () => {
  const input: unknown = JSON.parse(goodAnswer)
  const used = { type: 'tool_use', id: 'toolu_01D7FLrfh4GYq7yT1ULFeyMV', name: 'descriptions', input }
  await using setting = await routeSetting(old, message([used], { stop_reason: 'tool_use' }))
  const { rows } = await setting.draft({ temperature: 1.5 })
  expect(setting.stub.requests[0]?.body).toMatchObject({
    temperature: 1,
    tools: [{ name: 'descriptions', input_schema: replySchemas.columnsOnly }],
    tool_choice: { type: 'tool', name: 'descriptions' },
  })
  for (const row of rows) {
    expect(row.alternatives.every(({ fallback }) => !fallback)).toBe(true)
    expect(row.warnings).toEqual(['claude-3-5-haiku-20241022 takes a temperature of at most 1: 1.5 was lowered to it'])
  }
  expect(setting.ledger.calls[0]?.outcome?.reply).toMatchObject({ finishReason: 'stop' })
})

test('a refusal leaves the rows out with the reason', async () => {
  await using setting = await routeSetting(sonnet, message([], { stop_reason: 'refusal' }))
  const { rows } = await setting.draft()
  for (const row of rows) expect(row.skippedReason).toBe('AMX-3007: the model refused: the provider stopped the reply')
  expect(setting.ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Refused', error: { code: 'AMX-3007' } })
})

test.each(['max_tokens', 'model_context_window_exceeded'])(
  'a reply that stops for %s is split',
  async (stop_reason) => {
    await using setting = await routeSetting(
      sonnet,
      message([{ type: 'text', text: '{"columns":[' }], { stop_reason }),
      good,
    )
    await setting.draft()
    expect(setting.ledger.calls.map(({ intent, outcome }) => [intent.purpose, outcome?.outcome])).toEqual([
      ['draft', 'Truncated'],
      ['split', 'Succeeded'],
      ['split', 'Succeeded'],
    ])
  },
)

test('a schema that is not taken is left to the prompt, and said', async () => {
  const rejected = refusal(400, 'invalid_request_error', "'claude-sonnet-4-5' does not support output_config.format.")
  await using setting = await routeSetting(sonnet, rejected, good)
  const { rows } = await setting.draft()
  expect(setting.stub.requests.map(({ body }) => 'output_config' in body)).toEqual([true, false])
  expect(rows[0]?.warnings).toEqual([
    `the server does not hold replies of ${sonnet.model} to json_schema: only the prompt says how to answer`,
  ])
})

test('thinking that is not taken is left out', async () => {
  const rejected = refusal(400, 'invalid_request_error', '"thinking.type.enabled" is not supported for this model.')
  await using setting = await routeSetting(sonnet, rejected, good)
  await setting.draft()
  expect(setting.stub.requests.map(({ body }) => 'thinking' in body)).toEqual([true, false])
})

test("an output limit above the model's is lowered to it, and said", async () => {
  const text =
    'max_tokens: 20000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-haiku-20241022'
  await using setting = await routeSetting(old, refusal(400, 'invalid_request_error', text), good)
  const { rows } = await setting.draft({ maxOutputTokens: 20_000 })
  expect(setting.stub.requests.map(({ body }) => body['max_tokens'])).toEqual([20_000, 8_192])
  expect(rows[0]?.warnings).toEqual([
    'claude-3-5-haiku-20241022 writes at most 8192 tokens in a reply, fewer than asked for',
  ])
})

test('no log-probabilities: the rows say so and nothing is asked for', async () => {
  await using setting = await routeSetting(sonnet, good)
  const { rows } = await setting.draft({ confidenceSignal: 'Logprob' })
  expect(setting.stub.requests[0]?.body).not.toHaveProperty('logprobs')
  for (const row of rows)
    expect(row).toMatchObject({
      score: null,
      warnings: ['no Logprob score: the route gave no log-probabilities for the text'],
    })
})

describe('error classes', () => {
  test.each([
    [401, 'authentication_error', 'invalid x-api-key', 'AMX-3001', 1],
    [403, 'permission_error', 'Your API key does not have permission.', 'AMX-3001', 1],
    [402, 'billing_error', 'There is an issue with your billing.', 'AMX-3002', 1],
    [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.', 'AMX-3002', 1],
    [400, 'invalid_request_error', 'You have reached your specified API usage limits.', 'AMX-3002', 1],
    [404, 'not_found_error', 'model: claude-sonnet-0', 'AMX-3003', 1],
    [400, 'invalid_request_error', 'messages: at least one message is required', 'AMX-3010', 1],
    [429, 'rate_limit_error', 'Number of request tokens has exceeded your per-minute rate limit', 'AMX-3004', 2],
    [500, 'api_error', 'Internal server error', 'AMX-3011', 2],
    [504, 'timeout_error', 'Request timed out', 'AMX-3011', 2],
    [529, 'overloaded_error', 'Overloaded', 'AMX-3011', 2],
  ] as const)('%d %s (%s) is %s after %d tries', async (status, type, text, code, tries) => {
    await using setting = await routeSetting(sonnet, refusal(status, type, text, { 'retry-after': '0' }))
    await expect(setting.draft()).rejects.toMatchObject({ code, message: expect.stringMatching(/.+/) })
    expect(setting.stub.requests).toHaveLength(tries)
    expect(setting.ledger.calls.map(({ outcome }) => [outcome?.outcome, outcome?.tries, outcome?.requestId])).toEqual([
      ['Failed', tries, 'req_011CSHoEeqs5C35K2UUqR7Fy'],
    ])
  })

  test('a prompt that is too long is split', async () => {
    const text = 'prompt is too long: 215000 tokens > 200000 maximum'
    await using setting = await routeSetting(sonnet, refusal(400, 'invalid_request_error', text), good)
    await setting.draft()
    expect(setting.ledger.calls.map(({ intent }) => intent.purpose)).toEqual(['draft', 'split', 'split'])
  })

  test('Retry-After is waited for, and no longer', async () => {
    await using setting = await routeSetting(
      sonnet,
      refusal(429, 'rate_limit_error', 'slow', { 'retry-after': '0' }),
      good,
    )
    const { rows } = await setting.draft()
    expect(rows).toHaveLength(2)
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Succeeded', tries: 2 })
  })

  test.each([
    ['reset', 'AMX-3005'],
    ['hang', 'AMX-3006'],
  ] as const)('a connection that ends in a %s is %s', async (fault, code) => {
    await using setting = await routeSetting(sonnet, fault)
    await expect(setting.draft()).rejects.toMatchObject({ code })
    expect(setting.stub.requests).toHaveLength(2)
  })

  test('a reply that is no message is asked for again', async () => {
    await using setting = await routeSetting(sonnet, { body: '<html>gateway</html>' }, good)
    await setting.draft()
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Succeeded', tries: 2 })
  })

  test('an abort ends a call in flight', async () => {
    await using setting = await routeSetting(
      { ...sonnet, limits: { concurrency: 1, timeoutMs: 60_000, retries: 0 } },
      'hang',
    )
    const stopping = new AbortController()
    const drafted = setting.draft({}, stopping.signal)
    await expect.poll(() => setting.stub.requests.length).toBe(1)
    stopping.abort(new Error('told to stop'))
    await expect(drafted).rejects.toThrow('told to stop')
    expect(setting.ledger.calls.map(({ outcome }) => outcome?.outcome)).toEqual(['Failed'])
  })
})
