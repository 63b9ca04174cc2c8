import { type Budget, budgetOf, defaults, reasons } from '@amx/api'
import type { RunObservation } from '@amx/store'
import { decideStages } from './decide-stage.ts'
import { type RunDecision, reasonOf, rest, sentence } from './decision.ts'
import type { RunObserved } from './run-observed.ts'
import { plural } from './stage-conditions.ts'

const pollMs = 10_000

/** What the budget of a run whose drafts are not settled asks for; null while it leaves room. */
export function decideBudget(
  observed: RunObserved,
  store: RunObservation,
  stages: RunDecision['stages'],
): RunDecision | null {
  const { run, jobs } = observed
  const wanted = budgetOf(run.spec.budget)
  if (!isSame(wanted, store.budget.limit)) {
    return rest('Running', reasons.drafting, 'The budget was changed; drafting goes on with it.', {
      intents: [{ kind: 'SetBudget', budget: wanted }],
      stages,
    })
  }
  const { error } = store.budget
  if (error === null) return null
  const onExhausted = run.spec.budget?.onExhausted ?? defaults.run.budget.onExhausted
  if (onExhausted === 'Review') return decideLeaveOut(observed, store, stages)

  const reason = reasonOf(error)
  const active = jobs.filter((job) => job.stage === 'draft' && job.state === 'Active' && !job.deleting).length
  return rest('Suspended', reason, sentence(error), {
    stages,
    lastError: error,
    warning: { reason, message: sentence(error) },
    requeueAfterMs: active === 0 ? null : pollMs,
  })
}

/** What is drafted goes to review without the rest, once no table can come any more. */
function decideLeaveOut(
  observed: RunObserved,
  store: RunObservation,
  stages: RunDecision['stages'],
): RunDecision | null {
  if (store.drafted) return null
  const { drafted, planned } = store.summary.columns
  if (store.units.draft.leased > 0 || !store.profiled) {
    const message = `The budget is used up; ${drafted} of ${plural(planned, 'column')} drafted. The rest is left out once every table is profiled.`
    const progress = (store.scopeResolved ? 1 : 0) + store.summary.columns.profiled + store.summary.tables.settled
    const works = store.profiled ? [] : [{ stage: 'profile' as const, progress }]
    const normal = { phase: 'Running' as const, reason: reasons.drafting, message }
    return { ...decideStages(observed, works, normal, stages), requeueAfterMs: pollMs }
  }
  return rest('Running', reasons.drafting, 'The budget is used up; what is not drafted is being left out.', {
    intents: [{ kind: 'LeaveOutUndrafted', reason: leftOutReason(store) }],
    stages,
  })
}

function leftOutReason({ budget: { error } }: RunObservation): string {
  return error === null ? 'the budget was used up' : `${error.code} the budget was used up before this was drafted`
}

function isSame(one: Budget | null, other: Budget | null): boolean {
  return one?.maximumCostUsd === other?.maximumCostUsd && one?.maximumTokens === other?.maximumTokens
}
