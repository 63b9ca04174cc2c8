import { setTimeout as delay } from 'node:timers/promises'
import { AmxError, type PriceTable, toAmxError } from '@amx/api'
import { type ModelLimiter, migrate, openServerStore, type ServerStore } from '@amx/store'
import type { Logger } from 'pino'

/** The store from the moment it is migrated; until then the server is up and says that it waits. */
export interface MigratedStore {
  /** Throws AMX-9002 while the store is not ready. */
  current(): ServerStore
  notReadyBecause(): Promise<string | null>
  /** Resolves when the store is ready; rejects when it never will be, such as with a newer schema. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

/** Migrates and opens the store, trying again with 0.5 to 10 s between while it does not answer. */
export function openMigratedStore(
  url: string,
  limiter: ModelLimiter,
  prices: () => PriceTable,
  logger: Logger,
  signal: AbortSignal,
): MigratedStore {
  let store: ServerStore | null = null
  let waitingFor = 'the store is being opened'

  async function open(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted()
      try {
        await migrate(url, signal)
        store = await openServerStore({ url, logger, limiter, prices })
        return
      } catch (error) {
        signal.throwIfAborted()
        const fault = toAmxError(error)
        if (fault.entry.retry !== 'Retry') throw fault
        waitingFor = fault.message
        logger.warn({ code: fault.code, tries }, `${fault.message}; trying again`)
        await delay(Math.min(10_000, 500 * 2 ** tries), undefined, { signal })
      }
    }
  }

  return {
    current() {
      if (store === null) throw new AmxError('AMX-9002', { detail: waitingFor })
      return store
    },
    async notReadyBecause() {
      if (store === null) return waitingFor
      try {
        await store.ping(AbortSignal.timeout(2_000))
        return null
      } catch (error) {
        return toAmxError(error).message
      }
    },
    ready: open(),
    close: async () => store?.close(),
  }
}
