import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@amx/kube'
import type { OperatorStore } from '@amx/store'

// Workers post many results a second: a run that changed is looked at this soon, once for all of them.
const gatherMs = 150
const retryMs = 5_000

/** Calls back with the uid of each run that changed in the store, gathered, until the signal is aborted. */
export async function listenToStore(
  store: OperatorStore,
  onChange: (runUid: string) => void,
  logger: Logger | undefined,
  signal: AbortSignal,
): Promise<void> {
  const gathered = new Map<string, NodeJS.Timeout>()
  function note(runUid: string): void {
    if (gathered.has(runUid)) return
    const timer = setTimeout(() => {
      gathered.delete(runUid)
      onChange(runUid)
    }, gatherMs)
    gathered.set(runUid, timer)
  }

  while (!signal.aborted) {
    try {
      const stop = await store.listenRuns(note, signal)
      await aborted(signal)
      await stop()
    } catch (error) {
      if (signal.aborted) break
      logger?.warn(
        { err: error },
        'changes of the store are not heard; runs at work are looked at every 10 s meanwhile',
      )
      await delay(retryMs, undefined, { signal }).catch(() => {})
    }
  }
  for (const timer of gathered.values()) clearTimeout(timer)
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
