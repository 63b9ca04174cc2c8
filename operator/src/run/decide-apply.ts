import { AmxError, reasons } from '@amx/api'
import type { RunObservation } from '@amx/store'
import { decideStages } from './decide-stage.ts'
import { fail, type RunDecision, rest } from './decision.ts'
import type { RunObserved } from './run-observed.ts'
import { plural, trouble } from './stage-conditions.ts'
import { onlyWrites } from './write-source.ts'

/** Decides about a run whose drafts are settled, or which only writes. */
export function decideApply(observed: RunObserved, store: RunObservation, stages: RunDecision['stages']): RunDecision {
  const { run } = observed
  const { apply } = store.summary
  if (!onlyWrites(run) && awaitsPolicy(observed)) {
    return rest(
      'Running',
      reasons.drafting,
      'The drafts are settled; what the review policy accepts is being accepted.',
      {
        intents: [{ kind: 'AcceptByPolicy' }],
        stages,
      },
    )
  }

  const open = store.units.apply.waiting + store.units.apply.leased
  if (open === 0 && run.spec.apply?.dryRun === true && applyStarted(observed)) {
    const message = `Dry run: ${plural(apply.applied, 'comment')} would be ${done(run)}${trouble(apply)}; nothing was, and everything stays as it is.`
    return rest('Succeeded', reasons.dryRun, message, { stages })
  }
  // Also while earlier rows are being written: rows accepted meanwhile join them.
  if (observed.plannedRows === null && wantsPlan(observed, store)) {
    return rest('Applying', reasons.applying, 'What is to be written is being prepared.', {
      intents: [{ kind: 'PlanApply' }],
      stages,
    })
  }
  if (open > 0) {
    const message = `${plural(open, 'table')} to go, ${plural(apply.applied, 'comment')} ${done(run)}.`
    return decideStages(
      observed,
      [{ stage: 'apply', progress: tried(store) }],
      { phase: 'Applying', reason: reasons.applying, message },
      stages,
    )
  }
  return onlyWrites(run) ? decideWritten(observed, store, stages) : decideEnd(observed, store, stages)
}

function done({ spec }: RunObserved['run']): string {
  return spec.type === 'Rollback' ? 'put back' : 'written'
}

function tried({ summary: { apply } }: RunObservation): number {
  return apply.applied + apply.failed + apply.refused + apply.unsupported
}

/** The end of a run that drafts nothing. */
function decideWritten({ run }: RunObserved, store: RunObservation, stages: RunDecision['stages']): RunDecision {
  if (tried(store) > 0) return decideOutcome(run, store, stages)
  const message =
    run.spec.type === 'Rollback'
      ? 'Nothing of what the source run wrote is in a database of this run.'
      : 'No row waits to be written: none is queued, or another run is writing it.'
  return rest('Succeeded', reasons.nothingToDo, message, { stages })
}

/** The end of a run that drafted. */
function decideEnd(
  { run, applyBeingDecided }: RunObserved,
  store: RunObservation,
  stages: RunDecision['stages'],
): RunDecision {
  const { apply, review, draftDigest } = store.summary
  if (review.unreviewed > 0) {
    const written = apply.applied > 0 ? ` ${plural(apply.applied, 'comment')} written so far.` : ''
    const waits = review.unreviewed === 1 ? '1 row waits' : `${review.unreviewed} rows wait`
    const message = `${waits} for a person.${written} Review with \`kubectl amx review ${run.metadata.name}\`, or create a ReviewDecision that names draft ${draftDigest ?? ''}.`
    return rest('AwaitingReview', reasons.awaitingReview, message, { stages })
  }
  if (applyBeingDecided) {
    // Its rows may be those that are queued: a run that ended now would never write them.
    return rest('AwaitingReview', reasons.awaitingReview, 'A decision that asks for writing is being recorded.', {
      stages,
      requeueAfterMs: 1_000,
    })
  }
  if (tried(store) > 0) return decideOutcome(run, store, stages)
  if (review.queued === 0 && review.accepted > 0 && run.spec.apply?.policy === 'OnAccept') {
    const message = `Every row is decided: ${review.accepted} accepted. None is left to write: another run wrote them, or newer decisions took their place.`
    return rest('Succeeded', reasons.nothingToDo, message, { stages })
  }
  const queued = review.queued > 0 ? `; ${plural(review.queued, 'row')} queued for a run of type Apply` : ''
  return rest('Succeeded', reasons.reviewed, `Every row is decided: ${review.accepted} accepted${queued}.`, { stages })
}

/** How a run ends that wrote, or tried to. */
function decideOutcome(run: RunObserved['run'], store: RunObservation, stages: RunDecision['stages']): RunDecision {
  const { apply, review } = store.summary
  // A row that failed and was written after it was decided again is in the figures twice, and in the queue no more.
  const unwritten = onlyWrites(run) || review.queued > 0 ? apply.failed + apply.refused : 0
  if (unwritten === 0) {
    const unsupported = apply.unsupported > 0 ? `, ${apply.unsupported} skipped: the backend has no such comments` : ''
    const queued =
      !onlyWrites(run) && review.queued > 0 ? `; ${plural(review.queued, 'row')} queued for a run of type Apply` : ''
    const message = `${plural(apply.applied, 'comment')} ${done(run)}${unsupported}${queued}.`
    return rest('Succeeded', reasons.succeeded, message, { stages })
  }
  const kept =
    run.spec.type === 'Rollback'
      ? 'those were left as they are'
      : 'what was not written stays queued for a run of type Apply'
  const message = `${apply.applied} of ${plural(tried(store), 'row')} ${done(run)}, ${apply.failed} failed, ${apply.refused} refused; ${kept}.`
  const { lastError } = store
  if (apply.applied > 0) return rest('PartiallyApplied', reasons.partiallyApplied, message, { stages, lastError })
  const error = lastError ?? new AmxError('AMX-4004', { stage: 'apply', attempts: '1', detail: message }).report()
  return fail(error, stages)
}

/** The review policy has not been carried out; the Reviewed condition remembers that it was. */
function awaitsPolicy({ run, policyAccepted }: RunObserved): boolean {
  if (policyAccepted || run.spec.review?.strategy !== 'Auto') return false
  const reviewed = run.status?.conditions?.find((condition) => condition.type === 'Reviewed')
  return reviewed === undefined || reviewed.reason === reasons.stageWaiting
}

/** A run that only writes plans once; any other whenever rows are accepted that it is to write. */
function wantsPlan({ run }: RunObserved, store: RunObservation): boolean {
  if (!onlyWrites(run)) return store.applyWanted
  return tried(store) === 0 && store.units.apply.waiting + store.units.apply.leased === 0
}

function applyStarted({ run, jobs }: RunObserved): boolean {
  return [...jobs, ...(run.status?.jobs ?? [])].some((job) => job.stage === 'apply')
}
