import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { refusal } from './refusals.ts'
import { sendJson, sendRefusal } from './reply-writer.ts'
import type { StubSettings } from './stub-options.ts'

interface BatchLine {
  readonly custom_id: string
  readonly method: string
  readonly url: string
  readonly body: unknown
}

interface StubBatch {
  readonly id: string
  readonly endpoint: string
  readonly input_file_id: string
  readonly metadata: unknown
  readonly created_at: number
  readonly lines: readonly BatchLine[]
  readonly cancelled: AbortController
  status: 'in_progress' | 'cancelling' | 'completed' | 'cancelled' | 'expired' | 'failed'
  output_file_id: string | null
  error_file_id: string | null
  completed: number
  failed: number
}

/** OpenAI's files and batches, as far as batches need them. @see https://platform.openai.com/docs/api-reference/batch */
export interface BatchRoutes {
  /** Answers a request of these routes; false when it is none. */
  answer(request: IncomingMessage, path: string, body: Buffer, response: ServerResponse): boolean
  /** Batches that were created. */
  count(): number
}

/** Lines of a batch are asked of the stub itself, so that they are logged and have faults like any call. */
export function batchRoutes(settings: () => StubSettings, stopping: AbortSignal): BatchRoutes {
  const files = new Map<string, Buffer>()
  const batches = new Map<string, StubBatch>()

  function shown({ lines, cancelled: _, ...batch }: StubBatch): object {
    const request_counts = { total: lines.length, completed: batch.completed, failed: batch.failed }
    return { ...batch, object: 'batch', completion_window: '24h', errors: null, request_counts }
  }

  async function run(batch: StubBatch, origin: string, headers: Record<string, string>): Promise<void> {
    const output: string[] = []
    const errors: string[] = []
    const signal = AbortSignal.any([stopping, batch.cancelled.signal])
    const { batchMs, batchUnanswered } = settings()
    await sleep(batchMs, undefined, { signal }).catch(() => {})
    const answered = batch.lines.length - Math.min(batch.lines.length, batchUnanswered)
    for (const [index, line] of batch.lines.entries()) {
      if (stopping.aborted) return
      if (batch.cancelled.signal.aborted || index >= answered) {
        const code = batch.cancelled.signal.aborted ? 'batch_cancelled' : 'batch_expired'
        errors.push(
          JSON.stringify({
            id: line.custom_id,
            custom_id: line.custom_id,
            response: null,
            error: { code, message: `This request was not executed: ${code}.` },
          }),
        )
        continue
      }
      const made = await fetch(`${origin}${line.url}`, { method: 'POST', headers, body: JSON.stringify(line.body) })
      const body: unknown = await made.json()
      const response = { status_code: made.status, request_id: made.headers.get('x-request-id'), body }
      const written = JSON.stringify({ id: `batch_req_${index}`, custom_id: line.custom_id, response, error: null })
      if (made.ok) batch.completed += 1
      else batch.failed += 1
      ;(made.ok ? output : errors).push(written)
    }
    batch.output_file_id = keep(output)
    batch.error_file_id = keep(errors)
    batch.status = batch.cancelled.signal.aborted
      ? 'cancelled'
      : answered < batch.lines.length
        ? 'expired'
        : 'completed'
  }

  function keep(lines: readonly string[]): string | null {
    if (lines.length === 0) return null
    const id = `file-${randomUUID()}`
    files.set(id, Buffer.from(`${lines.join('\n')}\n`))
    return id
  }

  function create(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const asked = JSON.parse(body.toString()) as { input_file_id: string; endpoint: string; metadata?: unknown }
    const file = files.get(asked.input_file_id)
    if (file === undefined) {
      notFound(response, asked.input_file_id)
      return
    }
    const batch: StubBatch = {
      id: `batch_${randomUUID()}`,
      endpoint: asked.endpoint,
      input_file_id: asked.input_file_id,
      metadata: asked.metadata ?? null,
      created_at: Math.floor(Date.now() / 1_000),
      lines: file
        .toString()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as BatchLine),
      cancelled: new AbortController(),
      status: 'in_progress',
      output_file_id: null,
      error_file_id: null,
      completed: 0,
      failed: 0,
    }
    batches.set(batch.id, batch)
    const headers = { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' }
    run(batch, `http://${request.headers.host}`, headers).catch(() => {
      batch.status = 'failed'
    })
    sendJson(response, 200, shown(batch))
  }

  return {
    count: () => batches.size,
    answer(request, path, body, response) {
      const [, kind, id, action] = /^\/v1\/(files|batches)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(path) ?? []
      if (kind === undefined) return false
      const batch = batches.get(id ?? '')
      if (kind === 'files' && request.method === 'POST') {
        const file = `file-${randomUUID()}`
        files.set(file, partNamed(body, request.headers['content-type'] ?? '', 'file'))
        sendJson(response, 200, {
          id: file,
          object: 'file',
          bytes: body.length,
          purpose: 'batch',
          filename: 'batch.jsonl',
        })
      } else if (kind === 'files' && action === 'content') {
        const content = files.get(id ?? '')
        if (content === undefined) notFound(response, id)
        else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(content)
      } else if (kind === 'batches' && id === undefined && request.method === 'POST') create(request, body, response)
      else if (kind === 'batches' && id === undefined) {
        const data = [...batches.values()].reverse().map(shown)
        sendJson(response, 200, { object: 'list', data, has_more: false })
      } else if (batch === undefined) notFound(response, id)
      else {
        if (action === 'cancel' && batch.status === 'in_progress') {
          batch.status = 'cancelling'
          batch.cancelled.abort()
        }
        sendJson(response, 200, shown(batch))
      }
      return true
    },
  }
}

function notFound(response: ServerResponse, what: string | undefined): void {
  sendRefusal(response, refusal(404, 'invalid_request_error', null, `No such object: ${what}`))
}

/** The content of one part of a multipart form. */
function partNamed(body: Buffer, contentType: string, name: string): Buffer {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1]
  if (boundary === undefined) throw new RangeError('The form has no boundary.')
  const text = body.toString('latin1')
  const part = text.split(`--${boundary}`).find((piece) => piece.includes(`name="${name}"`))
  const start = part?.indexOf('\r\n\r\n') ?? -1
  if (part === undefined || start === -1) throw new RangeError(`The form has no part "${name}".`)
  return Buffer.from(part.slice(start + 4).replace(/\r\n$/, ''), 'latin1')
}
