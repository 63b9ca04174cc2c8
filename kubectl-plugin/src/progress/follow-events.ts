import { setTimeout as delay } from 'node:timers/promises'
import { AmxError, type RunEvent } from '@amx/api'
import type { Connection } from '../connection/connection.ts'

export interface EventReader {
  onEvent(event: RunEvent): void
  /** Says why no more events come; the status lines go on. */
  onSilence(reason: string): void
}

/** Events of a run as they come, until they are stopped. */
export interface FollowedEvents {
  /** Reads what is still on its way, for as long as more comes, and stops. */
  finish(): Promise<void>
}

const retryMs = 500
const quietMs = 250
const mostFinishMs = 2_000

/**
 * Follows the events of a run from its beginning, over connections that break. A run the server does not know yet is waited for:
 * the operator has not frozen its settings. Events are a nicety: where the server cannot be reached one remark says so.
 */
export function followEvents(connection: Connection, name: string, reader: EventReader): FollowedEvents {
  const stop = new AbortController()
  let lastId = 0n
  let lastAt = Date.now()
  const reading = (async () => {
    while (!stop.signal.aborted) {
      try {
        const server = await connection.server()
        for await (const event of server.events(connection.namespace, name, stop.signal)) {
          lastAt = Date.now()
          // A new connection tells the history from its beginning.
          if (BigInt(event.id) <= lastId) continue
          lastId = BigInt(event.id)
          reader.onEvent(event)
        }
      } catch (error) {
        if (stop.signal.aborted) return
        const known = error instanceof AmxError ? error.code : null
        if (known !== 'AMX-1013' && lastId === 0n) return reader.onSilence((error as Error).message)
      }
      await delay(retryMs, undefined, { signal: stop.signal }).catch(() => {})
    }
  })()
  return {
    async finish() {
      const until = Date.now() + mostFinishMs
      lastAt = Math.max(lastAt, Date.now())
      while (Date.now() < until && Date.now() - lastAt < quietMs) await delay(quietMs / 5)
      stop.abort()
      await reading
    },
  }
}
