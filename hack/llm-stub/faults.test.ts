import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { bodyOf, draftBody, draftPrompt, strictFormat, stubForTest } from './stub-fixture.ts'
import { type FaultKind, type FaultRule, faultKinds } from './stub-options.ts'

const shown = new Set<FaultKind>()

function stubWith(rule: FaultRule) {
  shown.add(rule.kind)
  return stubForTest({ faults: [rule] })
}

function clientOf(url: string) {
  return new OpenAI({ baseURL: url, apiKey: 'sk-test', maxRetries: 0 })
}

function ask(url: string) {
  const messages = [{ role: 'user' as const, content: draftPrompt() }]
  return clientOf(url).chat.completions.create({ model: 'gpt-4o-mini', messages, response_format: strictFormat })
}

const refused: [FaultRule, number, string | null, new (...given: never[]) => Error][] = [
  [{ kind: 'rate-limit' }, 429, 'rate_limit_exceeded', OpenAI.RateLimitError],
  [{ kind: 'server-error' }, 500, null, OpenAI.InternalServerError],
  [{ kind: 'server-error', status: 502 }, 502, null, OpenAI.InternalServerError],
  [{ kind: 'unavailable' }, 503, null, OpenAI.InternalServerError],
  [{ kind: 'unauthorized' }, 401, 'invalid_api_key', OpenAI.AuthenticationError],
  [{ kind: 'insufficient-quota' }, 402, 'insufficient_quota', OpenAI.APIError],
  [{ kind: 'insufficient-quota', status: 429 }, 429, 'insufficient_quota', OpenAI.RateLimitError],
  [{ kind: 'model-not-found' }, 404, 'model_not_found', OpenAI.NotFoundError],
  [{ kind: 'response-format-rejected' }, 400, null, OpenAI.BadRequestError],
  [{ kind: 'context-length-exceeded' }, 400, 'context_length_exceeded', OpenAI.BadRequestError],
]

test.each(refused)('%j is an HTTP error in the form of OpenAI', async (rule, status, code, errorClass) => {
  await using running = await stubWith(rule)
  const response = await running.post(draftBody())
  expect(response.status).toBe(status)
  expect((await bodyOf(response)).error).toMatchObject({ code, message: expect.any(String), type: expect.any(String) })
  const error = await ask(running.stub.url).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(errorClass)
  expect(error).toMatchObject({ status, code })
  expect(running.stub.calls()).toMatchObject([
    { outcome: rule.kind, status },
    { outcome: rule.kind, status },
  ])
})

test('rate-limit says when to come again only where it is told to', async () => {
  await using running = await stubForTest({
    faults: [{ kind: 'rate-limit', retryAfterSeconds: 7, first: 1 }, { kind: 'rate-limit' }],
  })
  expect((await running.post(draftBody())).headers.get('retry-after')).toBe('7')
  expect((await running.post(draftBody())).headers.get('retry-after')).toBeNull()
})

test('response-format-rejected lets JSON mode and plain text through', async () => {
  await using running = await stubWith({ kind: 'response-format-rejected' })
  expect((await running.post(draftBody({}, { response_format: { type: 'json_object' } }))).status).toBe(200)
  expect((await running.post(draftBody({}, { response_format: undefined }))).status).toBe(200)
})

test('logprobs-rejected refuses only requests that ask for log-probabilities', async () => {
  await using running = await stubWith({ kind: 'logprobs-rejected' })
  expect((await running.post(draftBody())).status).toBe(200)
  const response = await running.post(draftBody({}, { logprobs: true }))
  expect((await bodyOf(response)).error).toMatchObject({ code: 'unsupported_parameter', param: 'logprobs' })
})

test.each(['reset-before', 'reset-midway'] as const)('%s cuts the connection, whole and streamed', async (kind) => {
  await using running = await stubWith({ kind })
  await expect(running.post(draftBody()).then((response) => response.text())).rejects.toThrow()
  await expect(running.post(draftBody({}, { stream: true })).then((response) => response.text())).rejects.toThrow()
  await expect(ask(running.stub.url)).rejects.toThrow()
  await expect.poll(() => running.stub.calls().map(({ outcome }) => outcome)).toEqual([kind, kind, kind])
})

test('reset-midway of a stream comes after half of the text', async () => {
  await using running = await stubWith({ kind: 'reset-midway' })
  const messages = [{ role: 'user' as const, content: draftPrompt() }]
  const stream = await clientOf(running.stub.url).chat.completions.create({ model: 'm', messages, stream: true })
  let text = ''
  const reading = async () => {
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  }
  await expect(reading()).rejects.toThrow()
  expect(text.length).toBeGreaterThan(10)
})

test.each(['hang', 'hang-midway'] as const)('%s waits until the client gives up', async (kind) => {
  await using running = await stubWith({ kind })
  const leaving = new AbortController()
  const pending = running
    .post(draftBody({}, { stream: true }), { signal: leaving.signal })
    .then((response) => response.text())
  await expect.poll(() => running.stub.report().inFlight).toBe(1)
  leaving.abort()
  await expect(pending).rejects.toThrow('aborted')
  await expect.poll(() => running.stub.calls()[0]?.outcome).toBe(kind)
})

test('slow-stream gives the whole reply in pieces', async () => {
  await using running = await stubWith({ kind: 'slow-stream', pieceDelayMs: 1 })
  const whole = await ask(running.stub.url)
  expect(JSON.parse(whole.choices[0]?.message.content ?? '').columns).toHaveLength(2)
  const events = await (await running.post(draftBody({}, { stream: true }))).text()
  expect(events.trimEnd().endsWith('data: [DONE]')).toBe(true)
})

async function contentWith(rule: FaultRule) {
  await using running = await stubWith(rule)
  const whole = await ask(running.stub.url)
  const plain = await bodyOf(await running.post(draftBody()))
  const [choice] = whole.choices
  if (choice === undefined) throw new Error('no choice')
  expect(plain.choices[0].finish_reason).toBe(choice.finish_reason)
  return { choice, content: choice.message.content, usage: whole.usage }
}

test('truncated ends with reason length in the middle of the JSON', async () => {
  const { choice, content } = await contentWith({ kind: 'truncated' })
  expect(choice.finish_reason).toBe('length')
  expect(() => JSON.parse(content ?? '')).toThrow()
})

test('empty-for-length says nothing and spent everything on reasoning', async () => {
  const { choice, content, usage } = await contentWith({ kind: 'empty-for-length' })
  expect([choice.finish_reason, content]).toEqual(['length', ''])
  expect(usage?.completion_tokens_details?.reasoning_tokens).toBe(usage?.completion_tokens)
})

test('empty-content ends well without a word', async () => {
  const { choice, content } = await contentWith({ kind: 'empty-content' })
  expect([choice.finish_reason, content]).toEqual(['stop', ''])
})

test('malformed-json is complete and not JSON', async () => {
  const { choice, content } = await contentWith({ kind: 'malformed-json' })
  expect(choice.finish_reason).toBe('stop')
  expect(content?.endsWith('}')).toBe(true)
  expect(() => JSON.parse(content ?? '')).toThrow()
})

test('prose has no JSON in it', async () => {
  expect((await contentWith({ kind: 'prose' })).content).not.toContain('{')
})

test('labelled-text names every column and alternative', async () => {
  const { content } = await contentWith({ kind: 'labelled-text' })
  expect(content).toContain('COLUMN: x_legacy_status\nDESCRIPTION_1: ')
  expect(content).toContain('TABLE_DESCRIPTION_3: ')
})

test('fenced-json stands between fences in a letter', async () => {
  const { content } = await contentWith({ kind: 'fenced-json' })
  const inside = /```json\n([\s\S]*?)\n```/.exec(content ?? '')?.[1]
  expect(JSON.parse(inside ?? '').columns).toHaveLength(2)
})

test('refusal has no content, whole and streamed', async () => {
  const { choice, content } = await contentWith({ kind: 'refusal' })
  expect(content).toBeNull()
  expect(choice.message.refusal).toContain("can't help")
  await using running = await stubWith({ kind: 'refusal' })
  const messages = [{ role: 'user' as const, content: draftPrompt() }]
  const streamed = await clientOf(running.stub.url)
    .chat.completions.stream({ model: 'm', messages })
    .finalChatCompletion()
  expect(streamed.choices[0]?.message.refusal).toBe(choice.message.refusal)
})

test('content-filter is a finish reason', async () => {
  expect((await contentWith({ kind: 'content-filter' })).choice.finish_reason).toBe('content_filter')
})

test('missing-columns leaves the first ones out', async () => {
  const { content } = await contentWith({ kind: 'missing-columns' })
  expect(JSON.parse(content ?? '').columns.map((column: { name: string }) => column.name)).toEqual(['x_legacy_status'])
})

test('unknown-columns answers for columns nobody asked for', async () => {
  const { content } = await contentWith({ kind: 'unknown-columns' })
  expect(JSON.parse(content ?? '').columns[0].name).toBe('c_first_name_unknown')
})

test('too-few-alternatives gives the count it is told, for columns and table', async () => {
  const { content } = await contentWith({ kind: 'too-few-alternatives', count: 2 })
  const answer = JSON.parse(content ?? '')
  expect(answer.columns[0].alternatives).toHaveLength(2)
  expect(answer.table.alternatives).toHaveLength(2)
})

test('duplicates differ in case and white space alone', async () => {
  const { content } = await contentWith({ kind: 'duplicates' })
  const texts: string[] = JSON.parse(content ?? '').columns[0].alternatives.map(
    (alternative: { text: string }) => alternative.text,
  )
  expect(new Set(texts).size).toBeGreaterThan(1)
  expect(new Set(texts.map((text) => text.trim().toLowerCase().replace(/\s+/g, ' '))).size).toBe(1)
})

test('wrong-usage cannot be true', async () => {
  expect((await contentWith({ kind: 'wrong-usage' })).usage).toMatchObject({ prompt_tokens: 0, completion_tokens: -1 })
})

test('missing-usage has none, whole and streamed', async () => {
  expect((await contentWith({ kind: 'missing-usage' })).usage).toBeUndefined()
  await using running = await stubWith({ kind: 'missing-usage' })
  const events = await (
    await running.post(draftBody({}, { stream: true, stream_options: { include_usage: true } }))
  ).text()
  expect(events).not.toContain('usage')
})

test('embeddings fail by their own rules', async () => {
  await using running = await stubForTest({ faults: [{ kind: 'unavailable', route: 'embeddings' }] })
  const client = clientOf(running.stub.url)
  await expect(client.embeddings.create({ model: 'e', input: 'x' })).rejects.toMatchObject({ status: 503 })
  expect((await running.post(draftBody())).status).toBe(200)
})

test('every fault was shown', () => {
  expect(faultKinds.filter((kind) => !shown.has(kind))).toEqual([])
})
