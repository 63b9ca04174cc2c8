import { AmxError, type ErrorReport, reasons, unknownAsset } from '@amx/api'
import type { RunObservation } from '@amx/store'
import { decideStages, type StageWork } from './decide-stage.ts'
import { fail, type RunDecision, rest } from './decision.ts'
import type { RunObserved } from './run-observed.ts'
import { plural } from './stage-conditions.ts'

/** Decides about a run from its begin until its drafts are settled. */
export function decideDrafting(
  observed: RunObserved,
  store: RunObservation,
  stages: RunDecision['stages'],
): RunDecision {
  const { summary } = store
  if (store.scopeResolved && store.plannedAssets === 0) return decideEmptyScope(observed, store, stages)

  if (!store.drafted) {
    const works: StageWork[] = []
    if (!store.profiled) works.push({ stage: 'profile', progress: profileProgress(store) })
    // Texts that people wrote need no drafter.
    if (observed.run.spec.source?.texts === undefined) {
      works.push({ stage: 'draft', progress: summary.columns.drafted + summary.columns.failed })
    }
    return decideStages(observed, works, activity(store), stages)
  }
  if (draftedRows(store) === 0)
    return fail(store.budget.error ?? store.lastError ?? nothingDrafted(observed, store), stages)
  return rest('Running', reasons.drafting, 'Everything is drafted; the drafts are being settled.', {
    intents: [{ kind: 'SettleDrafts' }],
    stages,
  })
}

function decideEmptyScope({ run }: RunObserved, store: RunObservation, stages: RunDecision['stages']): RunDecision {
  const { summary, unknownAssets, lastError } = store
  if (summary.tables.total > 0) {
    if (lastError !== null) return fail(lastError, stages)
    const message = `Nothing to do: ${plural(summary.columns.skipped, 'column')} in ${plural(summary.tables.total, 'table')} are left out by the scope, such as for having a comment.`
    return rest('Succeeded', reasons.nothingToDo, message, { stages })
  }
  if (lastError === null && store.leftOut > 0) {
    const message = `Nothing to do: ${plural(store.leftOut, 'asset')} left out by the scope, such as for having a comment; the results say why.`
    return rest('Succeeded', reasons.nothingToDo, message, { stages })
  }
  if (unknownAssets.length > 0) {
    return fail(unknownAsset(unknownAssets).report(), stages)
  }
  if (lastError !== null) return fail(lastError, stages)
  const target = (run.spec.targets ?? []).map((named) => named.databaseProfileRef.name).join(', ')
  return fail(new AmxError('AMX-1005', { target }).report(), stages)
}

/** Rows that have a text. Tables count as well: a run may have no columns in scope. */
function draftedRows({ summary: { columns, confidence, review } }: RunObservation): number {
  return columns.drafted + review.unreviewed + confidence.high + confidence.medium + confidence.low + confidence.none
}

function nothingDrafted({ run }: RunObserved, { plannedAssets }: RunObservation): ErrorReport {
  return new AmxError('AMX-1021', { assets: plural(plannedAssets, 'asset'), run: run.metadata.name }).report()
}

function profileProgress({ scopeResolved, summary }: RunObservation): number {
  return (scopeResolved ? 1 : 0) + summary.columns.profiled + summary.tables.settled
}

function activity({ scopeResolved, profiled, summary }: RunObservation) {
  const phase = 'Running' as const
  if (!scopeResolved) {
    return { phase, reason: reasons.running, message: 'The profile Job finds out what is in scope; drafting follows.' }
  }
  const { settled, total } = summary.tables
  const { drafted, planned } = summary.columns
  const reason = profiled ? reasons.drafting : reasons.profiling
  const message = `${settled} of ${plural(total, 'table')} settled, ${drafted} of ${plural(planned, 'column')} drafted; review comes next.`
  return { phase, reason, message }
}
