import { type Budget, type DesiredState, type ErrorReport, type RunPhase, type Stage, unknownAssetsOf } from '@amx/api'
import { decidedToApply, notBeingWritten } from '../apply/queue-conditions.ts'
import type { RunObservation } from '../contract.ts'
import type { Database } from '../database.ts'
import { type SummaryRow, summaryColumns, summaryTables, toRunSummary } from './run-summary.ts'

interface ObservedRow extends SummaryRow {
  readonly run_phase: RunPhase
  readonly containers_planned: number
  readonly desired_state: DesiredState
  readonly fatal_error: ErrorReport | null
  readonly last_error: ErrorReport | null
  readonly apply_wanted: boolean
  readonly budget: Budget | null
  readonly budget_error: ErrorReport | null
  readonly units: readonly { stage: Stage; kind: string; state: 'waiting' | 'leased' | 'failed'; count: number }[]
}

const untried = `q.run_uid = r.uid and q.state in ('Queued', 'Failed') and q.unit_run_uid is distinct from r.uid and ${notBeingWritten}`

// From the few decisions that ask for writing, not from every row that waits for another run.
const applyWanted = `case
  when r.type in ('Apply', 'Rollback') then false
  when r.settings #>> '{apply,policy}' = 'OnAccept' then exists (select from amx.queue q where ${untried})
  else exists (
    select from amx.decisions asking join amx.decision_items item on item.decision_uid = asking.uid
      join amx.queue q on q.asset_id = item.asset_id
    where asking.run_uid = r.uid and asking.apply and ${untried} and ${decidedToApply})
end`

/** All the operator decides from, in one statement over counters and open units. Null when the store does not know the run. */
export async function observeRun(
  database: Database,
  uid: string,
  signal?: AbortSignal,
): Promise<RunObservation | null> {
  signal?.throwIfAborted()
  const [row] = await database.rows<ObservedRow>(
    `select ${summaryColumns}, r.phase as run_phase,
       (select count(*) from amx.assets a where a.run_uid = r.uid and a.table_id is null and a.planned)::integer
         as containers_planned, r.desired_state, r.fatal_error, r.last_error, r.budget, r.budget_error, ${applyWanted} as apply_wanted,
       (select coalesce(jsonb_agg(counted), '[]') from (
          select stage, kind, state, count(*) as count from amx.units
          where run_uid = r.uid and state in ('waiting', 'leased') group by stage, kind, state
          union all
          select stage, kind, state, count(*) from amx.units
          where run_uid = r.uid and state = 'failed' group by stage, kind, state
        ) as counted) as units
     from ${summaryTables} where r.uid = $1`,
    [uid],
  )
  return row === undefined ? null : toObservation(row)
}

function toObservation(row: ObservedRow): RunObservation {
  const count = (stage: Stage, state: string): number =>
    row.units.reduce((sum, unit) => (unit.stage === stage && unit.state === state ? sum + unit.count : sum), 0)
  const ofStage = (stage: Stage) => ({
    waiting: count(stage, 'waiting'),
    leased: count(stage, 'leased'),
    failed: count(stage, 'failed'),
  })
  const units = { profile: ofStage('profile'), draft: ofStage('draft'), apply: ofStage('apply') }
  const scopeResolved = !row.units.some(({ kind }) => kind === 'scope')
  const profiled = scopeResolved && units.profile.waiting + units.profile.leased === 0
  return {
    summary: toRunSummary(row),
    desiredState: row.desired_state,
    phase: row.run_phase,
    scopeResolved,
    profiled,
    drafted: profiled && units.draft.waiting + units.draft.leased === 0,
    plannedAssets: row.assets_planned,
    plannedContainers: row.containers_planned,
    leftOut: row.result_rows,
    units,
    fatalError: row.fatal_error,
    lastError: row.last_error,
    unknownAssets: row.fatal_error?.code === 'AMX-1006' ? unknownAssetsOf(row.fatal_error.message) : [],
    applyWanted: row.apply_wanted,
    budget: { limit: row.budget, error: row.budget_error },
  }
}
