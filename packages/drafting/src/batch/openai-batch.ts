import type { ModelSettings } from '@amx/api'
import { type OpenAI, toFile } from 'openai'
import { type CallFailure, type FailureContext, httpFailure, malformed } from '../providers/call-failure.ts'
import type { ModelReply } from '../providers/model-reply.ts'
import { sdkFailure } from '../providers/openai-client.ts'
import { type JsonRecord, recordOf, recordsOf, textOf } from '../providers/read-record.ts'
import { type BatchAnswer, BatchFault, type BatchProgress, type BatchProvider } from './batch-provider.ts'
import { jsonLines } from './json-lines.ts'

/** How a wire reads the body of an answer of status 200. */
export type ReadBody = (body: JsonRecord, requestId: string | null) => ModelReply | CallFailure

const tag = 'amx_batch'

/** OpenAI's Batch API: a file of requests in, a file of answers and one of errors out. @see https://platform.openai.com/docs/guides/batch */
export function createOpenAIBatch<Body extends object>(
  client: OpenAI,
  endpoint: '/v1/chat/completions' | '/v1/responses',
  { provider, model, limits }: ModelSettings,
  read: ReadBody,
): BatchProvider<Body> {
  const context: FailureContext = { provider, model, timeoutMs: limits.timeoutMs }

  // The pool's fetch knows no forms of this process; there is one upload per batch.
  const uploads = client.withOptions({ fetch: globalThis.fetch })

  async function asked<Answer>(request: () => PromiseLike<Answer>): Promise<Answer> {
    try {
      return await request()
    } catch (thrown) {
      throw new BatchFault(sdkFailure(thrown, context))
    }
  }

  return {
    async submit(batchId, requests, signal) {
      const lines = requests.map(({ callId, body }) =>
        JSON.stringify({ custom_id: callId, method: 'POST', url: endpoint, body }),
      )
      const content = Buffer.from(`${lines.join('\n')}\n`)
      const file = await asked(async () =>
        uploads.files.create({ file: await toFile(content, `${batchId}.jsonl`), purpose: 'batch' }, { signal }),
      )
      const batch = await asked(() =>
        client.batches.create(
          { input_file_id: file.id, endpoint, completion_window: '24h', metadata: { [tag]: batchId } },
          { signal },
        ),
      )
      return batch.id
    },
    async find(batchId, since, _requests, signal) {
      const oldest = since.getTime() / 1_000 - 60
      // Newest first; those before it was sent cannot be it.
      let page = await asked(() => client.batches.list({ limit: 100 }, { signal }))
      for (;;) {
        for (const batch of page.data) if (batch.metadata?.[tag] === batchId) return batch.id
        const last = page.data.at(-1)
        if (last === undefined || last.created_at < oldest || !page.hasNextPage()) return null
        const next = page
        page = await asked(() => next.getNextPage())
      }
    },
    async progress(name, signal): Promise<BatchProgress> {
      const batch = await asked(() => client.batches.retrieve(name, { signal }))
      if (batch.status === 'failed') return { state: 'Failed', failure: failed(batch.errors?.data ?? []) }
      const over = batch.status === 'completed' || batch.status === 'expired' || batch.status === 'cancelled'
      return { state: over ? 'Ended' : 'Working' }
    },
    async *answers(name, signal): AsyncGenerator<BatchAnswer> {
      const batch = await asked(() => client.batches.retrieve(name, { signal }))
      for (const fileId of [batch.output_file_id, batch.error_file_id]) {
        if (!fileId) continue
        const file = await asked(() => client.files.content(fileId, { signal }))
        if (file.body === null) continue
        for await (const line of jsonLines(file.body)) yield answerOf(line)
      }
    },
    async cancel(name, signal) {
      await asked(() => client.batches.cancel(name, { signal }))
    },
  }

  function answerOf(line: JsonRecord): BatchAnswer {
    const callId = textOf(line['custom_id']) ?? ''
    const response = recordOf(line['response'])
    const requestId = textOf(response['request_id'])
    const status = response['status_code']
    if (status === 200) return { callId, result: read(recordOf(response['body']), requestId) }
    if (typeof status === 'number')
      return { callId, result: refusal(status, recordOf(recordOf(response['body'])['error']), requestId) }
    // batch_expired, batch_cancelled: never begun.
    const { code, message } = recordOf(line['error'])
    const detail = textOf(message) ?? textOf(code) ?? 'the batch has no answer to this request'
    return { callId, result: malformed(context, detail, requestId) }
  }

  function refusal(status: number, error: JsonRecord, requestId: string | null): CallFailure {
    const { code, type, param, message } = error
    const detail = textOf(message) ?? `status ${status}`
    const named = `${textOf(code) ?? ''} ${textOf(type) ?? ''}`
    return httpFailure(
      { status, headers: undefined, requestId, code: named, param: textOf(param) ?? '', detail },
      context,
    )
  }

  function failed(errors: readonly unknown[]): CallFailure {
    const [first] = recordsOf(errors)
    const code = textOf(first?.['code']) ?? ''
    const detail = textOf(first?.['message']) ?? 'the provider took none of the batch'
    // The queue of an organisation is full: it empties.
    const status = /token_limit|rate_limit|enqueued/.test(code) ? 429 : 400
    return httpFailure({ status, headers: undefined, requestId: null, code, param: '', detail }, context)
  }
}
