import { type Clock, settledWithin, systemClock } from '../clock/clock.ts'
import { startTimeLimit } from '../clock/time-limit.ts'
import { createFreshness } from '../freshness/freshness.ts'
import { type Logger, silentLogger } from '../logger/logger.ts'
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts'
import { type ObjectKey, parseKey } from '../object/kube-object.ts'
import { createWorkQueue, type Priority } from '../queue/work-queue.ts'
import type { Store } from '../store/store.ts'
import type { Source } from './source.ts'
import { TerminalError } from './terminal-error.ts'

/** One object to look at. */
export interface ReconcileRequest {
  readonly key: ObjectKey
  readonly namespace: string | undefined
  readonly name: string
}

export interface ReconcileContext {
  /** Aborted when the reconcile takes too long or the controller stops: pass it to everything that can hang. */
  readonly signal: AbortSignal
  /** Failures of this key in a row. */
  readonly failures: number
  readonly logger: Logger
  /**
   * Notes a write: this key is not reconciled again before the store has seen the resource version. The object must be
   * one that the store holds: of what its selectors leave out it only learns by a bookmark, a minute later.
   */
  wrote(store: Store, resourceVersion: string | undefined): void
}

export interface ReconcileResult {
  /** Look again after this long; nothing when left out. */
  readonly requeueAfterMs?: number | undefined
}

// biome-ignore lint/suspicious/noConfusingVoidType: a reconcile that has nothing to say returns nothing
export type Reconcile = (request: ReconcileRequest, context: ReconcileContext) => Promise<ReconcileResult | void>

export interface ControllerOptions {
  readonly name: string
  /** Brings the world nearer to what the object asks for. Thrown errors are tried again, TerminalError is not. */
  readonly reconcile: Reconcile
  readonly sources: readonly Source[]
  /** Keys worked on at once. @default 4 */
  readonly workers?: number
  /** @default 60000 */
  readonly timeoutMs?: number
  /** How long a reconcile may go on after its signal was aborted before it counts as stuck. @default 10000 */
  readonly graceMs?: number
  /** Looks at everything again this often, give or take a tenth; never when left out. */
  readonly resyncMs?: number | undefined
  /** @default 250 */
  readonly firstRetryMs?: number
  /** @default 300000 */
  readonly longestRetryMs?: number
}

export interface ControllerParts {
  readonly logger?: Logger | undefined
  readonly metrics?: RuntimeMetrics | undefined
  readonly clock?: Clock
  readonly random?: () => number
}

/** A reconcile that goes on although its time is over. */
export interface StuckReconcile {
  readonly key: ObjectKey
  readonly runningMs: number
}

export interface Controller {
  readonly name: string
  /** Looks at the key soon. */
  enqueue(key: ObjectKey, priority?: Priority): void
  enqueueAfter(key: ObjectKey, delayMs: number): void
  /** Reconciles that outlived their time limit and the grace after it. */
  stuck(): readonly StuckReconcile[]
  /** Works until the signal is aborted; resolves when the reconciles under way have ended or had their grace. */
  run(signal: AbortSignal): Promise<void>
}

// How soon to look whether a cache has caught up with a write: a watch event takes a few milliseconds.
const stalePollMs = { firstMs: 25, limitMs: 1_000 }
const staleWarnMs = 30_000

/** A controller; it does nothing before `run`. */
export function createController(options: ControllerOptions, parts: ControllerParts = {}): Controller {
  const clock = parts.clock ?? systemClock
  const random = parts.random ?? Math.random
  const logger = parts.logger ?? silentLogger
  const { metrics } = parts
  const labels = { controller: options.name }
  const workers = options.workers ?? 4
  const timeoutMs = options.timeoutMs ?? 60_000
  const graceMs = options.graceMs ?? 10_000
  const freshness = createFreshness()
  const staleSince = new Map<ObjectKey, number>()
  const running = new Map<ObjectKey, number>()
  const queue = createWorkQueue({
    name: options.name,
    clock,
    random,
    metrics,
    ...(options.firstRetryMs === undefined ? {} : { firstRetryMs: options.firstRetryMs }),
    ...(options.longestRetryMs === undefined ? {} : { longestRetryMs: options.longestRetryMs }),
  })

  function waitsForCache(key: ObjectKey): boolean {
    if (!freshness.isStale(key)) {
      staleSince.delete(key)
      return false
    }
    const sinceMs = staleSince.get(key) ?? clock.now()
    staleSince.set(key, sinceMs)
    const forMs = clock.now() - sinceMs
    if (forMs > staleWarnMs) logger.warn({ ...labels, key, forMs }, 'the cache has not caught up with our own write')
    queue.addAfter(key, Math.min(stalePollMs.limitMs, Math.max(stalePollMs.firstMs, forMs / 2)))
    return true
  }

  async function reconcileOnce(key: ObjectKey, stopping: AbortSignal): Promise<ReconcileResult> {
    const reason = `the reconcile took longer than ${timeoutMs} ms`
    using limit = startTimeLimit({ limitMs: timeoutMs, parents: [stopping], clock, reason })
    const { signal } = limit
    const context: ReconcileContext = {
      signal,
      failures: queue.failures(key),
      logger,
      wrote: (store, resourceVersion) => freshness.wrote(key, store, resourceVersion),
    }
    try {
      const result = await options.reconcile({ key, ...parseKey(key) }, context)
      // A reconcile that swallowed its abort has not finished its work, whatever it returned.
      if (limit.isOver) throw signal.reason
      return result ?? {}
    } finally {
      if (limit.isOver) metrics?.reconcileTimeouts.inc(labels)
    }
  }

  function settle(key: ObjectKey, result: ReconcileResult): void {
    queue.forget(key)
    if (result.requeueAfterMs === undefined) {
      metrics?.reconcileTotal.inc({ ...labels, result: 'success' })
      return
    }
    metrics?.reconcileTotal.inc({ ...labels, result: 'requeue_after' })
    queue.addAfter(key, result.requeueAfterMs)
  }

  function fail(key: ObjectKey, error: unknown, stopping: AbortSignal): void {
    metrics?.reconcileTotal.inc({ ...labels, result: 'error' })
    metrics?.reconcileErrors.inc(labels)
    if (error instanceof TerminalError) {
      metrics?.terminalErrors.inc(labels)
      queue.forget(key)
      logger.error({ ...labels, key, err: error }, 'the reconcile failed for good')
      return
    }
    if (stopping.aborted) return
    const retryInMs = queue.retry(key)
    logger.warn({ ...labels, key, err: error, retryInMs }, 'the reconcile failed and will be tried again')
  }

  async function work(stopping: AbortSignal): Promise<void> {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      if (waitsForCache(key)) {
        queue.done(key)
        continue
      }
      const startedMs = clock.now()
      running.set(key, startedMs)
      metrics?.activeWorkers.inc(labels)
      try {
        settle(key, await reconcileOnce(key, stopping))
      } catch (error) {
        fail(key, error, stopping)
      } finally {
        running.delete(key)
        metrics?.activeWorkers.dec(labels)
        metrics?.reconcileSeconds.observe(labels, (clock.now() - startedMs) / 1000)
        queue.done(key)
      }
    }
  }

  function resync(): () => void {
    const { resyncMs } = options
    if (resyncMs === undefined) return () => undefined
    let cancel = () => {}
    function schedule(everyMs: number): void {
      cancel = clock.after(everyMs * (0.9 + 0.2 * random()), () => {
        for (const source of options.sources) for (const key of source.keys()) queue.add(key, 'background')
        schedule(everyMs)
      })
    }
    schedule(resyncMs)
    return () => cancel()
  }

  return {
    name: options.name,
    enqueue: (key, priority) => queue.add(key, priority),
    enqueueAfter: (key, delayMs) => queue.addAfter(key, delayMs),
    stuck() {
      const limitMs = timeoutMs + graceMs
      return [...running]
        .map(([key, sinceMs]) => ({ key, runningMs: clock.now() - sinceMs }))
        .filter(({ runningMs }) => runningMs > limitMs)
    },
    async run(signal) {
      metrics?.maxConcurrentReconciles.set(labels, workers)
      metrics?.activeWorkers.set(labels, 0)
      const disconnects = options.sources.map((source) => source.connect((key, priority) => queue.add(key, priority)))
      const stopResync = resync()
      const pool = Array.from({ length: workers }, () => work(signal))
      await aborted(signal)
      for (const disconnect of disconnects) disconnect()
      stopResync()
      const drained = queue.shutDown()
      await settledWithin(Promise.all([drained, ...pool]), graceMs, clock)
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
