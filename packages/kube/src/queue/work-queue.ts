import { backoffMs } from '../backoff/backoff.ts'
import { type Clock, systemClock } from '../clock/clock.ts'
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts'
import { createDelayHeap } from './delay-heap.ts'

/** A fresh change goes before what is only looked at again (retries, requeues, resyncs). */
export type Priority = 'fresh' | 'background'

/** Keys to work on. A key is in the queue once and with one worker at a time. */
export interface WorkQueue {
  /** Adds the key, unless it waits already; a key that is being worked on comes again when it is done. */
  add(key: string, priority?: Priority): void
  /** Adds the key in the background after the delay; the earliest wins. */
  addAfter(key: string, delayMs: number): void
  /** Adds the key after its back-off, which doubles with every call until `forget`; returns the delay. */
  retry(key: string): number
  /** Ends the key's back-off. */
  forget(key: string): void
  /** Retries since the last `forget`. */
  failures(key: string): number
  /** The next key; undefined once the queue is shut down and empty. Every key taken must be given to `done`. */
  take(): Promise<string | undefined>
  done(key: string): void
  /** Keys that wait, delayed ones not counted. */
  readonly depth: number
  readonly delayed: number
  readonly processing: number
  /** Takes no more keys, drops what waits and wakes who takes; resolves when every key taken is done. */
  shutDown(): Promise<void>
}

export interface WorkQueueOptions {
  readonly name: string
  readonly clock?: Clock
  readonly random?: () => number
  readonly metrics?: RuntimeMetrics | undefined
  /** @default 250 */
  readonly firstRetryMs?: number
  /** @default 300000 */
  readonly longestRetryMs?: number
}

// With both kinds waiting, every eighth key taken is one from the background, so that no stream of changes starves it.
const freshPerBackground = 7

/** An empty queue. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const clock = options.clock ?? systemClock
  const labels = { name: options.name, controller: options.name }
  const backoff = { firstMs: options.firstRetryMs ?? 250, limitMs: options.longestRetryMs ?? 300_000 }
  const waiting = new Map<string, { priority: Priority; sinceMs: number }>()
  const lanes: Record<Priority, Set<string>> = { fresh: new Set(), background: new Set() }
  const processing = new Map<string, number>()
  const again = new Map<string, Priority>()
  const failures = new Map<string, number>()
  const delayed = createDelayHeap()
  const takers: ((key: string | undefined) => void)[] = []
  const drained: (() => void)[] = []
  let freshInARow = 0
  let down = false
  let cancelTimer: (() => void) | undefined

  const stopRefreshing = options.metrics?.beforeScrape(() => {
    const runningMs = [...processing.values()].map((sinceMs) => clock.now() - sinceMs)
    const totalMs = runningMs.reduce((sum, ms) => sum + ms, 0)
    options.metrics?.unfinishedWorkSeconds.set(labels, totalMs / 1000)
    options.metrics?.longestRunningSeconds.set(labels, Math.max(0, ...runningMs) / 1000)
  })

  function enqueue(key: string, priority: Priority): void {
    if (down) return
    if (processing.has(key)) {
      if (again.get(key) !== 'fresh') again.set(key, priority)
      return
    }
    const held = waiting.get(key)
    if (held === undefined) {
      waiting.set(key, { priority, sinceMs: clock.now() })
      lanes[priority].add(key)
      options.metrics?.queueAdds.inc(labels)
    } else if (held.priority === 'background' && priority === 'fresh') {
      lanes.background.delete(key)
      lanes.fresh.add(key)
      held.priority = 'fresh'
    }
    hand()
  }

  function nextKey(): string | undefined {
    const background = lanes.background.values().next().value
    const fresh = lanes.fresh.values().next().value
    if (fresh !== undefined && (background === undefined || freshInARow < freshPerBackground)) {
      freshInARow++
      return fresh
    }
    freshInARow = 0
    return background
  }

  function hand(): void {
    while (takers.length > 0) {
      const key = nextKey()
      if (key === undefined) break
      const entry = waiting.get(key)
      waiting.delete(key)
      lanes.fresh.delete(key)
      lanes.background.delete(key)
      processing.set(key, clock.now())
      if (entry !== undefined) options.metrics?.queueSeconds.observe(labels, (clock.now() - entry.sinceMs) / 1000)
      takers.shift()?.(key)
    }
    options.metrics?.queueDepth.set(labels, waiting.size)
  }

  function schedule(): void {
    cancelTimer?.()
    cancelTimer = undefined
    const dueMs = delayed.nextDueMs
    if (dueMs === undefined || down) return
    cancelTimer = clock.after(dueMs - clock.now(), () => {
      for (const key of delayed.popDue(clock.now())) enqueue(key, 'background')
      schedule()
    })
  }

  function addAfter(key: string, delayMs: number): void {
    if (down) return
    if (delayMs <= 0) {
      enqueue(key, 'background')
      return
    }
    delayed.push(key, clock.now() + delayMs)
    schedule()
  }

  return {
    add: (key, priority = 'fresh') => enqueue(key, priority),
    addAfter,
    retry(key) {
      const count = (failures.get(key) ?? 0) + 1
      failures.set(key, count)
      const delayMs = backoffMs(backoff, count, options.random)
      options.metrics?.queueRetries.inc(labels)
      addAfter(key, delayMs)
      return delayMs
    },
    forget: (key) => failures.delete(key),
    failures: (key) => failures.get(key) ?? 0,
    take() {
      if (down) return Promise.resolve(undefined)
      return new Promise((resolve) => {
        takers.push(resolve)
        hand()
      })
    },
    done(key) {
      const sinceMs = processing.get(key)
      if (sinceMs === undefined) return
      processing.delete(key)
      options.metrics?.workSeconds.observe(labels, (clock.now() - sinceMs) / 1000)
      const priority = again.get(key)
      again.delete(key)
      if (priority !== undefined) enqueue(key, priority)
      if (processing.size === 0) for (const resolve of drained.splice(0)) resolve()
    },
    get depth() {
      return waiting.size
    },
    get delayed() {
      return delayed.size
    },
    get processing() {
      return processing.size
    },
    shutDown() {
      down = true
      cancelTimer?.()
      stopRefreshing?.()
      waiting.clear()
      lanes.fresh.clear()
      lanes.background.clear()
      again.clear()
      failures.clear()
      for (const taker of takers.splice(0)) taker(undefined)
      options.metrics?.queueDepth.set(labels, 0)
      if (processing.size === 0) return Promise.resolve()
      return new Promise((resolve) => drained.push(resolve))
    },
  }
}
