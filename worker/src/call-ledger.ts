import { setTimeout as delay } from 'node:timers/promises'
import type { DraftUnit } from '@amx/api'
import type { CallLedger } from '@amx/drafting'
import type { Logger } from 'pino'
import type { ServerClient } from './server-client.ts'

/** What was paid for is accounted for as long as the server may take to come back. */
const accountingMs = 300_000
/** A call that fails goes on without the server's word after this long. */
const retryWordMs = 5_000

export interface LedgerOptions {
  readonly server: Pick<ServerClient, 'beginCall' | 'endCall' | 'retryCall'>
  readonly unit: Pick<DraftUnit, 'id' | 'attempt'>
  readonly signal: AbortSignal
  readonly logger?: Pick<Logger, 'warn'>
  /** Hears of every call that is made. */
  readonly onCall: () => void
}

/**
 * The calls of one unit, announced and accounted for through the server. One at a time: a unit has one place under the limit
 * of its LLMProfile, whoever asks for it.
 */
export function unitLedger({ server, unit, signal, logger, onCall }: LedgerOptions): CallLedger {
  const places = onePlace()

  return {
    async begin(intent) {
      const leave = await places.enter(intent.callId)
      try {
        const begun = { ...intent, unitId: unit.id, attempt: unit.attempt }
        const permit = await server.beginCall(begun, AbortSignal.timeout(accountingMs))
        if (permit.cachedReply !== null) leave()
        else onCall()
        // Room was reserved: the call waits for it here, and is told to stop like any other.
        if (permit.waitMs !== undefined) await delay(permit.waitMs, undefined, { signal }).catch(() => {})
        return permit
      } catch (error) {
        leave()
        throw error
      }
    },
    // What was paid for is recorded even when the unit was taken away or the process is told to stop.
    async end(callId, outcome) {
      try {
        await server.endCall(callId, outcome, AbortSignal.timeout(accountingMs))
      } finally {
        places.leave(callId)
      }
    },
    async retried(callId, retry) {
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(retryWordMs)])
        return (await server.retryCall(callId, retry, limit)).waitMs
      } catch (error) {
        if (!signal.aborted) logger?.warn({ err: error, callId }, 'a failed try was not told to the server')
        return 0
      }
    },
  }
}

/** A place that is entered one after the other. */
function onePlace() {
  let last: Promise<void> = Promise.resolve()
  const inside = new Map<string, () => void>()

  return {
    async enter(name: string): Promise<() => void> {
      const before = last
      const left = Promise.withResolvers<void>()
      last = left.promise
      await before
      inside.set(name, left.resolve)
      return () => this.leave(name)
    },
    leave(name: string): void {
      inside.get(name)?.()
      inside.delete(name)
    },
  }
}
