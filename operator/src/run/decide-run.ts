import { AmxError, catalogue, defaults, type ErrorReport, type MetadataRun, parseDurationMs, reasons } from '@amx/api'
import type { RunObservation } from '@amx/store'
import { activeMs } from './active-time.ts'
import { decideApply } from './decide-apply.ts'
import { decideBudget } from './decide-budget.ts'
import { decideDrafting } from './decide-drafting.ts'
import { decideRefresh } from './decide-refresh.ts'
import { capital, fail, isFinal, type RunDecision, rest, sentence } from './decision.ts'
import { decideFinished } from './finished-run.ts'
import { neverStarted } from './next-attempt.ts'
import type { Intent, RunObserved } from './run-observed.ts'
import { plural, stageConditions, stagesBeforeBegin } from './stage-conditions.ts'
import { onlyWrites } from './write-source.ts'

/** How long workers that were told to stop may finish what they hold. */
export const stopGraceMs = 30_000

const pollMs = 10_000
const storeRetryMs = 5_000
const referenceRetryMs = 60_000

/** Decides what a run needs next. Pure: the table of `README.md` in this folder, row by row. */
export function decideRun(observed: RunObserved): RunDecision {
  const { run, store } = observed
  if (isFinal(run.status?.phase)) return decideFinished(observed)
  if (run.spec.desiredState === 'Cancel') return decideCancel(observed)
  switch (store.kind) {
    case 'NotBegun':
      return decideBegin(observed)
    case 'Unavailable':
      return waitForStore(run, store.error)
    case 'AlreadyCompleted':
      return rest(
        'Succeeded',
        reasons.alreadyCompleted,
        'A run of this name with the same spec and settings finished before: nothing was read, drafted or written again.',
      )
    case 'Refused':
      return fail(store.error, stagesBeforeBegin(run))
    case 'Begun':
      return decideBegun(observed, store.run)
  }
}

function decideBegin({ run, preparation }: RunObserved): RunDecision {
  const stages = stagesBeforeBegin(run)
  switch (preparation.kind) {
    case 'Refused':
      return rest('Failed', preparation.reason, sentence(preparation.error), { stages, lastError: preparation.error })
    case 'Waiting':
      return rest('Pending', preparation.reason, sentence(preparation.error), {
        stages,
        lastError: preparation.error,
        requeueAfterMs: preparation.retryMs ?? referenceRetryMs,
      })
    case 'Ready': {
      if (run.spec.desiredState === 'Suspend') {
        return rest('Suspended', reasons.suspended, 'Suspended before it began; desiredState: Run starts it.', {
          stages,
        })
      }
      return rest('Pending', reasons.accepted, 'Accepted; the settings are being frozen.', {
        stages,
        intents: [{ kind: 'BeginRun', request: preparation.begin }],
      })
    }
  }
}

function waitForStore(run: MetadataRun, error: ErrorReport): RunDecision {
  const phase = run.status?.phase ?? 'Pending'
  const current = run.status?.conditions?.find((condition) => condition.type === 'Succeeded')
  const message = `${capital(error.message)}. Jobs go on where they can; this is tried again until the store is back.`
  const active = phase === 'Pending' || phase === 'Running' || phase === 'Applying'
  return rest(phase, current?.reason ?? reasons.pending, current?.message ?? message, {
    lastError: error,
    requeueAfterMs: storeRetryMs,
    ...(active && { ready: { status: 'False', reason: catalogue['AMX-9002'].reason, message } }),
  })
}

function decideBegun(observed: RunObserved, store: RunObservation): RunDecision {
  const { run, nowMs } = observed
  const stages = stageConditions(run, store)
  if (store.fatalError !== null) return fail(store.fatalError, stages)

  const wanted = run.spec.desiredState ?? defaults.run.desiredState
  if (wanted === 'Suspend') return decideSuspend(observed, store)
  const resume: Intent[] = store.desiredState === 'Suspend' ? [{ kind: 'SetDesiredState', state: 'Run' }] : []

  const deadline = run.spec.activeDeadline ?? defaults.run.activeDeadline
  const remainingMs = parseDurationMs(deadline, 'spec.activeDeadline') - activeMs(run.status, nowMs)
  if (remainingMs <= 0) {
    const intents: Intent[] = store.desiredState === 'Cancel' ? [] : [{ kind: 'SetDesiredState', state: 'Cancel' }]
    return { ...fail(new AmxError('AMX-1015', { deadline }).report(), stages), intents }
  }

  const overBudget =
    onlyWrites(run) || store.summary.draftDigest !== null ? null : decideBudget(observed, store, stages)
  if (overBudget !== null) return resume.length > 0 ? { ...overBudget, intents: resume } : overBudget

  if (run.spec.type === 'Refresh') {
    const decision = decideRefresh(observed, store, stages)
    return resume.length > 0 ? { ...decision, intents: resume } : decision
  }
  const decision =
    onlyWrites(run) || store.summary.draftDigest !== null
      ? decideApply(observed, store, stages)
      : decideDrafting(observed, store, stages)
  if (resume.length > 0) return { ...decision, intents: resume }
  if (isFinal(decision.phase) || decision.phase === 'AwaitingReview') return decision
  const requeueAfterMs = Math.min(decision.requeueAfterMs ?? pollMs, pollMs, remainingMs)
  return { ...decision, requeueAfterMs }
}

function decideSuspend({ run, jobs }: RunObserved, store: RunObservation): RunDecision {
  const active = jobs.filter((job) => job.state === 'Active' && !job.deleting).length
  const intents: Intent[] = store.desiredState === 'Suspend' ? [] : [{ kind: 'SetDesiredState', state: 'Suspend' }]
  const holding = active === 0 ? '' : ` ${plural(active, 'worker')} still finish what they hold.`
  return rest('Suspended', reasons.suspended, `Suspended by a person.${holding} desiredState: Run goes on.`, {
    intents,
    stages: stageConditions(run, store),
    requeueAfterMs: active === 0 ? null : pollMs,
  })
}

function decideCancel({ run, store, jobs, stoppingSinceMs, nowMs }: RunObserved): RunDecision {
  const begun = store.kind === 'Begun' ? store.run : null
  const stages = begun === null ? stagesBeforeBegin(run) : stageConditions(run, begun)
  const intents: Intent[] = []
  if (begun !== null && begun.desiredState !== 'Cancel') intents.push({ kind: 'SetDesiredState', state: 'Cancel' })
  const active = jobs.filter((job) => job.state === 'Active' && !job.deleting)
  const stoppingMs = stoppingSinceMs === null ? 0 : nowMs - stoppingSinceMs
  // Workers hear of a cancel through the server; without the store they cannot, so their Jobs are removed at once.
  const overdue = stoppingMs >= stopGraceMs || store.kind === 'Unavailable'
  for (const job of active) {
    if (overdue || neverStarted(job)) intents.push({ kind: 'DeleteJob', name: job.name })
  }
  const waiting = active.length > 0 || intents.length > 0
  if (store.kind === 'Unavailable' && run.status?.startTime !== undefined) {
    return { ...waitForStore(run, store.error), intents }
  }
  if (waiting) {
    return rest(run.status?.phase ?? 'Pending', reasons.cancelling, 'Cancelling: workers finish what they hold.', {
      intents,
      stages,
      requeueAfterMs: Math.max(500, stopGraceMs - stoppingMs),
    })
  }
  const error = new AmxError('AMX-1017').report()
  const kept = begun === null ? 'Nothing was begun.' : 'What was drafted and written is kept; a new run goes on.'
  return rest('Cancelled', reasons.cancelled, `Cancelled by a person. ${kept}`, { stages, lastError: error })
}
