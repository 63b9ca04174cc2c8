import { createHash, randomUUID } from 'node:crypto'
import { type Clock, settledWithin, systemClock } from '../clock/clock.ts'
import { type Logger, silentLogger } from '../logger/logger.ts'
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts'
import { type KubeObject, type ResourceKind, resourcePath } from '../object/kube-object.ts'
import { isNotFound } from '../transport/kube-error.ts'
import type { Transport } from '../transport/transport.ts'
import { createEventBudget } from './event-budget.ts'

/** Something that happened to an object, for whoever describes it. */
export interface EventFacts {
  readonly regarding: KubeObject
  readonly type: 'Normal' | 'Warning'
  /** One word in CamelCase: why it happened. */
  readonly reason: string
  /** One word in CamelCase: what was done. @default the reason */
  readonly action?: string
  /** A sentence for people; cut at 1,024 bytes. */
  readonly note: string
  readonly related?: KubeObject | undefined
}

export interface EventRecorder {
  /** Writes the event soon, or counts it to the same one seen before. Never throws and never makes anybody wait. */
  record(facts: EventFacts): void
  /** Waits for the events under way, at most this long, and takes no more. */
  close(limitMs?: number): Promise<void>
}

export interface EventRecorderParts {
  readonly transport: Transport
  /** Name of the controller, such as `amx.dev/operator`. */
  readonly reportingController: string
  /** Name of this process, such as its pod. */
  readonly reportingInstance: string
  readonly logger?: Logger | undefined
  readonly metrics?: RuntimeMetrics | undefined
  readonly clock?: Clock
}

interface Series {
  readonly namespace: string
  readonly name: string
  count: number
  lastMs: number
  writtenMs: number
  cancelFlush: (() => void) | undefined
}

const events: ResourceKind = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
}

// As in client-go: the same event within six minutes belongs to one series. Its count is written at most every 30 s.
const seriesMs = 6 * 60_000
const flushMs = 30_000
const callLimitMs = 5_000
const mostUnderWay = 64
const mostSeries = 4_096

/** A recorder of events.k8s.io/v1 events. */
export function createEventRecorder(parts: EventRecorderParts): EventRecorder {
  const clock = parts.clock ?? systemClock
  const logger = parts.logger ?? silentLogger
  const budget = createEventBudget(clock)
  const series = new Map<string, Series>()
  const underWay = new Set<Promise<void>>()
  const closing = new AbortController()

  function drop(reason: 'rate' | 'busy' | 'failed', facts: object): void {
    parts.metrics?.eventsDropped.inc({ reason })
    logger.debug({ ...facts, dropped: reason }, 'an event was not written')
  }

  function start(work: () => Promise<unknown>, facts: object): void {
    if (underWay.size >= mostUnderWay) {
      drop('busy', facts)
      return
    }
    const done: Promise<void> = work()
      .then(
        () => undefined,
        (error: unknown) => {
          drop('failed', { ...facts, err: error })
        },
      )
      .finally(() => underWay.delete(done))
    underWay.add(done)
  }

  function create(facts: EventFacts, known: Series): Promise<unknown> {
    const body = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: known.name, namespace: known.namespace },
      eventTime: microTime(known.lastMs),
      type: facts.type,
      reason: cutBytes(facts.reason, 128),
      action: cutBytes(facts.action ?? facts.reason, 128),
      note: cutBytes(facts.note, 1_024),
      regarding: referenceTo(facts.regarding),
      ...(facts.related === undefined ? {} : { related: referenceTo(facts.related) }),
      reportingController: parts.reportingController,
      reportingInstance: cutBytes(parts.reportingInstance, 128),
    }
    const path = resourcePath(events, { namespace: known.namespace })
    return parts.transport.request({ method: 'POST', path, body, signal: closing.signal, timeoutMs: callLimitMs })
  }

  async function writeCount(key: string, known: Series): Promise<void> {
    known.writtenMs = clock.now()
    const path = resourcePath(events, { namespace: known.namespace, name: known.name })
    const body = { series: { count: known.count, lastObservedTime: microTime(known.lastMs) } }
    const contentType = 'application/merge-patch+json'
    try {
      await parts.transport.request({
        method: 'PATCH',
        path,
        body,
        contentType,
        signal: closing.signal,
        timeoutMs: callLimitMs,
      })
    } catch (error) {
      // The event expired or was cleaned up: the next occurrence starts a new series.
      if (isNotFound(error)) series.delete(key)
      else throw error
    }
  }

  function repeat(key: string, facts: EventFacts, known: Series): void {
    known.count++
    known.lastMs = clock.now()
    if (known.cancelFlush !== undefined) return
    const delayMs = Math.max(0, known.writtenMs + flushMs - clock.now())
    // The first repetition is worth showing at once; from then on only every half minute.
    const flush = (): void => {
      known.cancelFlush = undefined
      start(() => writeCount(key, known), { reason: facts.reason })
    }
    if (known.count === 2) flush()
    else known.cancelFlush = clock.after(delayMs, flush)
  }

  function forgetOld(): void {
    for (const [key, known] of series) {
      if (series.size < mostSeries && clock.now() - known.lastMs <= seriesMs) return
      known.cancelFlush?.()
      series.delete(key)
    }
  }

  function record(facts: EventFacts): void {
    const { namespace = 'default', name, uid = '' } = facts.regarding.metadata
    const identity = [uid, namespace, name, facts.type, facts.reason, facts.action ?? '', facts.note]
    const key = createHash('sha1').update(identity.join('\0')).digest('hex')
    const known = series.get(key)
    if (known !== undefined && clock.now() - known.lastMs <= seriesMs) {
      repeat(key, facts, known)
      return
    }
    if (!budget.spend(uid === '' ? `${namespace}/${name}` : uid)) {
      drop('rate', { reason: facts.reason, object: `${namespace}/${name}` })
      return
    }
    const eventName = `${name.slice(0, 216)}.${randomUUID().replaceAll('-', '')}`
    const nowMs = clock.now()
    const started = { namespace, name: eventName, count: 1, lastMs: nowMs, writtenMs: nowMs, cancelFlush: undefined }
    known?.cancelFlush?.()
    series.delete(key)
    forgetOld()
    series.set(key, started)
    start(() => create(facts, started), { reason: facts.reason })
  }

  return {
    record(facts) {
      if (closing.signal.aborted) return
      try {
        record(facts)
      } catch (error) {
        drop('failed', { err: error })
      }
    },
    async close(limitMs = 2_000) {
      for (const known of series.values()) known.cancelFlush?.()
      series.clear()
      await settledWithin(Promise.all(underWay), limitMs, clock)
      closing.abort()
    },
  }
}

function referenceTo(object: KubeObject): Record<string, string | undefined> {
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.metadata.namespace,
    name: object.metadata.name,
    uid: object.metadata.uid,
    resourceVersion: object.metadata.resourceVersion,
  }
}

function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}

/** The longest beginning of a text that fits into so many bytes of UTF-8, whole characters only. */
function cutBytes(text: string, limitBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= limitBytes) return text
  return `${new TextDecoder().decode(bytes.subarray(0, limitBytes - 3), { stream: true })}…`
}
