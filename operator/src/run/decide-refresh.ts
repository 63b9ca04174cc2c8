import { reasons, unknownAsset } from '@amx/api'
import type { RunObservation } from '@amx/store'
import { decideStages } from './decide-stage.ts'
import { fail, type RunDecision, rest } from './decision.ts'
import type { RunObserved } from './run-observed.ts'
import { plural } from './stage-conditions.ts'

const pollMs = 10_000

/** Decides about a run that reads the catalog and does nothing else. */
export function decideRefresh(
  observed: RunObserved,
  store: RunObservation,
  stages: RunDecision['stages'],
): RunDecision {
  const { scopeResolved, unknownAssets, lastError, summary } = store
  if (!scopeResolved) {
    const message = 'The profile Job reads the catalog; nothing is drafted.'
    const decision = decideStages(
      observed,
      [{ stage: 'profile', progress: summary.tables.total }],
      { phase: 'Running', reason: reasons.running, message },
      stages,
    )
    return { ...decision, requeueAfterMs: Math.min(decision.requeueAfterMs ?? pollMs, pollMs) }
  }
  if (unknownAssets.length > 0) return fail(unknownAsset(unknownAssets).report(), stages)
  if (lastError !== null) return fail(lastError, stages)
  const { tables, columns } = summary
  const message = `The catalog was read: ${plural(tables.total, 'table')} with ${plural(columns.planned, 'column')}. No model was asked.`
  return rest('Succeeded', reasons.succeeded, message, { stages })
}
