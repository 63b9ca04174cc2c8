import { AmxError, reasons } from '@amx/api'
import type { RunObservation } from '@amx/store'
import { decideStages } from './decide-stage.ts'
import { fail, type RunDecision, rest } from './decision.ts'
import type { RunObserved } from './run-observed.ts'
import { plural, trouble } from './stage-conditions.ts'

/** Decides about a run whose drafts are settled, or whose type is Apply. */
export function decideApply(observed: RunObserved, store: RunObservation, stages: RunDecision['stages']): RunDecision {
  const { run } = observed
  const { apply, review } = store.summary
  if (run.spec.type !== 'Apply' && awaitsPolicy(observed)) {
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

  const tried = apply.applied + apply.failed + apply.refused + apply.unsupported
  if (store.units.apply.waiting + store.units.apply.leased > 0) {
    const message = `${plural(review.queued, 'accepted row')} to write, ${apply.applied} written.`
    return decideStages(
      observed,
      [{ stage: 'apply', progress: tried }],
      { phase: 'Applying', reason: reasons.applying, message },
      stages,
    )
  }
  if (run.spec.apply?.dryRun === true && applyStarted(observed)) {
    const message = `Dry run: ${plural(apply.applied, 'row')} would be written${trouble(apply)}; nothing was, and all of them stay queued.`
    return rest('Succeeded', reasons.dryRun, message, { stages })
  }
  if (observed.plannedRows === null && wantsPlan(observed, store)) {
    return rest('Applying', reasons.applying, 'What was accepted is being prepared for writing.', {
      intents: [{ kind: 'PlanApply' }],
      stages,
    })
  }
  return decideEnd(observed, store, stages)
}

function decideEnd(
  { run, applyRequest }: RunObserved,
  store: RunObservation,
  stages: RunDecision['stages'],
): RunDecision {
  const { apply, review, draftDigest } = store.summary
  if (run.spec.type !== 'Apply' && review.unreviewed > 0) {
    const written = apply.applied > 0 ? ` ${plural(apply.applied, 'comment')} written so far.` : ''
    const waits = review.unreviewed === 1 ? '1 row waits' : `${review.unreviewed} rows wait`
    const message = `${waits} for a person.${written} Review with \`kubectl amx review ${run.metadata.name}\`, or create a ReviewDecision that names draft ${draftDigest ?? ''}.`
    return rest('AwaitingReview', reasons.awaitingReview, message, { stages })
  }
  if (applyRequest === 'BeingRecorded' && review.queued > 0) {
    // Its rows may be those that are queued: a run that ended now would never write them.
    return rest('AwaitingReview', reasons.awaitingReview, 'A decision that asks for writing is being recorded.', {
      stages,
      requeueAfterMs: 1_000,
    })
  }

  const unwritten = apply.failed + apply.refused
  const tried = apply.applied + unwritten + apply.unsupported
  if (unwritten > 0) {
    const message = `${apply.applied} of ${plural(tried, 'row')} written, ${apply.failed} failed, ${apply.refused} refused; what was not written stays queued for a run of type Apply.`
    const lastError = store.lastError
    if (apply.applied === 0) {
      const error = lastError ?? new AmxError('AMX-4004', { stage: 'apply', attempts: '1', detail: message }).report()
      return fail(error, stages)
    }
    return rest('PartiallyApplied', reasons.partiallyApplied, message, { stages, lastError })
  }
  if (tried > 0) {
    const unsupported = apply.unsupported > 0 ? `, ${apply.unsupported} skipped: the backend has no such comments` : ''
    const message = `${plural(apply.applied, 'comment')} written${unsupported}.`
    return rest('Succeeded', reasons.succeeded, message, { stages })
  }
  if (run.spec.type === 'Apply') {
    const message = 'The source run has no row that waits to be written.'
    return rest('Succeeded', reasons.nothingToDo, message, { stages })
  }
  if (review.queued === 0 && review.accepted > 0 && run.spec.apply?.policy === 'OnAccept') {
    const message = `Every row is decided: ${review.accepted} accepted. None is left to write: another run wrote them, or newer decisions took their place.`
    return rest('Succeeded', reasons.nothingToDo, message, { stages })
  }
  const queued = review.queued > 0 ? `; ${plural(review.queued, 'row')} queued for a run of type Apply` : ''
  return rest('Succeeded', reasons.reviewed, `Every row is decided: ${review.accepted} accepted${queued}.`, { stages })
}

/** The review policy has not been carried out; the Reviewed condition remembers that it was. */
function awaitsPolicy({ run, policyAccepted }: RunObserved): boolean {
  if (policyAccepted || run.spec.review?.strategy !== 'Auto') return false
  const reviewed = run.status?.conditions?.find((condition) => condition.type === 'Reviewed')
  return reviewed === undefined || reviewed.reason === reasons.stageWaiting
}

function wantsPlan({ run, applyRequest }: RunObserved, { summary }: RunObservation): boolean {
  const { apply, review } = summary
  const tried = apply.applied + apply.failed + apply.refused + apply.unsupported
  if (run.spec.type === 'Apply') return tried === 0
  const applies = run.spec.apply?.policy === 'OnAccept' || applyRequest === 'Recorded'
  // Rows that were tried and not written stay queued; they wait for a run of type Apply, not for another try of this one.
  return applies && review.queued > apply.failed + apply.refused + apply.unsupported
}

function applyStarted({ run, jobs }: RunObserved): boolean {
  return [...jobs, ...(run.status?.jobs ?? [])].some((job) => job.stage === 'apply')
}
