import { describe, expect, test } from 'vitest'
import { goodAnswer, routeSetting } from '../testing/route-setting.ts'

// Replies after the examples of each provider's documentation of its chat completions.

const deepSeek = { provider: 'DeepSeek', model: 'deepseek-flash' } as const
const deepSeekChat = { provider: 'DeepSeek', model: 'deepseek-chat' } as const
const kimi = { provider: 'Kimi', model: 'kimi-k2.6' } as const
const openRouter = { provider: 'OpenRouter', model: 'anthropic/claude-sonnet-4.5' } as const

const usage = { prompt_tokens: 1_000, completion_tokens: 400, total_tokens: 1_400 }

function completion(message: object = {}, change: { readonly choice?: object; readonly usage?: object } = {}) {
  return {
    headers: { 'x-request-id': 'req-1' },
    body: {
      id: '930c60df-bf64-41c9-a88e-3ec75f81e00e',
      object: 'chat.completion',
      created: 1_760_000_000,
      model: 'm',
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          logprobs: null,
          message: { role: 'assistant', content: goodAnswer, ...message },
          ...change.choice,
        },
      ],
      usage: { ...usage, ...change.usage },
    },
  }
}

const good = completion()

function refusal(status: number, error: object) {
  return { status, headers: { 'retry-after': '0', 'x-request-id': 'req-9' }, body: { error } }
}

describe('DeepSeek', () => {
  test('is asked in JSON mode, with an effort and no temperature', async () => {
    await using setting = await routeSetting(deepSeek, good)
    await setting.draft()
    const [request] = setting.stub.requests
    expect(request?.path).toBe('/chat/completions')
    expect(request?.headers['authorization']).toBe('Bearer key-1234')
    expect(request?.body).toEqual({
      model: 'deepseek-flash',
      messages: setting.ledger.calls[0]?.intent.messages,
      max_tokens: 32_768,
      thinking: { type: 'enabled' },
      reasoning_effort: 'low',
      response_format: { type: 'json_object' },
    })
  })

  test('tells what it thought, and which tokens hit its cache', async () => {
    await using setting = await routeSetting(
      deepSeek,
      completion(
        { reasoning_content: 'We are to describe two columns.' },
        {
          usage: {
            prompt_cache_hit_tokens: 640,
            prompt_cache_miss_tokens: 360,
            completion_tokens_details: { reasoning_tokens: 120 },
          },
        },
      ),
    )
    const { rows } = await setting.draft()
    for (const row of rows) expect(row.reasoning).toContain('We are to describe two columns.')
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({
      usage: { inputTokens: 1_000, cachedInputTokens: 640, outputTokens: 400, reasoningTokens: 120 },
      priceTable: '2026-11-01',
    })
  })

  test('effort None turns thinking off; Medium becomes the next there is, and says so', async () => {
    await using setting = await routeSetting(deepSeek, good)
    const off = await setting.draft({ reasoning: { effort: 'None', budgetTokens: 0 } })
    const medium = await setting.draft({ reasoning: { effort: 'Medium', budgetTokens: 0 } })
    expect(setting.stub.requests.map(({ body }) => body)).toMatchObject([
      { thinking: { type: 'disabled' }, temperature: 0.2, max_tokens: 4_096 },
      { thinking: { type: 'enabled' }, reasoning_effort: 'high' },
    ])
    expect(off.rows[0]?.warnings).toEqual([])
    expect(medium.rows[0]?.warnings).toEqual(['deepseek-flash has no reasoning effort "medium": "high" was sent'])
  })

  test('the old reasoner always reasons, and that is said when it was not to', async () => {
    await using setting = await routeSetting({ ...deepSeek, model: 'deepseek-reasoner' }, good)
    const { rows } = await setting.draft({ reasoning: { effort: 'None', budgetTokens: 0 }, temperature: 0.9 })
    expect(setting.stub.requests[0]?.body).not.toHaveProperty('thinking')
    expect(rows[0]?.warnings).toEqual([
      'deepseek-reasoner always reasons: effort "none" was not sent',
      'deepseek-reasoner takes no temperature: 0.9 was not sent',
    ])
  })

  test('log-probabilities come without thinking only', async () => {
    const token = { token: goodAnswer, logprob: Math.log(0.6), bytes: null, top_logprobs: [] }
    await using setting = await routeSetting(
      deepSeekChat,
      completion({}, { choice: { logprobs: { content: [token] } } }),
    )
    const { rows } = await setting.draft({ confidenceSignal: 'Logprob' })
    expect(setting.stub.requests[0]?.body['logprobs']).toBe(true)
    for (const row of rows) expect(row).toMatchObject({ score: 0.6, band: 'Medium', warnings: [] })
    await using thinking = await routeSetting(deepSeek, good)
    const answered = await thinking.draft({ confidenceSignal: 'Logprob' })
    expect(thinking.stub.requests[0]?.body).not.toHaveProperty('logprobs')
    expect(answered.rows[0]?.score).toBeNull()
  })

  test('a reply broken off for want of machines is asked for again', async () => {
    const broken = completion({ content: '' }, { choice: { finish_reason: 'insufficient_system_resource' } })
    await using setting = await routeSetting(deepSeekChat, broken, good)
    await setting.draft()
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Succeeded', tries: 2 })
  })

  test.each([
    [400, 'Model Not Exist', 'invalid_request_error', 'AMX-3003', 1],
    [401, 'Authentication Fails (no such user)', 'authentication_error', 'AMX-3001', 1],
    [402, 'Insufficient Balance', 'unknown_error', 'AMX-3002', 1],
    [422, 'Invalid parameter: n', 'invalid_request_error', 'AMX-3010', 1],
    [429, 'Rate limit reached', 'rate_limit_error', 'AMX-3004', 2],
    [500, 'Server error', 'server_error', 'AMX-3011', 2],
    [503, 'Server overloaded', 'server_error', 'AMX-3011', 2],
  ] as const)('%d %s is %4$s', async (status, message, type, code, tries) => {
    await using setting = await routeSetting(deepSeek, refusal(status, { message, type, param: null, code: type }))
    await expect(setting.draft()).rejects.toMatchObject({ code })
    expect(setting.stub.requests).toHaveLength(tries)
    expect(setting.ledger.calls.map(({ outcome }) => [outcome?.outcome, outcome?.tries])).toEqual([['Failed', tries]])
  })

  test('an output limit of theirs is learnt', async () => {
    const message = 'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]'
    await using setting = await routeSetting(deepSeek, refusal(400, { message, type: 'invalid_request_error' }), good)
    const { rows } = await setting.draft()
    expect(setting.stub.requests.map(({ body }) => body['max_tokens'])).toEqual([32_768, 8_192])
    expect(rows[0]?.warnings).toEqual(['deepseek-flash writes at most 8192 tokens in a reply, fewer than asked for'])
  })
})

describe('Kimi', () => {
  test('is asked in JSON mode without a temperature; its cached tokens stand beside the others', async () => {
    await using setting = await routeSetting(
      kimi,
      completion({ reasoning_content: 'Two columns of a product.' }, { usage: { cached_tokens: 400 } }),
    )
    const { rows } = await setting.draft()
    expect(setting.stub.requests[0]?.body).toEqual({
      model: 'kimi-k2.6',
      messages: setting.ledger.calls[0]?.intent.messages,
      max_tokens: 32_768,
      response_format: { type: 'json_object' },
    })
    expect(rows[0]?.reasoning).toContain('Two columns of a product.')
    // 600 · 0.95 + 400 · 0.16 + 400 · 4 = 2,234 dollars per million
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({
      usage: { inputTokens: 1_000, cachedInputTokens: 400, outputTokens: 400 },
      costUsd: '0.002234',
    })
  })

  test.each([
    ['kimi-k2.6', 'None', { thinking: { type: 'disabled' } }, []],
    ['kimi-k3', 'Low', { reasoning_effort: 'low' }, []],
    ['kimi-k3', 'None', { reasoning_effort: 'low' }, ['kimi-k3 always reasons: effort "none" was sent as "low"']],
    ['kimi-k2.7-code', 'High', {}, ['kimi-k2.7-code takes no reasoning effort: "high" was not sent']],
    ['moonshot-v1-32k', 'High', { temperature: 0.2 }, []],
  ])('%s with effort %s is asked %j', async (model, effort, body, warnings) => {
    await using setting = await routeSetting({ provider: 'Kimi', model }, good)
    const { rows } = await setting.draft({ reasoning: { effort, budgetTokens: 0 } })
    const asked = setting.stub.requests[0]?.body ?? {}
    const { model: _, messages: __, max_tokens: ___, response_format: ____, ...rest } = asked
    expect(rest).toEqual(body)
    expect(rows[0]?.warnings).toEqual(warnings)
  })

  test('a prompt its filter rejects leaves the rows out with the reason', async () => {
    const message = 'The request was rejected because it was considered high risk'
    await using setting = await routeSetting(kimi, refusal(400, { type: 'content_filter', message }))
    const { rows } = await setting.draft()
    for (const row of rows) expect(row.skippedReason).toContain('AMX-3007')
    expect(setting.ledger.calls.map(({ outcome }) => [outcome?.outcome, outcome?.tries])).toEqual([['Refused', 1]])
  })

  test.each([
    [401, 'invalid_authentication_error', 'Invalid Authentication', 'AMX-3001', 1],
    [403, 'permission_denied_error', 'The API you are accessing is not open', 'AMX-3001', 1],
    [404, 'resource_not_found_error', 'Not found the model kimi-k9 or Permission denied', 'AMX-3003', 1],
    [429, 'exceeded_current_quota_error', 'Your account is suspended, please check your plan', 'AMX-3002', 1],
    [429, 'rate_limit_reached_error', 'Your account reached max RPM: 3', 'AMX-3004', 2],
    [429, 'engine_overloaded_error', 'The engine is currently overloaded', 'AMX-3011', 2],
    [500, 'server_error', 'Failed to extract file', 'AMX-3011', 2],
  ] as const)('%d %s is %4$s', async (status, type, message, code, tries) => {
    await using setting = await routeSetting(kimi, refusal(status, { type, message }))
    await expect(setting.draft()).rejects.toMatchObject({ code })
    expect(setting.stub.requests).toHaveLength(tries)
  })

  test.each(['Input token length too long', 'Your request exceeded model token limit : 262144'])(
    '"%s" splits the batch',
    async (message) => {
      await using setting = await routeSetting(kimi, refusal(400, { type: 'invalid_request_error', message }), good)
      await setting.draft()
      expect(setting.ledger.calls.map(({ intent }) => intent.purpose)).toEqual(['draft', 'split', 'split'])
    },
  )
})

describe('OpenRouter', () => {
  test('is asked for a schema from a provider that takes all that is sent', async () => {
    await using setting = await routeSetting(openRouter, good)
    await setting.draft()
    expect(setting.stub.requests[0]?.body).toMatchObject({
      model: 'anthropic/claude-sonnet-4.5',
      max_tokens: 32_768,
      reasoning: { effort: 'low' },
      response_format: { type: 'json_schema', json_schema: { strict: true } },
      provider: { require_parameters: true },
    })
  })

  test('its cost is taken as it says, its reasoning is kept', async () => {
    await using setting = await routeSetting(
      openRouter,
      completion(
        { reasoning: 'Think.', reasoning_details: [{ type: 'reasoning.text', text: 'Think.' }] },
        {
          usage: {
            cost: 0.00492,
            cost_details: { upstream_inference_cost: null },
            prompt_tokens_details: { cached_tokens: 300, cache_write_tokens: 100 },
            completion_tokens_details: { reasoning_tokens: 150 },
          },
        },
      ),
    )
    const { rows } = await setting.draft()
    expect(rows[0]?.reasoning).toContain('Think.')
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({
      usage: { inputTokens: 1_000, cachedInputTokens: 300, outputTokens: 400, reasoningTokens: 150 },
      costUsd: '0.00492',
      priceTable: 'provider',
    })
  })

  test('a price of the profile goes before what it says', async () => {
    const price = { inputPerMillion: '1', cachedInputPerMillion: null, outputPerMillion: '1' }
    await using setting = await routeSetting({ ...openRouter, price }, completion({}, { usage: { cost: 5 } }))
    await setting.draft()
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({ costUsd: '0.0014', priceTable: 'profile' })
  })

  test('reasoning in parts is put together', async () => {
    const reasoning_details = [
      { type: 'reasoning.summary', summary: 'First.' },
      { type: 'reasoning.encrypted', data: 'eyJ' },
      { type: 'reasoning.text', text: 'Second.' },
    ]
    await using setting = await routeSetting(openRouter, completion({ reasoning_details }))
    const { rows } = await setting.draft()
    expect(rows[0]?.reasoning).toContain('First.\nSecond.')
  })

  test('a model that does not reason is asked as before', async () => {
    await using setting = await routeSetting({ ...openRouter, model: 'meta-llama/llama-3.3-70b-instruct' }, good)
    await setting.draft({ reasoning: { effort: 'None', budgetTokens: 0 } })
    expect(setting.stub.requests[0]?.body).toMatchObject({ max_tokens: 4_096, temperature: 0.2 })
    expect(setting.stub.requests[0]?.body).not.toHaveProperty('reasoning')
  })

  test('effort None turns reasoning off', async () => {
    await using setting = await routeSetting(openRouter, good)
    await setting.draft({ reasoning: { effort: 'None', budgetTokens: 0 } })
    expect(setting.stub.requests[0]?.body).toMatchObject({ reasoning: { enabled: false } })
  })

  test('what no provider takes together is left out one by one, and said', async () => {
    const nobody = refusal(404, {
      code: 404,
      message: 'No endpoints found that can handle the requested parameters.',
    })
    await using setting = await routeSetting({ ...openRouter, model: 'vendor/model' }, nobody, nobody, nobody, good)
    const { rows } = await setting.draft({ confidenceSignal: 'Logprob', temperature: 0.9 })
    expect(
      setting.stub.requests.map(({ body }) => [
        'logprobs' in body,
        'temperature' in body,
        JSON.stringify(body['response_format'] ?? null).slice(0, 21),
      ]),
    ).toEqual([
      [true, true, '{"type":"json_schema"'],
      [false, true, '{"type":"json_schema"'],
      [false, false, '{"type":"json_schema"'],
      [false, false, '{"type":"json_object"'],
    ])
    expect(rows[0]?.warnings).toEqual([
      'the server does not hold replies of vendor/model to json_schema: JSON mode was used',
      'vendor/model takes no temperature: 0.9 was not sent',
      'no Logprob score: the route gave no log-probabilities for the text',
    ])
  })

  test('a prompt its moderation flags leaves the rows out, though it comes as 403', async () => {
    const metadata = { reasons: ['violence'], flagged_input: '…', provider_name: 'OpenAI', model_slug: 'm' }
    const error = { code: 403, message: 'Your chosen model requires moderation and your input was flagged', metadata }
    await using setting = await routeSetting(openRouter, refusal(403, error))
    const { rows } = await setting.draft()
    for (const row of rows) expect(row.skippedReason).toContain('violence')
  })

  test.each([
    ['in the place of the reply', { body: { error: { code: 502, message: 'Upstream is down' } } }],
    [
      'in its choice',
      completion(
        { content: '' },
        { choice: { finish_reason: 'error', error: { code: 502, message: 'Upstream is down' } } },
      ),
    ],
  ])('an error told %s, with status 200, is tried again', async (_, failed) => {
    await using setting = await routeSetting(openRouter, failed, good)
    await setting.draft()
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Succeeded', tries: 2 })
    await using staying = await routeSetting(openRouter, failed)
    await expect(staying.draft()).rejects.toMatchObject({
      code: 'AMX-3011',
      message: expect.stringContaining('Upstream is down'),
    })
  })

  test.each([
    [400, 'vendor/model is not a valid model ID', 'AMX-3003', 1],
    [401, 'No auth credentials found', 'AMX-3001', 1],
    [402, 'Insufficient credits', 'AMX-3002', 1],
    [404, 'No endpoints found for vendor/model.', 'AMX-3003', 1],
    [408, 'Your request timed out', 'AMX-3011', 2],
    [429, 'Rate limit exceeded: free-models-per-min', 'AMX-3004', 2],
    [502, 'Provider returned error', 'AMX-3011', 2],
    [503, 'No provider available that meets your routing requirements', 'AMX-3011', 2],
  ] as const)('%d %s is %s', async (status, message, code, tries) => {
    await using setting = await routeSetting(openRouter, refusal(status, { code: status, message }))
    await expect(setting.draft()).rejects.toMatchObject({ code })
    expect(setting.stub.requests).toHaveLength(tries)
  })
})

describe('every server of chat completions', () => {
  const server = { provider: 'OpenAICompatible', model: 'local' } as const

  test('a form that is not taken is replaced by the next, down to a tool call and plain text', async () => {
    const noFormat = refusal(400, { message: 'response_format is not supported', type: 'invalid_request_error' })
    const noTools = refusal(400, { message: 'This server does not support tools', type: 'invalid_request_error' })
    const call = { id: 'call_1', type: 'function', function: { name: 'descriptions', arguments: goodAnswer } }
    await using setting = await routeSetting(
      server,
      noFormat,
      noFormat,
      completion({ content: null, tool_calls: [call] }, { choice: { finish_reason: 'tool_calls' } }),
      noTools,
      good,
    )
    const first = await setting.draft()
    const second = await setting.draft()
    expect(setting.stub.requests.map(({ body }) => [recorded(body['response_format']), 'tool_choice' in body])).toEqual(
      [
        ['json_schema', false],
        ['json_object', false],
        [null, true],
        [null, true],
        [null, false],
      ],
    )
    for (const { rows } of [first, second])
      for (const row of rows) expect(row.alternatives.every(({ fallback }) => !fallback)).toBe(true)
    expect(first.rows[0]?.warnings).toEqual([
      'the server does not hold replies of local to json_schema: a tool call was asked for',
    ])
  })

  test('log-probabilities it refuses are not asked for again', async () => {
    const rejected = refusal(400, {
      message: 'logprobs are not supported',
      type: 'invalid_request_error',
      param: 'logprobs',
    })
    await using setting = await routeSetting(server, rejected, good)
    await setting.draft({ confidenceSignal: 'Logprob' })
    await setting.draft({ confidenceSignal: 'Logprob' })
    expect(setting.stub.requests.map(({ body }) => 'logprobs' in body)).toEqual([true, false, false])
  })

  test('a stored reply is worth as much as it was: its tokens and its thought come with it', async () => {
    const token = { token: goodAnswer, logprob: Math.log(0.7), bytes: null }
    const reply = completion({ reasoning_content: 'A thought.' }, { choice: { logprobs: { content: [token] } } })
    await using setting = await routeSetting(server, reply)
    const { rows } = await setting.draft({ confidenceSignal: 'Logprob' })
    const stored = setting.ledger.calls[0]
    const again = await setting.draftWith(
      new Map([[stored?.intent.requestDigest ?? '', stored?.outcome?.reply ?? { content: '', finishReason: '' }]]),
      { confidenceSignal: 'Logprob' },
    )
    expect(again.rows.map(({ score, reasoning }) => [score, reasoning])).toEqual(
      rows.map(({ score, reasoning }) => [score, reasoning]),
    )
    expect(again.rows[0]?.score).toBe(0.7)
    expect(setting.stub.requests).toHaveLength(1)
  })
})

function recorded(format: unknown): unknown {
  return typeof format === 'object' && format !== null && 'type' in format ? format.type : null
}
