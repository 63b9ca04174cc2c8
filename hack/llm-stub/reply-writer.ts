import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpRefusal } from './refusals.ts'
import type { FaultRule } from './stub-options.ts'

/** How the pieces of a reply are sent. */
export interface Delivery {
  /** The fault of the connection, if any. */
  rule: FaultRule | undefined
  pieceDelayMs: number
  /** Ends when the client goes away or the stub stops. */
  signal: AbortSignal
}

/** Cuts the connection with a TCP reset. */
export function cut(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

/** Waits until the client goes away or the stub stops. */
export async function hang(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** Sends a JSON body whole. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  })
  response.end(text)
}

/** Sends an error in OpenAI's form. */
export function sendRefusal(response: ServerResponse, refused: HttpRefusal): void {
  sendJson(response, refused.status, refused.body, refused.headers ?? {})
}

async function sendPieces(response: ServerResponse, pieces: string[], delivery: Delivery): Promise<void> {
  const { rule, signal } = delivery
  const delayMs = rule?.kind === 'slow-stream' ? (rule.pieceDelayMs ?? 200) : delivery.pieceDelayMs
  const stopsAt =
    rule?.kind === 'reset-midway' || rule?.kind === 'hang-midway' ? Math.floor(pieces.length / 2) : pieces.length
  for (const piece of pieces.slice(0, stopsAt)) {
    if (delayMs > 0) await sleep(delayMs, undefined, { signal })
    // A written piece has left this process before the next one, or a cut, follows.
    await new Promise<void>((resolve, reject) => response.write(piece, (error) => (error ? reject(error) : resolve())))
  }
  if (rule?.kind === 'hang-midway') await hang(signal)
  if (rule?.kind === 'reset-midway') cut(response)
  if (stopsAt === pieces.length) response.end()
}

/** Sends a body in one piece, or in many where it is to be slow or to break. */
export async function sendWhole(response: ServerResponse, body: object, delivery: Delivery): Promise<void> {
  const kind = delivery.rule?.kind
  if (kind !== 'slow-stream' && kind !== 'reset-midway' && kind !== 'hang-midway') return sendJson(response, 200, body)
  const text = JSON.stringify(body)
  const size = Math.max(1, Math.ceil(text.length / 10))
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  )
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  await sendPieces(response, pieces, delivery)
}

/** Sends chunks as server-sent events, `[DONE]` last. */
export async function sendStream(response: ServerResponse, chunks: object[], delivery: Delivery): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  const events = [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n']
  await sendPieces(response, events, delivery)
}
