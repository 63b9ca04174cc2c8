import { describe, expect, test } from 'vitest'
import { replySchemas } from '../prompt/reply-schema.ts'
import { goodAnswer, routeSetting } from '../testing/route-setting.ts'

// Replies after the examples of https://docs.ollama.com/api/chat.

const llama = { provider: 'Ollama', model: 'llama3.2' } as const
const qwen = { provider: 'Ollama', model: 'qwen3:8b' } as const

function reply(message: object, change: object = {}) {
  return {
    body: {
      model: llama.model,
      created_at: '2026-10-17T23:14:07.414671Z',
      message: { role: 'assistant', content: goodAnswer, ...message },
      done: true,
      done_reason: 'stop',
      total_duration: 4_883_583_458,
      load_duration: 1_334_875,
      prompt_eval_count: 900,
      prompt_eval_duration: 342_546_000,
      eval_count: 282,
      eval_duration: 4_535_599_000,
      ...change,
    },
  }
}

const good = reply({})

test('a question goes to the chat with the schema as format and room for the whole prompt', async () => {
  await using setting = await routeSetting(llama, good)
  const { rows } = await setting.draft()
  expect(setting.stub.requests[0]?.path).toBe('/api/chat')
  expect(setting.stub.requests[0]?.headers['authorization']).toBe('Bearer key-1234')
  expect(setting.stub.requests[0]?.body).toEqual({
    model: 'llama3.2',
    messages: setting.ledger.calls[0]?.intent.messages,
    stream: true,
    format: replySchemas.columnsOnly,
    options: { temperature: 0.2, num_predict: 4_096, num_ctx: 8_192 },
  })
  for (const row of rows) expect(row).toMatchObject({ alternatives: [{}, {}, {}], warnings: [] })
  // Nobody knows what a local machine costs.
  expect(setting.ledger.calls[0]?.outcome).toMatchObject({
    outcome: 'Succeeded',
    usage: { inputTokens: 900, cachedInputTokens: 0, outputTokens: 282, reasoningTokens: 0 },
    costUsd: null,
    reply: { content: goodAnswer, finishReason: 'stop' },
  })
})

test('a reply in pieces is read as a whole: thought, text, log-probabilities and counts', async () => {
  const half = Math.floor(goodAnswer.length / 2)
  const piece = (message: object, more: object = {}) =>
    JSON.stringify({
      model: qwen.model,
      created_at: '2026-10-17T23:14:07Z',
      message: { role: 'assistant', content: '', ...message },
      done: false,
      ...more,
    })
  const body = [
    piece({ thinking: 'Names ' }),
    piece({ thinking: 'and types.' }),
    piece({ content: goodAnswer.slice(0, half) }, { logprobs: [{ token: goodAnswer.slice(0, half), logprob: -0.2 }] }),
    piece({ content: goodAnswer.slice(half) }, { logprobs: [{ token: goodAnswer.slice(half), logprob: -0.4 }] }),
    piece({}, { done: true, done_reason: 'stop', prompt_eval_count: 900, eval_count: 282 }),
  ].join('\n')
  await using setting = await routeSetting(qwen, { headers: { 'content-type': 'application/x-ndjson' }, body })
  const { rows } = await setting.draft({ confidenceSignal: 'Logprob' })
  expect(rows[0]?.score).toBeGreaterThan(0.6)
  expect(rows[0]?.reasoning).toContain('Names and types.')
  expect(setting.ledger.calls[0]?.outcome).toMatchObject({
    usage: { inputTokens: 900, outputTokens: 282 },
    reply: { content: goodAnswer, finishReason: 'stop' },
  })
})

test.each([
  ['that stops before its end', `${JSON.stringify({ message: { content: '{"colu' }, done: false })}\n`],
  [
    'that ends in an error',
    `${JSON.stringify({ message: { content: '{' }, done: false })}\n{"error":"out of memory"}\n`,
  ],
])('a stream %s is asked for again', async (_, body) => {
  await using setting = await routeSetting(llama, { body }, good)
  const { rows } = await setting.draft()
  expect(setting.stub.requests).toHaveLength(2)
  expect(rows[0]?.alternatives).toHaveLength(3)
})

test('the room grows in powers of two', async () => {
  await using setting = await routeSetting(llama, good)
  await setting.draft({ maxOutputTokens: 9_000 })
  expect(setting.stub.requests[0]?.body['options']).toMatchObject({ num_predict: 9_000, num_ctx: 16_384 })
})

test('the address of the OpenAI-compatible interface leads to the same chat', async () => {
  await using setting = await routeSetting(llama, good)
  await using compatible = await routeSetting({ ...llama, baseURL: `${setting.stub.url}/v1/` })
  await compatible.draft()
  expect(setting.stub.requests[0]?.path).toBe('/api/chat')
})

test.each([
  ['qwen3:8b', 'Low', true],
  ['qwen3:8b', 'None', false],
  ['gpt-oss:20b', 'High', 'high'],
  ['gpt-oss:20b', 'None', 'low'],
  ['llama3.2', 'High', undefined],
])('%s with effort %s is told to think: %s', async (model, effort, think) => {
  await using setting = await routeSetting({ provider: 'Ollama', model }, good)
  await setting.draft({ reasoning: { effort, budgetTokens: 1_024 } })
  expect(setting.stub.requests[0]?.body['think']).toBe(think)
})

test('an effort that cannot be told apart is said', async () => {
  await using setting = await routeSetting(qwen, good)
  const { rows } = await setting.draft({ reasoning: { effort: 'High', budgetTokens: 1_024 } })
  expect(rows[0]?.warnings).toEqual(['qwen3:8b takes no reasoning effort: "high" was not sent'])
})

test('what the model thought is kept', async () => {
  await using setting = await routeSetting(qwen, reply({ thinking: 'A name and a price.' }))
  const { rows } = await setting.draft()
  expect(rows[0]?.reasoning).toContain('Thought about the batch: A name and a price.')
})

test('log-probabilities become scores', async () => {
  // The whole answer in one token of ln 0.8: every text has it.
  const logprobs = [
    { token: goodAnswer, logprob: Math.log(0.8), bytes: [...Buffer.from(goodAnswer)], top_logprobs: [] },
  ]
  await using setting = await routeSetting(llama, reply({}, { logprobs }))
  const { rows } = await setting.draft({ confidenceSignal: 'Logprob' })
  expect(setting.stub.requests[0]?.body['logprobs']).toBe(true)
  for (const row of rows) expect(row).toMatchObject({ score: 0.8, band: 'High', warnings: [] })
})

test('an empty reply that was cut while thinking is asked for with more room', async () => {
  await using setting = await routeSetting(
    qwen,
    reply({ content: '', thinking: 'Hmm' }, { done_reason: 'length' }),
    good,
  )
  await setting.draft()
  expect(setting.stub.requests.map(({ body }) => body['options'])).toMatchObject([
    { num_predict: 8_192 },
    { num_predict: 32_768 },
  ])
  expect(setting.ledger.calls.map(({ outcome }) => outcome?.outcome)).toEqual(['Truncated', 'Succeeded'])
})

test('a cut reply is split', async () => {
  await using setting = await routeSetting(llama, reply({ content: '{"columns"' }, { done_reason: 'length' }), good)
  await setting.draft()
  expect(setting.ledger.calls.map(({ intent }) => intent.purpose)).toEqual(['draft', 'split', 'split'])
})

test('a model that does not think is not told to again', async () => {
  const rejected = { status: 400, body: { error: '"qwen3:8b" does not support thinking' } }
  await using setting = await routeSetting(qwen, rejected, good)
  await setting.draft()
  await setting.draft()
  expect(setting.stub.requests.map(({ body }) => 'think' in body)).toEqual([true, false, false])
})

describe('error classes', () => {
  test.each([
    [401, 'unauthorized', 'AMX-3001', 1],
    [404, 'model "llama3.2" not found, try pulling it first', 'AMX-3003', 1],
    [400, 'invalid options: num_predict', 'AMX-3010', 1],
    [429, 'too many concurrent requests', 'AMX-3004', 2],
    [500, 'llama runner process has terminated: signal: killed', 'AMX-3011', 2],
    [503, 'server busy, please try again. maximum pending requests exceeded', 'AMX-3011', 2],
  ] as const)('%d %s is %s after %d tries', async (status, error, code, tries) => {
    await using setting = await routeSetting(llama, { status, headers: { 'retry-after': '0' }, body: { error } })
    await expect(setting.draft()).rejects.toMatchObject({ code, message: expect.stringContaining(error) })
    expect(setting.stub.requests).toHaveLength(tries)
    expect(setting.ledger.calls.map(({ outcome }) => [outcome?.outcome, outcome?.tries])).toEqual([['Failed', tries]])
  })

  test.each([
    ['reset', 'AMX-3005'],
    ['hang', 'AMX-3006'],
  ] as const)('a connection that ends in a %s is %s', async (fault, code) => {
    await using setting = await routeSetting(llama, fault)
    await expect(setting.draft()).rejects.toMatchObject({ code })
  })

  test('a reply that is not finished is asked for again', async () => {
    await using setting = await routeSetting(llama, reply({}, { done: false }), good)
    await setting.draft()
    expect(setting.ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Succeeded', tries: 2 })
  })
})
