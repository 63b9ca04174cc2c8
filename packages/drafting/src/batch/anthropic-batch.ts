import type { ModelSettings } from '@amx/api'
import { anthropicErrorStatus } from '../providers/anthropic-error-status.ts'
import { type CallFailure, type FailureContext, malformed } from '../providers/call-failure.ts'
import type { ModelReply } from '../providers/model-reply.ts'
import { type JsonAnswer, parsedJson } from '../providers/post-json.ts'
import { type JsonRecord, recordOf, recordsOf, textOf } from '../providers/read-record.ts'
import { type BatchAnswer, BatchFault, type BatchProvider } from './batch-provider.ts'
import { jsonLines } from './json-lines.ts'

export interface AnthropicBatchOptions {
  readonly model: ModelSettings
  /** Of the messages, such as `https://api.anthropic.com/v1/messages`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly fetch: typeof fetch
  readonly read: (answer: JsonAnswer) => ModelReply | CallFailure
  readonly refused: (answer: JsonAnswer) => CallFailure
}

/** Anthropic's Message Batches. @see https://platform.claude.com/docs/en/build-with-claude/batch-processing */
export function createAnthropicBatch(options: AnthropicBatchOptions): BatchProvider<object> {
  const { model, headers, read, refused } = options
  const { provider, limits } = model
  const context: FailureContext = { provider, model: model.model, timeoutMs: limits.timeoutMs }
  const batches = `${options.url}/batches`

  async function asked(method: 'GET' | 'POST', url: string, body: object | null, signal: AbortSignal) {
    const response = await options.fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
      signal,
    })
    if (response.status === 200) return response
    const answer = { status: response.status, headers: response.headers, body: parsedJson(await response.text()) }
    throw new BatchFault(refused(answer))
  }

  const json = async (response: Response) => recordOf(await response.json())
  const of = (name: string) => `${batches}/${encodeURIComponent(name)}`

  return {
    async submit(_batchId, requests, signal) {
      const body = { requests: requests.map((request) => ({ custom_id: request.callId, params: request.body })) }
      const id = textOf((await json(await asked('POST', batches, body, signal)))['id'])
      if (id === null) throw new BatchFault(malformed(context, 'the provider gave the batch no id'))
      return id
    },
    // Batches carry no mark of ours. One that was made since, has as many requests and, once ended, our first call is it.
    async find(_batchId, since, requests, signal) {
      const listed = recordsOf((await json(await asked('GET', `${batches}?limit=100`, null, signal)))['data'])
      const alike = listed.filter((batch) => {
        const created = Date.parse(textOf(batch['created_at']) ?? '')
        return created >= since.getTime() - 60_000 && requestsOf(batch) === requests
      })
      return alike.length === 1 ? textOf(alike[0]?.['id']) : null
    },
    async progress(name, signal) {
      const batch = await json(await asked('GET', of(name), null, signal))
      return { state: batch['processing_status'] === 'ended' ? 'Ended' : 'Working' }
    },
    async *answers(name, signal): AsyncGenerator<BatchAnswer> {
      const { results_url: url } = await json(await asked('GET', of(name), null, signal))
      // Below our own address, so that the key goes nowhere else.
      const response = await asked('GET', sameOrigin(textOf(url), batches) ?? `${of(name)}/results`, null, signal)
      if (response.body === null) return
      for await (const line of jsonLines(response.body)) yield answerOf(line)
    },
    async cancel(name, signal) {
      await asked('POST', `${of(name)}/cancel`, {}, signal)
    },
  }

  function answerOf(line: JsonRecord): BatchAnswer {
    const callId = textOf(line['custom_id']) ?? ''
    const { type, message, error } = recordOf(line['result'])
    if (type === 'succeeded') return { callId, result: read({ status: 200, headers: new Headers(), body: message }) }
    if (type !== 'errored')
      return { callId, result: malformed(context, `the request was ${textOf(type) ?? 'lost'} in the batch`) }
    const inner = recordOf(recordOf(error)['error'] ?? error)
    const status = statuses[textOf(inner['type']) ?? ''] ?? 400
    return { callId, result: refused({ status, headers: new Headers(), body: { error: inner } }) }
  }
}

// A result is of one request, so that what is not known of its error is the request's fault; the provider's own are named.
const statuses: Readonly<Record<string, number>> = { ...anthropicErrorStatus, api_error: 500, timeout_error: 504 }

function requestsOf(batch: JsonRecord): number {
  return Object.values(recordOf(batch['request_counts'])).reduce<number>(
    (sum, count) => sum + (typeof count === 'number' ? count : 0),
    0,
  )
}

function sameOrigin(url: string | null, ours: string): string | null {
  if (url === null || !URL.canParse(url)) return null
  return new URL(url).origin === new URL(ours).origin ? url : null
}
