import type { RunEvent } from '@amx/api'
import type { Response } from 'express'
import type { Logger } from 'pino'

export interface EventStreamOptions {
  readonly response: Response
  /** Events after an id, oldest first. */
  readonly read: (afterId: string | null, signal: AbortSignal) => Promise<readonly RunEvent[]>
  readonly listen: (onEvent: () => void, signal: AbortSignal) => Promise<() => Promise<void>>
  /** `Last-Event-ID` of the client: the stream goes on behind it. */
  readonly lastEventId: string | null
  /** The client went away or the server stops. */
  readonly signal: AbortSignal
  readonly logger: Logger
  /** Pause between the comments that keep proxies from closing a quiet stream. @default 15000 */
  readonly heartbeatMs?: number
  /** After this long the stream ends and the client comes back, so that its rights are looked at again. @default 1800000 */
  readonly maximumMs?: number
}

/** Server-Sent Events of one run until the client goes away. The store is what is streamed: nothing is lost between two connections. */
export async function streamEvents(options: EventStreamOptions): Promise<void> {
  const { response } = options
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.maximumMs ?? 1_800_000)])
  response.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  response.write('retry: 2000\n\n')

  const bell = createBell()
  const beat = setInterval(() => response.write(': still here\n\n'), options.heartbeatMs ?? 15_000)
  let stopListening: () => Promise<void> = async () => {}
  try {
    stopListening = await options.listen(bell.ring, signal)
    let lastId = options.lastEventId
    while (!signal.aborted) {
      const rung = bell.next(signal)
      lastId = await writePending(options, lastId, signal)
      await rung
    }
  } catch (error) {
    if (!signal.aborted) options.logger.warn({ err: error }, 'an event stream ended early; its client comes back')
  } finally {
    clearInterval(beat)
    await stopListening().catch((error: unknown) => options.logger.debug({ err: error }, 'a listener was gone already'))
    response.end()
  }
}

async function writePending(options: EventStreamOptions, afterId: string | null, signal: AbortSignal) {
  let lastId = afterId
  while (!signal.aborted) {
    const events = await options.read(lastId, signal)
    if (events.length === 0) return lastId
    for (const event of events) {
      const writable = options.response.write(
        `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
      )
      if (!writable) await drained(options.response, signal)
      lastId = event.id
    }
  }
  return lastId
}

function drained(response: Response, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle)
      signal.removeEventListener('abort', settle)
      resolve()
    }
    response.once('drain', settle)
    signal.addEventListener('abort', settle)
  })
}

/** One waiter and those who wake it; waiting is begun before reading, so that no ring falls between the two. */
function createBell() {
  let wake: (() => void) | null = null
  return {
    ring(): void {
      wake?.()
    },
    /** Resolves at the first ring after this call, or when the signal ends. */
    next(signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        const settle = () => {
          signal.removeEventListener('abort', settle)
          wake = null
          resolve()
        }
        wake = settle
        if (signal.aborted) settle()
        else signal.addEventListener('abort', settle)
      })
    },
  }
}
