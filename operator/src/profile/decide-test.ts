import { AmxError, type ErrorReport, type ProfileTestPart, type ProfileTestSettings } from '@amx/api'
import type { ProfileTestObservation } from '@amx/store'
import { type EndedJob, errorOfJob } from '../job/error-of-job.ts'
import { sentence } from '../run/decision.ts'
import type { RunUse } from './run-use.ts'

/** The Job of one part of a test, as far as decisions need it. */
export interface TestJobView extends EndedJob {
  readonly part: ProfileTestPart
  readonly number: number
  readonly deleting: boolean
  readonly ageMs: number
}

/** What there is to test about a profile. */
export type TestPlan =
  | { readonly kind: 'Test'; readonly parts: readonly ProfileTestSettings[]; readonly specDigest: string }
  /** No run could use it as it is: nothing to try. */
  | { readonly kind: 'Refused'; readonly error: ErrorReport }
  /** The built-in drafter: there is nothing that could fail. */
  | { readonly kind: 'BuiltIn' }

/** Everything a decision about a profile is made from. */
export interface ProfileObserved {
  readonly plan: TestPlan
  /** The request that was not handled yet, or null. */
  readonly request: string | null
  readonly store:
    | { readonly kind: 'Known'; readonly observation: ProfileTestObservation }
    | { readonly kind: 'Unavailable'; readonly error: ErrorReport }
  readonly jobs: readonly TestJobView[]
  /** How runs use the profile: a test would take the place of one on the node, and can wait. */
  readonly runs: RunUse['runs']
  readonly provedAtMs: RunUse['provedAtMs']
  /** How long the profile has been new or changed and untested, by the operator's clock. */
  readonly untestedMs: number
  /** How often one that works is tested again; null: only when asked. */
  readonly everyMs: number | null
  /** 0..1, the profile's own: keeps many of them from being tested at the same moment. */
  readonly spread: number
}

/** Something to do. Each may be carried out twice without harm. */
export type TestIntent =
  | { readonly kind: 'BeginTest'; readonly number: number; readonly request: string | null }
  | { readonly kind: 'CreateJob'; readonly number: number; readonly part: ProfileTestPart }
  | { readonly kind: 'DeleteJob'; readonly name: string }
  | {
      readonly kind: 'FailPart'
      readonly number: number
      readonly part: ProfileTestPart
      readonly error: ErrorReport
    }

/** Where a profile stands; see README.md of this folder. */
export type TestState = 'Settled' | 'Waiting' | 'Testing' | 'NotTested' | 'Unknown'

/** What is to be done about a profile, and where it stands. */
export interface TestDecision {
  /** Carried out in order; the profile is observed and decided again afterwards. Empty: only the status is written. */
  readonly intents: readonly TestIntent[]
  readonly state: TestState
  /** Why there is no result yet, for a person. */
  readonly message: string
  readonly nextTestAtMs: number | null
  /** When to look again without being woken; null = only when woken. */
  readonly requeueAfterMs: number | null
}

/** A profile is often applied together with a run: the run has the first word. */
const quietMs = 5_000
/** A test that is due waits no longer than this for runs to end. */
const longestWaitMs = 120_000
const lookAgainMs = 3_000
const storeRetryMs = 5_000
const pollMs = 15_000
/** A pod that cannot start gets this long before the test has failed. */
const stuckMs = 60_000
const firstRetryMs = 60_000
const longestRetryMs = 3_600_000

/** Decides what a profile needs next. Pure. */
export function decideTest(observed: ProfileObserved): TestDecision {
  const { plan, store } = observed
  if (plan.kind !== 'Test') return withoutTest(observed)
  if (store.kind === 'Unavailable') return { ...rest('Unknown', sentence(store.error)), requeueAfterMs: storeRetryMs }
  const { newest } = store.observation
  const isCurrent = newest?.specDigest === plan.specDigest
  const isOver = newest === null || newest.parts.every(({ endedAt }) => endedAt !== null)
  if (!isOver && isCurrent) return decideTesting(observed, newest)
  const asked = observed.request !== null && observed.request !== newest?.request
  if (asked) return begin(observed, store.observation)
  return isCurrent ? decideSettled(observed, store.observation) : decideUntested(observed, store.observation)
}

function withoutTest({ jobs }: ProfileObserved): TestDecision {
  const stale = jobs.filter(({ state, deleting }) => state === 'Active' && !deleting)
  return { ...rest('Settled', ''), intents: stale.map(({ name }) => ({ kind: 'DeleteJob', name })) }
}

/** A new or changed profile: quiet first, then no run at work, then the test. */
function decideUntested(observed: ProfileObserved, observation: ProfileTestObservation): TestDecision {
  const { everyMs, runs, untestedMs } = observed
  if (everyMs === null)
    return rest('NotTested', 'It is tested only when asked: its annotation amx.dev/test-every is "never".')
  if (untestedMs < quietMs) return { ...rest('Waiting', waiting), requeueAfterMs: quietMs - untestedMs }
  if (runs === 'AtWork' && untestedMs < quietMs + longestWaitMs)
    return { ...rest('Waiting', waiting), requeueAfterMs: lookAgainMs }
  return begin(observed, observation)
}

function begin(observed: ProfileObserved, observation: ProfileTestObservation): TestDecision {
  const { newest } = observation
  const number = (newest?.number ?? 0) + 1
  // A Job whose test is over is about to end by itself.
  const isUnderWay = newest?.parts.some(({ endedAt }) => endedAt === null) ?? false
  const parts = observed.plan.kind === 'Test' ? observed.plan.parts : []
  const old = observed.jobs.filter((job) => isUnderWay && job.state === 'Active' && !job.deleting)
  return {
    ...rest('Testing', waiting),
    intents: [
      ...old.map(({ name }): TestIntent => ({ kind: 'DeleteJob', name })),
      { kind: 'BeginTest', number, request: observed.request },
      ...parts.map(({ part }): TestIntent => ({ kind: 'CreateJob', number, part })),
    ],
  }
}

function decideTesting(
  { jobs }: ProfileObserved,
  { number, parts }: NonNullable<ProfileTestObservation['newest']>,
): TestDecision {
  const intents: TestIntent[] = []
  let message = waiting
  for (const { part, endedAt } of parts) {
    if (endedAt !== null) continue
    const job = jobs.find((known) => known.number === number && known.part === part && !known.deleting)
    if (job === undefined) intents.push({ kind: 'CreateJob', number, part })
    else if (job.state !== 'Active') intents.push({ kind: 'FailPart', number, part, error: errorOfTest(job) })
    else {
      const stuck = stuckError(job)
      if (stuck === null) continue
      message = sentence(stuck)
      if (job.ageMs < stuckMs) continue
      intents.push({ kind: 'FailPart', number, part, error: stuck }, { kind: 'DeleteJob', name: job.name })
    }
  }
  return { ...rest('Testing', message), intents, requeueAfterMs: pollMs }
}

function decideSettled(observed: ProfileObserved, observation: ProfileTestObservation): TestDecision {
  const { newest, failures, nowMs } = observation
  const { everyMs, runs, spread } = observed
  if (everyMs === null) return rest('Settled', '')
  const endedAtMs = Math.max(...(newest?.parts.map(({ endedAt }) => Date.parse(endedAt ?? '') || nowMs) ?? [nowMs]))
  const nextTestAtMs = endedAtMs + (failures === 0 ? everyMs * (0.9 + spread / 5) : retryDelayMs(failures))
  // A run got on with what failed in the test: its cause is gone.
  const provedSince = failures > 0 && (observed.provedAtMs ?? 0) > endedAtMs
  if (provedSince && runs === 'Idle') return begin(observed, observation)
  const overdueMs = nowMs - nextTestAtMs
  const settled = { ...rest('Settled', ''), nextTestAtMs }
  if (overdueMs < 0) return { ...settled, requeueAfterMs: -overdueMs }
  if (runs === 'AtWork' && overdueMs < longestWaitMs) return { ...settled, requeueAfterMs: lookAgainMs }
  return begin(observed, observation)
}

const waiting = 'A test is about to begin or under way.'

function rest(state: TestState, message: string): TestDecision {
  return { intents: [], state, message, nextTestAtMs: null, requeueAfterMs: null }
}

/** One minute after the first failure, then twice as long each time, up to an hour. */
export function retryDelayMs(failures: number): number {
  return Math.min(longestRetryMs, firstRetryMs * 2 ** Math.max(0, Math.min(failures, 20) - 1))
}

/** A pod that never started is told by what kept it, not by the deadline that ended its Job. */
function errorOfTest(job: TestJobView): ErrorReport {
  return stuckError(job) ?? errorOfJob(job, 'a report')
}

function stuckError(job: TestJobView): ErrorReport | null {
  const stuck = job.pods.find((pod) => pod.stuck !== null)?.stuck
  if (!stuck) return null
  return new AmxError('AMX-4003', { job: job.name, detail: `${stuck.reason}: ${stuck.message}` }).report()
}
