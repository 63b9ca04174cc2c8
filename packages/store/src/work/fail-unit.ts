import { AmxError, type ErrorCode, type ErrorReport, isErrorCode } from '@amx/api'
import type { Queryable } from '../database.ts'
import { recordEvents } from '../history/record-events.ts'
import { jsonParameter } from '../json-parameter.ts'
import { closeDraftUnit } from '../settling/close-draft-unit.ts'
import { makeSettleUnits } from '../settling/make-settle-units.ts'
import { failContainer } from '../settling/settle-result.ts'
import { announceWork, everyStage, llmTopic, stageTopic } from '../topics.ts'
import { attemptLimit } from './lease.ts'
import type { UnitRow } from './unit-row.ts'

/**
 * Faults of one table or one reply. When a unit fails for good with one of these its assets fail and the run goes on; with any
 * other, such as a model that does not answer, every unit would fail alike and the run stops.
 */
const faultsOfOneUnit: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'AMX-1018',
  'AMX-2003',
  'AMX-2004',
  'AMX-2005',
  'AMX-2008',
  'AMX-2009',
  'AMX-2010',
  'AMX-2011',
  'AMX-2099',
  'AMX-3007',
  'AMX-3008',
  'AMX-3009',
])

/** What is recorded about a unit whose holder went silent as often as a unit may be tried. */
export function silentHolder(unit: Pick<UnitRow, 'stage'>): ErrorReport {
  return new AmxError('AMX-4004', {
    stage: unit.stage,
    attempts: String(attemptLimit),
    detail: 'the worker that held the unit went silent each time',
  }).report()
}

export interface UnitFailure {
  readonly error: ErrorReport
  /** Whether its attempts are used up, or the fault is one that no retry can mend. */
  readonly cause: 'AttemptsUsedUp' | 'NotRetryable'
}

/** Ends a unit for good: what it was to do is failed with the reason, and the run stops where others would fail alike. */
export async function failUnit(tx: Queryable, unit: UnitRow, failure: UnitFailure): Promise<void> {
  const { error } = failure
  const fatal = isFatal(unit, failure)
  // The run's row is locked before its progress, here as everywhere.
  await noteError(tx, unit.run_uid, error, fatal ? 'Fatal' : 'Noted')
  await tx.rows(
    `update amx.units set state = 'failed', settled_attempt = attempt, holder = null, lease_until = null, error = $2
     where id = $1`,
    [unit.id, jsonParameter(error)],
  )
  const reason = `${error.code} ${error.message}`
  switch (unit.kind) {
    case 'scope':
      await tx.rows('delete from amx.scope_pages where unit_id = $1', [unit.id])
      break
    case 'profile':
      await failTable(tx, unit, reason)
      break
    case 'draft':
      await failBatch(tx, unit, reason)
      break
    case 'settle':
      await failContainer(tx, unit, reason)
      break
    case 'apply':
      await failQueuedRows(tx, unit, error)
      break
  }
  await recordEvents(tx, unit.run_uid, [
    { type: 'Warning', data: { ...error, unit: unit.id, kind: unit.kind, table: unit.table_path } },
  ])
  const topics = (fatal ? everyStage : [unit.stage, 'draft' as const]).map((stage) => stageTopic(unit.run_uid, stage))
  await announceWork(tx, unit.run_uid, unit.llm_key === null ? topics : [...topics, llmTopic(unit.llm_key)])
}

function isFatal(unit: UnitRow, { error, cause }: UnitFailure): boolean {
  if (unit.kind === 'scope') return true
  // Rows that could not be written stay queued with their reason: the run ends as partially applied.
  if (unit.kind === 'apply') return false
  return cause === 'AttemptsUsedUp' && !(isErrorCode(error.code) && faultsOfOneUnit.has(error.code))
}

/** Keeps an error on the run; the first fatal one stays. */
export async function noteError(
  tx: Queryable,
  runUid: string,
  error: ErrorReport,
  weight: 'Fatal' | 'Noted',
): Promise<void> {
  await tx.rows(
    weight === 'Fatal'
      ? 'update amx.runs set last_error = $2, fatal_error = coalesce(fatal_error, $2) where uid = $1'
      : 'update amx.runs set last_error = $2 where uid = $1',
    [runUid, jsonParameter(error)],
  )
}

async function failTable(tx: Queryable, unit: UnitRow, reason: string): Promise<void> {
  await tx.rows(`update amx.assets set status = 'Failed', reason = $2 where table_id = $1 and status = 'Planned'`, [
    unit.table_id,
    reason,
  ])
  await tx.rows('update amx.tables set settled = true where id = $1 and not settled', [unit.table_id])
  await makeSettleUnits(tx, unit.run_uid, unit.target_index)
}

async function failBatch(tx: Queryable, unit: UnitRow, reason: string): Promise<void> {
  await failPlannedAssets(tx, unit, reason)
  await closeDraftUnit(tx, unit)
}

/** Assets of a batch that are still planned get a reason why nothing was drafted for them. */
export async function failPlannedAssets(tx: Queryable, unit: UnitRow, reason: string): Promise<void> {
  await tx.rows(
    `update amx.assets set status = 'Failed', reason = $4
     where table_id = $1 and status = 'Planned' and (column_name = any($2::text[]) or (column_name is null and $3))`,
    [unit.table_id, unit.columns, unit.include_table, reason],
  )
}

/** Ends of a unit after which its last statement may have been carried out all the same: nobody heard of it. */
const mayHaveWritten: ReadonlySet<string> = new Set<ErrorCode>(['AMX-2001', 'AMX-4004', 'AMX-4006'])

/** Rows that were handed out and are not known to be unwritten are told as such: the next apply of them looks first. */
async function failQueuedRows(tx: Queryable, unit: UnitRow, error: ErrorReport): Promise<void> {
  const unknown = mayHaveWritten.has(error.code)
  const told = unknown ? new AmxError('AMX-2040', { detail: error.message }).report() : error
  await tx.rows(
    `with changed as (
       update amx.applied_changes set outcome = case when $4 and not dry_run then 'Unknown' else 'Failed' end, error = $2,
         applied_at = now()
       where unit_id = $1 and outcome is null returning asset_id, dry_run
     ), queued as (
       update amx.queue set state = 'Failed', error = $3 where unit_id = $1 returning asset_id
     )
     update amx.assets a set apply_outcome = case when $4 then 'Unknown' else 'Failed' end, apply_error = $3
     from queued where a.id = queued.asset_id and not exists (select from changed where dry_run)`,
    [unit.id, jsonParameter(told), `${told.code} ${told.message}`, unknown],
  )
}
