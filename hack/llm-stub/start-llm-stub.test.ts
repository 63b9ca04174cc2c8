import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { bodyOf, draftBody, draftPrompt, strictFormat, stubForTest } from './stub-fixture.ts'

interface Answer {
  table: { alternatives: string[] } | null
  columns: { name: string; alternatives: { text: string; confidence: string }[] }[]
}

async function contentOf(response: Response): Promise<Answer> {
  const body = await bodyOf(response)
  return JSON.parse(body.choices[0].message.content)
}

test('answers every asked column with as many distinct sentences as asked, made of the words of its name', async () => {
  await using running = await stubForTest()
  const columns = ['c_first_name', 'flg2', 'Größe in cm', 'netAmount']
  const response = await running.post(draftBody({ columns, alternatives: 5 }))
  expect(response.status).toBe(200)
  const answer = await contentOf(response)
  expect(answer.columns.map((column) => column.name)).toEqual(columns)
  for (const column of answer.columns) expect(new Set(column.alternatives.map(({ text }) => text)).size).toBe(5)
  expect(answer.columns[0]?.alternatives[0]?.text).toContain('c first name')
  expect(answer.columns[3]?.alternatives[0]?.text).toContain('net amount')
  expect(answer.table?.alternatives).toHaveLength(5)
})

test('gives the same request the same answer, also on another server', async () => {
  await using one = await stubForTest()
  await using other = await stubForTest({ seed: 99 })
  const answers = await Promise.all(
    [one.post(draftBody()), one.post(draftBody()), other.post(draftBody())].map(async (response) =>
      contentOf(await response),
    ),
  )
  expect(answers[1]).toEqual(answers[0])
  expect(answers[2]).toEqual(answers[0])
})

test('gives other sentences than those the prompt lists already', async () => {
  await using running = await stubForTest()
  const first = await contentOf(await running.post(draftBody({ columns: ['flg2'] })))
  const known = first.columns[0]?.alternatives.map(({ text }) => text) ?? []
  const messages = [
    {
      role: 'user',
      content: `Known: ${known.join(' ')}\n${draftPrompt({ columns: ['flg2'], alternatives: 2, wantTable: false })}`,
    },
  ]
  const more = await contentOf(await running.post(draftBody({}, { messages })))
  expect(more.columns[0]?.alternatives).toHaveLength(2)
  for (const { text } of more.columns[0]?.alternatives ?? []) expect(known).not.toContain(text)
  expect(more.table).toBeNull()
})

test('reads names and counts from the schema where the prompt has no request line', async () => {
  await using running = await stubForTest()
  const columns = {
    type: 'array',
    items: { type: 'object', properties: { name: { enum: ['a', 'b'] }, alternatives: { minItems: 2 } } },
  }
  const format = {
    type: 'json_schema',
    json_schema: { name: 'd', schema: { type: 'object', properties: { columns } } },
  }
  const answer = await contentOf(
    await running.post({ model: 'm', messages: [{ role: 'user', content: 'hello' }], response_format: format }),
  )
  expect(answer.columns.map(({ name, alternatives }) => [name, alternatives.length])).toEqual([
    ['a', 2],
    ['b', 2],
  ])
})

test('refuses a prompt that asks for nothing, and says what is missing', async () => {
  await using running = await stubForTest()
  const body = { model: 'm', messages: [{ role: 'user', content: 'hello' }] }
  const response = await running.post(body)
  expect(response.status).toBe(400)
  expect((await bodyOf(response)).error).toMatchObject({
    type: 'invalid_request_error',
    message: expect.stringContaining('<request>'),
  })
  running.stub.configure({ plainAnswer: 'OK' })
  expect((await bodyOf(await running.post(body))).choices[0].message.content).toBe('OK')
})

test.each([
  [
    'an open object',
    { ...strictFormat.json_schema, schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } },
    'additionalProperties',
  ],
  [
    'an optional property',
    {
      ...strictFormat.json_schema,
      schema: { type: 'object', properties: { a: { type: 'string' } }, required: [], additionalProperties: false },
    },
    "Missing 'a'",
  ],
  ['a list at the top', { ...strictFormat.json_schema, schema: { type: 'array' } }, 'type: "object"'],
])('refuses a strict schema with %s, as the service does', async (_name, schema, message) => {
  await using running = await stubForTest()
  const response = await running.post(draftBody({}, { response_format: { type: 'json_schema', json_schema: schema } }))
  expect(response.status).toBe(400)
  expect((await bodyOf(response)).error).toMatchObject({
    param: 'response_format',
    message: expect.stringContaining(message),
  })
})

test('refuses JSON mode when no message says JSON', async () => {
  await using running = await stubForTest()
  const messages = [{ role: 'user', content: draftPrompt().replace('as JSON', '') }]
  const response = await running.post({ model: 'm', messages, response_format: { type: 'json_object' } })
  expect(response.status).toBe(400)
})

test('streams what it would say whole, with usage last where asked', async () => {
  await using running = await stubForTest({
    tokens: { input: 1000, cached: 768, output: 500, reasoning: 20 },
    reasoningText: 'I think so.',
  })
  const client = new OpenAI({ baseURL: running.stub.url, apiKey: 'sk-test', maxRetries: 0 })
  const request = {
    model: 'gpt-4o-mini',
    messages: [{ role: 'user' as const, content: draftPrompt() }],
    response_format: strictFormat,
  }
  const whole = await client.chat.completions.create(request)
  const stream = await client.chat.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  const finished: (string | null)[] = []
  const usages: unknown[] = []
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    if (chunk.choices[0]) finished.push(chunk.choices[0].finish_reason)
    usages.push(chunk.usage)
  }
  expect(text).toBe(whole.choices[0]?.message.content)
  expect(finished.filter((reason) => reason !== null)).toEqual(['stop'])
  expect(usages.slice(0, -1).every((usage) => usage === null)).toBe(true)
  expect(usages.at(-1)).toEqual(whole.usage)
  expect(whole.usage).toMatchObject({
    prompt_tokens: 1000,
    completion_tokens: 500,
    total_tokens: 1500,
    prompt_tokens_details: { cached_tokens: 768 },
    completion_tokens_details: { reasoning_tokens: 20 },
  })
  expect(whole._request_id).toBe('req_stub-000001')
})

test('gives log-probabilities whose tokens make up the content, whole and streamed', async () => {
  await using running = await stubForTest()
  const client = new OpenAI({ baseURL: running.stub.url, apiKey: 'sk-test', maxRetries: 0 })
  const request = {
    model: 'm',
    messages: [{ role: 'user' as const, content: draftPrompt({ columns: ['straße'] }) }],
    logprobs: true,
    top_logprobs: 2,
  }
  const whole = await client.chat.completions.create(request)
  const tokens = whole.choices[0]?.logprobs?.content ?? []
  expect(tokens.map(({ token }) => token).join('')).toBe(whole.choices[0]?.message.content)
  expect(
    tokens.every(
      ({ logprob, top_logprobs, bytes, token }) =>
        logprob <= 0 && top_logprobs.length === 2 && Buffer.from(bytes ?? []).toString() === token,
    ),
  ).toBe(true)
  const streamed: typeof tokens = []
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true }))
    streamed.push(...(chunk.choices[0]?.logprobs?.content ?? []))
  expect(streamed).toEqual(tokens)
})

test('puts the answer into the arguments of the tool it is given, whole and streamed', async () => {
  await using running = await stubForTest()
  const client = new OpenAI({ baseURL: running.stub.url, apiKey: 'sk-test', maxRetries: 0 })
  const tools = [
    { type: 'function' as const, function: { name: 'describe', parameters: { ...strictFormat.json_schema.schema } } },
  ]
  const request = { model: 'm', messages: [{ role: 'user' as const, content: draftPrompt() }], tools }
  const whole = await client.chat.completions.create(request)
  const [call] = whole.choices[0]?.message.tool_calls ?? []
  expect(whole.choices[0]?.finish_reason).toBe('tool_calls')
  expect(call?.type === 'function' ? call.function.name : '').toBe('describe')
  const final = await client.chat.completions.stream({ ...request, stream: true }).finalChatCompletion()
  expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject(
    call?.type === 'function' ? { function: { arguments: call.function.arguments } } : {},
  )
  expect(JSON.parse(call?.type === 'function' ? call.function.arguments : '').columns).toHaveLength(2)
})

test('cuts the reply at the limit of the request', async () => {
  await using running = await stubForTest()
  const body = await bodyOf(await running.post(draftBody({}, { max_completion_tokens: 20 })))
  expect(body.choices[0]).toMatchObject({ finish_reason: 'length' })
  expect(body.choices[0].message.content).toHaveLength(80)
  expect(body.usage.completion_tokens).toBe(20)
})

test('asks for its key and knows its models where they are set', async () => {
  await using running = await stubForTest({ apiKey: 'sk-right', models: ['m1'] })
  const { url } = running.stub
  const wrong = new OpenAI({ baseURL: url, apiKey: 'sk-wrong-and-long', maxRetries: 0 })
  const right = new OpenAI({ baseURL: url, apiKey: 'sk-right', maxRetries: 0 })
  await expect(wrong.models.list()).rejects.toThrow(OpenAI.AuthenticationError)
  expect((await right.models.list()).data.map(({ id }) => id)).toEqual(['m1'])
  const messages = [{ role: 'user' as const, content: draftPrompt() }]
  await expect(right.chat.completions.create({ model: 'm2', messages })).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  })
  expect(running.stub.calls()).toMatchObject([{ model: 'm2', status: 404, outcome: 'refused', keyEnding: 'ight' }])
})

test('gives the same text the same embedding and alike texts near ones', async () => {
  await using running = await stubForTest()
  const client = new OpenAI({ baseURL: running.stub.url, apiKey: 'sk-test', maxRetries: 0 })
  const input = ['the first name of the customer', 'the customer first name', 'warehouse stock level today']
  const { data, usage } = await client.embeddings.create({ model: 'stub-embedding', input })
  const plain = await client.embeddings.create({
    model: 'stub-embedding',
    input: input[0] ?? '',
    encoding_format: 'float',
  })
  const [a, b, c] = data.map(({ embedding }) => embedding)
  const dot = (left: number[] = [], right: number[] = []) =>
    left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0)
  expect(dot(a, plain.data[0]?.embedding)).toBeCloseTo(1, 5)
  expect(dot(a, b)).toBeGreaterThan(dot(a, c))
  expect(usage.prompt_tokens).toBeGreaterThan(0)
})

test('logs what was asked, when, and how many calls ran at once', async () => {
  await using running = await stubForTest({ latencyMs: 30, requests: 'Kept' })
  await Promise.all([1, 2, 3].map((n) => running.post(draftBody({ table: `s.t${n}` }))))
  await running.post(draftBody({ table: 's.t1' }))
  const { calls, maximumConcurrency, inFlight, answeredAgain } = running.stub.report()
  expect(calls.map(({ table }) => table).sort()).toEqual(['s.t1', 's.t1', 's.t2', 's.t3'])
  expect(maximumConcurrency).toBe(3)
  expect(inFlight).toBe(0)
  expect(answeredAgain).toEqual([{ promptDigest: calls[3]?.promptDigest, answers: 2 }])
  expect(calls[0]).toMatchObject({
    columns: ['c_first_name', 'x_legacy_status'],
    alternatives: 3,
    mode: 'json_schema',
    stream: 'no',
    status: 200,
    outcome: 'answered',
  })
  expect(calls[0]?.request?.model).toBe('gpt-4o-mini')
  expect(calls[0]?.endedMs ?? 0).toBeGreaterThan(calls[0]?.startedMs ?? 0)
})

test('refuses more calls at once than it may take', async () => {
  await using running = await stubForTest({ maximumConcurrency: 2, latencyMs: 50 })
  const statuses = (await Promise.all([1, 2, 3, 4].map((n) => running.post(draftBody({ table: `s.t${n}` }))))).map(
    ({ status }) => status,
  )
  expect(statuses.toSorted()).toEqual([200, 200, 429, 429])
})

test('is configured, read and reset over its control endpoints', async () => {
  await using running = await stubForTest()
  const { controlUrl } = running.stub
  const configure = (change: object) =>
    fetch(`${controlUrl}/configure`, { method: 'POST', body: JSON.stringify(change) })
  expect(await bodyOf(await configure({ faults: [{ kind: 'rate-limit', first: 1 }] }))).toMatchObject({
    faults: [{ kind: 'rate-limit' }],
  })
  expect((await running.post(draftBody())).status).toBe(429)
  expect((await running.post(draftBody())).status).toBe(200)
  expect((await bodyOf(await fetch(`${controlUrl}/calls`))).calls).toHaveLength(2)
  const wrong = await configure({ faults: [{ kind: 'no-such-fault' }] })
  expect(wrong.status).toBe(400)
  expect((await bodyOf(wrong)).error.message).toContain('/faults/0/kind')
  expect((await bodyOf(await configure({ latency: 5 }))).error.message).toContain('/latency is not a setting')
  await fetch(`${controlUrl}/reset`, { method: 'POST' })
  expect(running.stub.report()).toMatchObject({ calls: [], maximumConcurrency: 0 })
})

test('stops with calls in flight', async () => {
  const running = await stubForTest({ latencyMs: 60_000 })
  const pending = running.post(draftBody()).then(
    () => 'answered',
    () => 'cut',
  )
  await expect.poll(() => running.stub.report().inFlight).toBe(1)
  await running.stub.stop()
  expect(await pending).toBe('cut')
  await expect(running.post(draftBody())).rejects.toThrow()
})

test('notes a client that leaves before the answer', async () => {
  await using running = await stubForTest({ latencyMs: 60_000 })
  const leaving = new AbortController()
  const pending = running.post(draftBody(), { signal: leaving.signal }).catch(() => 'left')
  await expect.poll(() => running.stub.report().inFlight).toBe(1)
  leaving.abort()
  expect(await pending).toBe('left')
  await expect.poll(() => running.stub.calls()[0]?.outcome).toBe('client-left')
})
