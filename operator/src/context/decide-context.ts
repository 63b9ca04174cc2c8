import {
  AmxError,
  type ContextSource,
  catalogue,
  defaults,
  type ErrorReport,
  indexNowAnnotation,
  isErrorCode,
  parseDurationMs,
  reasons,
} from '@amx/api'
import type { ContextObservation } from '@amx/store'
import { errorOfJob } from '../job/error-of-job.ts'
import { type Judgement, reasonOf, sentence } from '../run/decision.ts'
import type { PodView } from '../run/run-observed.ts'

/** The Job of an index, as far as decisions need it. */
export interface IndexJobView {
  readonly name: string
  readonly number: number
  readonly state: 'Active' | 'Complete' | 'Failed'
  readonly message: string
  readonly deleting: boolean
  readonly pods: readonly PodView[]
}

/** Everything a decision about a source is made from. */
export interface ContextObserved {
  readonly source: ContextSource
  readonly specDigest: string
  readonly store:
    | { readonly kind: 'Known'; readonly observation: ContextObservation }
    | { readonly kind: 'Unavailable'; readonly error: ErrorReport }
  readonly jobs: readonly IndexJobView[]
}

/** Something to do. Each may be carried out twice without harm. */
export type ContextIntent =
  | { readonly kind: 'BeginIndex'; readonly number: number; readonly request: string | null }
  | { readonly kind: 'CreateJob'; readonly number: number }
  | { readonly kind: 'DeleteJob'; readonly name: string }
  | { readonly kind: 'FailIndex'; readonly number: number; readonly error: ErrorReport }

/** What is to be done about a source, and how it stands in words. */
export interface ContextDecision {
  /** Carried out in order; the source is observed and decided again afterwards. Empty: only the status is written. */
  readonly intents: readonly ContextIntent[]
  readonly ready: Judgement
  readonly reconciling: Judgement
  readonly stalled: Judgement
  readonly lastError: ErrorReport | null
  readonly nextIndexAtMs: number | null
  /** When to look again without being woken; null = only when woken. */
  readonly requeueAfterMs: number | null
}

const storeRetryMs = 5_000
const pollMs = 15_000
const firstRetryMs = 10_000
const firstRetryAfterFixMs = 60_000
const longestRetryMs = 30 * 60_000
/** Failures in a row after which trouble that may pass is told as one that needs a person. */
const stalledAfter = 3
/** A source is read again no more often than this, whatever its refreshInterval. */
const shortestRefreshMs = 60_000

/** Decides what a source needs next. Pure. */
export function decideContext(observed: ContextObserved): ContextDecision {
  const { store } = observed
  if (store.kind === 'Unavailable') return waitForStore(observed, store.error)
  const { newest } = store.observation
  if (newest === null) return begin(observed, store.observation)
  const isOutdated = newest.specDigest !== observed.specDigest
  switch (newest.state) {
    case 'Building':
      return isOutdated ? begin(observed, store.observation) : decideBuilding(observed, store.observation)
    case 'Failed':
      return isOutdated || requestOf(observed.source) !== null
        ? begin(observed, store.observation)
        : decideFailed(observed, store.observation)
    case 'Finished':
    case 'Unchanged':
      return isOutdated || requestOf(observed.source) !== null
        ? begin(observed, store.observation)
        : decideIndexed(observed, store.observation)
  }
}

/** The request of {@link indexNowAnnotation} that was not handled yet, or null. */
export function requestOf({ metadata, status }: ContextSource): string | null {
  const request = metadata.annotations?.[indexNowAnnotation]?.slice(0, 253)
  return request === undefined || request === '' || request === status?.lastHandledRequest ? null : request
}

function begin({ source, jobs }: ContextObserved, observation: ContextObservation): ContextDecision {
  const number = (observation.newest?.number ?? 0) + 1
  // A Job whose index is over is about to end by itself.
  const isReading = observation.newest?.state === 'Building'
  const old = jobs.filter((job) => isReading && job.state === 'Active' && !job.deleting && job.number < number)
  return {
    ...indexing(observation, 'The source is about to be read.'),
    intents: [
      ...old.map(({ name }): ContextIntent => ({ kind: 'DeleteJob', name })),
      { kind: 'BeginIndex', number, request: requestOf(source) },
      { kind: 'CreateJob', number },
    ],
  }
}

function decideBuilding({ jobs }: ContextObserved, observation: ContextObservation): ContextDecision {
  const number = observation.newest?.number ?? 1
  const job = jobs.find((known) => known.number === number && !known.deleting)
  if (job === undefined) {
    const intents: ContextIntent[] = [{ kind: 'CreateJob', number }]
    return { ...indexing(observation, 'The source is about to be read.'), intents }
  }
  if (job.state !== 'Active') {
    return {
      ...indexing(observation, 'The Job is over.'),
      intents: [{ kind: 'FailIndex', number, error: errorOfJob(job, 'finishing its index') }],
    }
  }
  const stuck = job.pods.find((pod) => pod.stuck !== null)?.stuck
  if (!stuck) return { ...indexing(observation, `Job "${job.name}" reads the source.`), requeueAfterMs: pollMs }
  const detail = `${stuck.reason}: ${stuck.message}`
  const error = new AmxError('AMX-4003', { job: job.name, detail }).report()
  return {
    ...indexing(observation, sentence(error)),
    stalled: { status: 'True', reason: reasonOf(error), message: sentence(error) },
    lastError: error,
    requeueAfterMs: pollMs,
  }
}

function decideFailed(observed: ContextObserved, observation: ContextObservation): ContextDecision {
  // By the clock of the store, which the times are of: with two clocks a source would be read at the wrong time, or for ever.
  const { newest, failures, nowMs } = observation
  const error = newest?.error ?? new AmxError('AMX-9001', { detail: 'an index failed without an error' }).report()
  const endedAtMs = Date.parse(newest?.endedAt ?? '') || nowMs
  const nextIndexAtMs = endedAtMs + retryDelayMs(error, failures)
  if (nowMs >= nextIndexAtMs) return begin(observed, observation)
  const isPassing = retryClassOf(error) === 'Retry' && failures < stalledAfter
  const again = `It is read again at ${new Date(nextIndexAtMs).toISOString()}.`
  const message = `${sentence(error)} ${again}`
  return {
    intents: [],
    ready: readiness(observation, { status: 'False', reason: reasonOf(error), message }),
    reconciling: isPassing
      ? { status: 'True', reason: reasons.retrying, message }
      : { status: 'False', reason: reasonOf(error), message: again },
    stalled: isPassing
      ? { status: 'False', reason: reasons.retrying, message: 'It is tried again by itself.' }
      : { status: 'True', reason: reasonOf(error), message },
    lastError: error,
    nextIndexAtMs,
    requeueAfterMs: nextIndexAtMs - nowMs,
  }
}

function decideIndexed(observed: ContextObserved, observation: ContextObservation): ContextDecision {
  const { nowMs } = observation
  const checkedAtMs = Date.parse(observation.current?.checkedAt ?? '') || nowMs
  const nextIndexAtMs = checkedAtMs + refreshMs(observed.source)
  if (nowMs >= nextIndexAtMs) return begin(observed, observation)
  return {
    intents: [],
    ready: readiness(observation, { status: 'False', reason: reasons.pending, message: 'Nothing is indexed.' }),
    reconciling: { status: 'False', reason: reasons.indexed, message: 'The index is as the source was.' },
    stalled: { status: 'False', reason: reasons.indexed, message: 'Nothing stands in the way.' },
    lastError: null,
    nextIndexAtMs,
    requeueAfterMs: nextIndexAtMs - nowMs,
  }
}

function indexing(observation: ContextObservation, message: string): ContextDecision {
  return {
    intents: [],
    ready: readiness(observation, { status: 'False', reason: reasons.indexing, message }),
    reconciling: { status: 'True', reason: reasons.indexing, message },
    stalled: { status: 'False', reason: reasons.indexing, message: 'Nothing stands in the way.' },
    lastError: observation.newest?.state === 'Failed' ? observation.newest.error : null,
    nextIndexAtMs: null,
    requeueAfterMs: null,
  }
}

/** A source with an index in use is ready, whatever becomes of the next one. */
function readiness({ current }: ContextObservation, otherwise: Judgement): Judgement {
  if (current === null) return otherwise
  const skipped = current.skipped.length === 0 ? '' : `, ${current.skipped.length} skipped`
  const message = `${current.documents} documents in ${current.chunks} chunks${skipped}; revision ${current.revision}.`
  return { status: 'True', reason: reasons.indexed, message }
}

function waitForStore({ source }: ContextObserved, error: ErrorReport): ContextDecision {
  const message = `${sentence(error)} This is tried again until the store is back.`
  const reason = reasonOf(error)
  const kept = source.status?.conditions?.find(({ type }) => type === 'Ready')
  return {
    intents: [],
    ready:
      kept === undefined
        ? { status: 'False', reason, message }
        : { status: kept.status, reason: kept.reason, message: kept.message },
    reconciling: { status: 'True', reason, message },
    stalled: { status: 'False', reason, message: 'The store is waited for.' },
    lastError: error,
    nextIndexAtMs: null,
    requeueAfterMs: storeRetryMs,
  }
}

/** Doubles with each failure; trouble that needs a person is not asked about as often. */
export function retryDelayMs(error: ErrorReport, failures: number): number {
  const first = retryClassOf(error) === 'Retry' ? firstRetryMs : firstRetryAfterFixMs
  return Math.min(longestRetryMs, first * 2 ** Math.max(0, Math.min(failures, 20) - 1))
}

function retryClassOf({ code }: ErrorReport) {
  return isErrorCode(code) ? catalogue[code].retry : 'AfterFix'
}

function refreshMs({ spec }: ContextSource): number {
  const interval = spec.refreshInterval ?? defaults.contextSource.refreshInterval
  return Math.max(shortestRefreshMs, parseDurationMs(interval, 'spec.refreshInterval'))
}
