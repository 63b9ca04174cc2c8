import { createServer, type IncomingMessage } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { createDrafter } from '../create-drafter.ts'
import { recordedJournal } from '../testing/recorded-journal.ts'
import { recordedLedger } from '../testing/recorded-ledger.ts'
import { generationSettings, modelSettings, tableProfile } from '../testing/table-profile-fixture.ts'

interface Asked {
  readonly requests: readonly { readonly custom_id: string; readonly params: Readonly<Record<string, unknown>> }[]
}

const answer = JSON.stringify({
  columns: [
    {
      name: 'price',
      reasoning: 'The name.',
      citations: [],
      alternatives: ['Price asked', 'List price', 'Amount due'].map((text) => ({
        text: `${text} for the product.`,
        confidence: 'high',
      })),
    },
  ],
})

/**
 * The Message Batches API with the replies its documentation shows: the first request of a batch is answered as `first` says, the
 * others succeed. @see https://platform.claude.com/docs/en/api/messages/batches
 */
async function startBatchServer(first: object | null) {
  const asked: { readonly route: string; readonly headers: IncomingMessage['headers']; readonly body: unknown }[] = []
  let submitted: Asked['requests'] = []
  let polls = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const body: unknown = text === '' ? null : JSON.parse(text)
    const route = `${request.method} ${request.url}`
    asked.push({ route, headers: request.headers, body })
    const origin = `http://${request.headers.host}`
    const batch = (status: string) => ({
      id: 'msgbatch_013Zva2CMHLNnXjNJJKqJ2EF',
      type: 'message_batch',
      processing_status: status,
      request_counts: { processing: submitted.length, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
      created_at: new Date().toISOString(),
      results_url:
        status === 'ended' ? `${origin}/v1/messages/batches/msgbatch_013Zva2CMHLNnXjNJJKqJ2EF/results` : null,
    })
    const send = (value: unknown, status = 200) => response.writeHead(status).end(JSON.stringify(value))
    if (route === 'POST /v1/messages/batches') {
      submitted = (body as Asked).requests
      return send(batch('in_progress'))
    }
    if (route.endsWith('/results')) {
      const lines = submitted.map(({ custom_id }, index) => {
        const message = {
          id: 'msg_014VwiXbi91y3JMjcpyGBHX5',
          type: 'message',
          role: 'assistant',
          model: 'claude-sonnet-4-5',
          content: [
            { type: 'thinking', thinking: 'A price.', signature: 'x' },
            { type: 'text', text: answer },
          ],
          stop_reason: 'end_turn',
          usage: {
            input_tokens: 1_000,
            output_tokens: 100,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 0,
          },
        }
        const result = index === 0 && first !== null ? first : { type: 'succeeded', message }
        return JSON.stringify({ custom_id, result })
      })
      return response.end(`${lines.reverse().join('\n')}\n`)
    }
    polls += 1
    return send(batch(polls > 1 ? 'ended' : 'in_progress'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { asked, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` }
}

async function draftTwo(first: object | null) {
  const server = await startBatchServer(first)
  const ledger = recordedLedger()
  const drafter = createDrafter({
    model: modelSettings({ provider: 'Anthropic', model: 'claude-sonnet-4-5', baseURL: server.url }),
    apiKey: 'key-1',
    batches: recordedJournal(ledger),
    batchPace: { quietMs: 50, firstPollMs: 20 },
  })
  onTestFinished(() => drafter.close())
  const drafted = await Promise.allSettled(
    ['a', 'b'].map((name) =>
      drafter.draftBatch(
        {
          profile: tableProfile({ path: `shop.${name}`, columns: [{ name: 'price', type: 'numeric' }] }),
          columns: ['price'],
          includeTable: false,
          generation: generationSettings({ alternatives: 3 }),
        },
        ledger,
        new AbortController().signal,
      ),
    ),
  )
  return { server, ledger, drafted }
}

test('Anthropic gets a batch as documented, and its results are read in any order', async () => {
  const { server, ledger, drafted } = await draftTwo(null)
  expect(drafted.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  expect(server.asked.map(({ route }) => route)).toEqual([
    'POST /v1/messages/batches',
    ...Array.from({ length: 3 }, () => 'GET /v1/messages/batches/msgbatch_013Zva2CMHLNnXjNJJKqJ2EF'),
    'GET /v1/messages/batches/msgbatch_013Zva2CMHLNnXjNJJKqJ2EF/results',
  ])
  const [submission] = server.asked
  expect(submission?.headers).toMatchObject({ 'x-api-key': 'key-1', 'anthropic-version': '2023-06-01' })
  const { requests } = (submission?.body ?? { requests: [] }) as Asked
  expect(requests.map(({ custom_id }) => custom_id)).toEqual(ledger.calls.map(({ intent }) => intent.callId))
  expect(requests[0]?.params).toMatchObject({ model: 'claude-sonnet-4-5' })
  // $3 and $15 a million tokens, half of that in batches.
  expect(Number(ledger.calls[0]?.outcome?.costUsd)).toBeCloseTo((1_000 * 3 + 100 * 15) / 1e6 / 2, 9)
})

test.each([
  [
    'errored for good',
    {
      type: 'errored',
      error: {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'messages: at least one message is required' },
      },
    },
    'AMX-3010',
  ],
  [
    'errored for a while',
    { type: 'errored', error: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } },
    'AMX-3011',
  ],
  [
    'a wrong key',
    {
      type: 'errored',
      error: { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } },
    },
    'AMX-3001',
  ],
  ['expired', { type: 'expired' }, 'AMX-3011'],
  ['canceled', { type: 'canceled' }, 'AMX-3011'],
])('a request that %s fails alone', async (_, result, code) => {
  const { ledger, drafted } = await draftTwo(result)
  expect(drafted.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(ledger.calls.map(({ outcome }) => outcome?.outcome)).toEqual(['Failed', 'Succeeded'])
  expect(ledger.calls[0]?.outcome?.error?.code).toBe(code)
})
