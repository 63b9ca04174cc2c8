import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { OpenStoreOptions } from './database.ts'
import { runChannel, unitChannel } from './topics.ts'

/** A wait for the next notification of some topics. Made before looking, used after it. */
export interface NextOf {
  /** Resolves when one of the topics was announced since this was made, after the time, or when the signal is aborted. */
  within(timeMs: number, signal?: AbortSignal): Promise<void>
  stop(): void
}

/** The one listening connection of a process. It connects when first needed and again whenever it breaks. */
export interface ChangeListener {
  nextOf(topics: readonly string[]): NextOf
  /** Calls back with the uid of every run that changed, and with null when some may have been missed. */
  onRun(callback: (runUid: string | null) => void): () => void
  /** Resolves when it listens; never rejects. Resolves as well when the signal is aborted. */
  ready(signal?: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** A connection that says nothing for this long is asked whether it still lives. */
const probeMs = 20_000

export function createChangeListener(options: OpenStoreOptions): ChangeListener {
  const waiting = new Map<string, Set<() => void>>()
  const runCallbacks = new Set<(runUid: string | null) => void>()
  const closing = new AbortController()
  let listening = Promise.withResolvers<void>()
  let loop: Promise<void> | null = null

  function start(): void {
    loop ??= listenForEver()
  }

  async function listenForEver(): Promise<void> {
    let pauseMs = 100
    while (!closing.signal.aborted) {
      try {
        await listenOnce(() => {
          pauseMs = 100
        })
      } catch (error) {
        if (closing.signal.aborted) break
        options.logger?.warn({ err: error }, 'the listening connection of the store broke; connecting again')
      }
      await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => {})
      pauseMs = Math.min(5_000, pauseMs * 2)
    }
  }

  async function listenOnce(onListening: () => void): Promise<void> {
    const client = new pg.Client({
      connectionString: options.url,
      application_name: `${options.applicationName ?? 'amx'}-listen`,
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
      keepAlive: true,
    })
    const ended = Promise.withResolvers<void>()
    client.on('error', ended.reject)
    client.on('end', () => ended.resolve())
    client.on('notification', ({ channel, payload }) => deliver(channel, payload ?? ''))
    ended.promise.catch(() => {})
    const stop = (): void => ended.resolve()
    closing.signal.addEventListener('abort', stop, { once: true })
    let probe: NodeJS.Timeout | undefined
    try {
      await client.connect()
      await client.query(`listen ${runChannel}`)
      await client.query(`listen ${unitChannel}`)
      probe = setInterval(() => void client.query('select 1').catch(ended.reject), probeMs)
      onListening()
      listening.resolve()
      // What was announced before this moment was not heard: everybody looks once.
      wakeEverybody()
      await ended.promise
    } finally {
      clearInterval(probe)
      closing.signal.removeEventListener('abort', stop)
      if (!closing.signal.aborted) listening = Promise.withResolvers<void>()
      await client.end().catch(() => {})
    }
  }

  function deliver(channel: string, payload: string): void {
    if (channel === unitChannel) {
      for (const wake of waiting.get(payload) ?? []) wake()
      return
    }
    for (const callback of runCallbacks) callback(payload)
  }

  function wakeEverybody(): void {
    for (const wakes of waiting.values()) for (const wake of wakes) wake()
    for (const callback of runCallbacks) callback(null)
  }

  return {
    nextOf(topics) {
      start()
      const announced = Promise.withResolvers<void>()
      const wake = (): void => announced.resolve()
      for (const topic of topics) {
        const wakes = waiting.get(topic) ?? new Set()
        wakes.add(wake)
        waiting.set(topic, wakes)
      }
      return {
        async within(timeMs, signal) {
          const done = new AbortController()
          const signals = [done.signal, closing.signal, ...(signal === undefined ? [] : [signal])]
          const elapsed = delay(timeMs, undefined, { signal: AbortSignal.any(signals) }).catch(() => {})
          await Promise.race([announced.promise, elapsed])
          done.abort()
        },
        stop() {
          for (const topic of topics) {
            const wakes = waiting.get(topic)
            wakes?.delete(wake)
            if (wakes?.size === 0) waiting.delete(topic)
          }
        },
      }
    },
    onRun(callback) {
      start()
      runCallbacks.add(callback)
      return () => {
        runCallbacks.delete(callback)
      }
    },
    async ready(signal) {
      start()
      if (signal === undefined) return listening.promise
      if (signal.aborted) return
      const aborted = Promise.withResolvers<void>()
      const abort = (): void => aborted.resolve()
      signal.addEventListener('abort', abort, { once: true })
      await Promise.race([listening.promise, aborted.promise])
      signal.removeEventListener('abort', abort)
    },
    async close() {
      closing.abort()
      listening.resolve()
      await loop
    },
  }
}
