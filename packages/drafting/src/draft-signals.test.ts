import type { DraftRow } from '@amx/api'
import { expect, test } from 'vitest'
import { goodAnswer, routeSetting } from './testing/route-setting.ts'
import type { StubReply, StubRequest } from './testing/route-stub.ts'

const server = { provider: 'OpenAICompatible', model: 'local' } as const

function completion(content: string): StubReply {
  return { body: { choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }] } }
}

function answerOf(columns: Readonly<Record<string, readonly object[]>>): string {
  return JSON.stringify({
    columns: Object.entries(columns).map(([name, alternatives]) => ({
      name,
      alternatives,
      reasoning: '',
      citations: [],
    })),
  })
}

function scoresOf(rows: readonly DraftRow[]): (readonly (number | null)[])[] {
  return rows.map(({ alternatives }) => alternatives.map(({ score }) => score))
}

test('SelfDeclared: high is 0.9, medium 0.6, low 0.3', async () => {
  const content = answerOf({
    name: [
      { text: 'First.', confidence: 'high' },
      { text: 'Second.', confidence: 'medium' },
      { text: 'Third.', confidence: 'low' },
    ],
    price: [
      { text: 'First price.', confidence: 'low' },
      { text: 'Second price.' },
      { text: 'Third price.', confidence: 'high' },
    ],
  })
  await using setting = await routeSetting(server, completion(content))
  const { rows, calls } = await setting.draft({ confidenceSignal: 'SelfDeclared' })
  expect(calls).toBe(1)
  expect(scoresOf(rows)).toEqual([
    [0.9, 0.6, 0.3],
    [0.3, null, 0.9],
  ])
  expect(rows.map(({ score, band, warnings }) => [score, band, warnings])).toEqual([
    [0.9, 'High', []],
    [0.3, 'Low', ['no SelfDeclared score: the model stated no confidence']],
  ])
})

test('SelfDeclared: a duplicate that is left out takes its word with it', async () => {
  const content = answerOf({
    name: [
      { text: 'Same text.', confidence: 'low' },
      { text: 'same  text.', confidence: 'high' },
      { text: 'Other text.', confidence: 'medium' },
    ],
    price: [
      { text: 'A b.', confidence: 'high' },
      { text: 'C d.', confidence: 'high' },
    ],
  })
  await using setting = await routeSetting(server, completion(content))
  const { rows } = await setting.draft({ confidenceSignal: 'SelfDeclared', alternatives: 2 })
  expect(scoresOf(rows)[0]).toEqual([0.3, 0.6])
})

/** Judges by what a text says: `words` gives the verdict of texts that hold the word. */
function judge(words: Readonly<Record<string, readonly [number, number, number]>>) {
  return (request: StubRequest): StubReply => {
    const verdicts = numberedTexts(request).flatMap(([number, text]) => {
      const [supported, contradicted, vague] = Object.entries(words).find(([word]) => text.includes(word))?.[1] ?? []
      return supported === undefined ? [] : [{ text: number, supported, contradicted, vague }]
    })
    return completion(JSON.stringify({ verdicts }))
  }
}

function promptOf({ body }: StubRequest): string {
  const messages: unknown[] = Array.isArray(body['messages']) ? body['messages'] : []
  const last = messages.at(-1)
  return typeof last === 'object' && last !== null && 'content' in last ? String(last.content) : ''
}

function numberedTexts(request: StubRequest): (readonly [number, string])[] {
  const [, listed = ''] = /<texts>\n([\s\S]*)\n<\/texts>/.exec(promptOf(request)) ?? []
  return [...listed.matchAll(/^(\d+)\. (.*)$/gm)].map(([, number, text]) => [Number(number), text ?? ''])
}

test('Judge: one further call for the batch, announced as such, scores every text by itself', async () => {
  await using setting = await routeSetting(
    server,
    completion(goodAnswer),
    // (3 − 0) / 3 = 1; (2 − 1) / 4 = 0.25; (0 − 1) / 2 → 0
    judge({ First: [3, 0, 0], Second: [2, 1, 1], Third: [0, 1, 1] }),
  )
  const { rows, calls } = await setting.draft({ confidenceSignal: 'Judge' })
  expect(calls).toBe(2)
  expect(setting.ledger.calls.map(({ intent, outcome }) => [intent.purpose, outcome?.outcome])).toEqual([
    ['draft', 'Succeeded'],
    ['judge', 'Succeeded'],
  ])
  expect(scoresOf(rows)).toEqual([
    [1, 0.25, 0],
    [1, 0.25, 0],
  ])
  const callIds = setting.ledger.calls.map(({ intent }) => intent.callId)
  for (const row of rows) expect(row).toMatchObject({ signal: 'Judge', score: 1, band: 'High', warnings: [], callIds })
})

test('Judge: sees the evidence and the texts in another order than they were written in, the same every time', async () => {
  await using setting = await routeSetting(server, completion(goodAnswer), judge({}), completion(goodAnswer), judge({}))
  const { rows } = await setting.draft({ confidenceSignal: 'Judge' })
  await setting.draft({ confidenceSignal: 'Judge' })
  const [, first, , second] = setting.stub.requests
  if (first === undefined || second === undefined) throw new Error('the judge was not asked')
  for (const row of rows) expect(promptOf(first)).toContain(row.evidence)
  const shown = numberedTexts(first).map(([, text]) => text.replace(/^\w+: "(.*)"$/, '$1'))
  const written = rows.flatMap(({ alternatives }) => alternatives.map(({ text }) => text))
  expect(shown).not.toEqual(written)
  expect([...shown].sort()).toEqual([...written].sort())
  expect(promptOf(second)).toBe(promptOf(first))
  expect(first.body).toMatchObject({ response_format: { json_schema: { schema: { required: ['verdicts'] } } } })
})

test.each([
  [
    'says nothing of a text',
    judge({ First: [1, 0, 0], Second: [1, 0, 0] }),
    [1, 1, null],
    'the judge said nothing of a text',
  ],
  ['writes prose', completion('They are all fine.'), [null, null, null], 'the judge said nothing of a text'],
  [
    'refuses',
    { body: { choices: [{ index: 0, finish_reason: 'content_filter', message: { content: '' } }] } },
    [null, null, null],
    'AMX-3007',
  ],
  ['fails for good', { status: 400, body: { error: { message: 'Unknown field' } } }, [null, null, null], 'AMX-3010'],
] as const)('Judge: one that %s leaves none and fails nothing', async (_, answer, scores, reason) => {
  await using setting = await routeSetting(server, completion(goodAnswer), answer)
  const { rows } = await setting.draft({ confidenceSignal: 'Judge' })
  expect(scoresOf(rows)).toEqual([scores, scores])
  for (const { warnings } of rows) expect(warnings).toEqual([expect.stringContaining(`no judge score: `)])
  for (const { warnings } of rows) expect(warnings[0]).toContain(reason)
  expect(setting.ledger.calls.every(({ outcome }) => outcome !== null)).toBe(true)
})

test('Judge: a reply without a verdict is accounted for, and not kept for whoever asks the same', async () => {
  await using setting = await routeSetting(server, completion(goodAnswer), completion('They are all fine.'))
  await setting.draft({ confidenceSignal: 'Judge' })
  expect(setting.ledger.calls.map(({ outcome }) => [outcome?.outcome, outcome?.error?.code])).toEqual([
    ['Succeeded', undefined],
    ['Failed', 'AMX-3009'],
  ])
})

test('Judge: a prompt too long for it is judged in halves', async () => {
  const tooLong = { status: 400, body: { error: { message: 'too long', code: 'context_length_exceeded' } } }
  const fair = judge({ First: [1, 0, 0], Second: [1, 0, 1], Third: [0, 0, 1] })
  await using setting = await routeSetting(server, completion(goodAnswer), tooLong, fair)
  const { rows } = await setting.draft({ confidenceSignal: 'Judge' })
  expect(setting.ledger.calls.map(({ intent }) => intent.purpose)).toEqual(['draft', 'judge', 'judge', 'judge'])
  expect(scoresOf(rows)).toEqual([
    [1, 0.5, 0],
    [1, 0.5, 0],
  ])
})

test('Judge: an order to stop is not kept to itself', async () => {
  const limits = { concurrency: 1, timeoutMs: 60_000, retries: 0 }
  await using setting = await routeSetting({ ...server, limits }, completion(goodAnswer), 'hang')
  const stopping = new AbortController()
  const drafted = setting.draft({ confidenceSignal: 'Judge' }, stopping.signal)
  await expect.poll(() => setting.stub.requests.length).toBe(2)
  stopping.abort(new Error('told to stop'))
  await expect(drafted).rejects.toThrow('told to stop')
})

test('alternatives that are not what their mode asks for are told apart', async () => {
  const different = answerOf({
    name: [{ text: 'Weight of parcels.' }, { text: 'Customer e-mail.' }, { text: 'Invoice date.' }],
    price: [
      { text: 'Unit price in euros.' },
      { text: 'Price per unit, euros.' },
      { text: 'The unit price, in euros.' },
    ],
  })
  await using setting = await routeSetting(server, completion(different))
  const semantic = await setting.draft({ confidenceSignal: 'SelfConsistency', alternativesMode: 'Semantic' })
  expect(semantic.rows.map(({ warnings }) => warnings)).toEqual([
    [expect.stringContaining('the alternatives are to say the same and differ (mean similarity 0.')],
    [],
  ])
  const lexical = await setting.draft({ confidenceSignal: 'SelfConsistency', alternativesMode: 'Lexical' })
  expect(lexical.rows.map(({ warnings }) => warnings)).toEqual([
    [],
    [expect.stringContaining('the alternatives are to differ in meaning and say the same (mean similarity 0.')],
  ])
})

test('OpenAI is asked for log-probabilities beside every signal, and the row keeps how probable its first text was', async () => {
  const content = answerOf({
    name: [{ text: 'Sure.' }, { text: 'Other.' }, { text: 'Third.' }],
    price: [{ text: 'Fee.' }],
  })
  const at = content.indexOf('Sure.')
  const tokens = [content.slice(0, at), 'Sure', '.', content.slice(at + 5)].map((token) => ({
    token,
    logprob: token === 'Sure' ? Math.log(0.8) : Math.log(0.1),
    bytes: null,
  }))
  const choice = {
    index: 0,
    finish_reason: 'stop',
    message: { role: 'assistant', content },
    logprobs: { content: tokens },
  }
  await using setting = await routeSetting(
    { provider: 'OpenAI', model: 'gpt-4o-mini' },
    { body: { choices: [choice] } },
  )
  const { rows } = await setting.draft({ confidenceSignal: 'SelfConsistency', alternatives: 3 })
  expect(setting.stub.requests[0]?.body).toMatchObject({ logprobs: true })
  expect(rows[0]).toMatchObject({ signal: 'SelfConsistency', tokenProbability: 0.8 })
})

test('other servers are asked for log-probabilities only where they give the score', async () => {
  await using setting = await routeSetting(server, completion(goodAnswer))
  const { rows } = await setting.draft({ confidenceSignal: 'SelfConsistency' })
  expect(setting.stub.requests[0]?.body).not.toHaveProperty('logprobs')
  expect(rows[0]).not.toHaveProperty('tokenProbability')
})
