import type { UnitResult } from '@amx/api'
import { markRolledBack } from '../apply/rolled-back-rows.ts'
import { rememberWritten } from '../catalog/remember-written.ts'
import type { Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { stageTopic } from '../topics.ts'
import { finishUnit, type UnitRow } from './unit-row.ts'

interface RecordedChange {
  readonly outcome: string
  readonly count: number
  /** Rows of the unit that were without an outcome before. */
  readonly open: number
  readonly undoing: boolean
}

/**
 * Completes the audit of a table's rows. What is in the warehouse now leaves the queue; the rest stays in it, failed, with its
 * reason. A dry run changes neither queue nor assets.
 */
export async function recordApplyResult(
  tx: Queryable,
  unit: UnitRow,
  result: Extract<UnitResult, { kind: 'apply' }>,
): Promise<void> {
  const changes = await tx.rows<RecordedChange>(
    `with given as (
       select * from jsonb_to_recordset($3::jsonb) as o ("rowId" bigint, outcome text, "oldText" text, statement text, error jsonb)
     ), changed as (
       update amx.applied_changes c
       set outcome = given.outcome, old_text = given."oldText", statement = given.statement, applied_at = now(),
         error = case when jsonb_typeof(given.error) = 'object' then given.error end,
         -- Another attempt finds the new text there; what it replaced is known only where a different comment was refused.
         old_text_known = not ($4 and given.outcome = 'Applied' and given."oldText" is not distinct from c.expected)
       from given
       where c.run_uid = $1 and c.unit_id = $2 and c.asset_id = given."rowId" and c.outcome is null
       returning c.asset_id, c.outcome, c.dry_run, c.undoes,
         nullif(concat_ws(' ', c.error ->> 'code', c.error ->> 'message'), '') as reason
     ), written as (
       delete from amx.queue q using changed
       where q.unit_id = $2 and q.asset_id = changed.asset_id and not changed.dry_run
         and changed.outcome in ('Applied', 'AlreadyThere')
     ), kept as (
       update amx.queue q
       set state = case when changed.dry_run then 'Queued' else 'Failed' end,
         error = case when changed.dry_run then null else coalesce(changed.reason, changed.outcome) end
       from changed
       where q.unit_id = $2 and q.asset_id = changed.asset_id
         and (changed.dry_run or changed.outcome not in ('Applied', 'AlreadyThere'))
     ), marked as (
       update amx.assets a set apply_outcome = changed.outcome, apply_error = changed.reason
       from changed where a.id = changed.asset_id and not changed.dry_run and changed.undoes is null
     )
     select outcome, count(*)::integer as count, bool_or(undoes is not null) as undoing, (
         select count(*)::integer from amx.applied_changes c where c.run_uid = $1 and c.unit_id = $2 and c.outcome is null
       ) as open
     from changed group by outcome`,
    [
      unit.run_uid,
      unit.id,
      jsonParameter(result.rows.filter(({ rowId }) => /^[0-9]{1,18}$/.test(rowId))),
      unit.attempt > 1 && (await overwrites(tx, unit.run_uid)),
    ],
  )
  await rememberWritten(tx, unit)
  const answered = changes.reduce((sum, { count }) => sum + count, 0)
  if (answered === 0 || answered < (changes[0]?.open ?? 0)) await failUnanswered(tx, unit)
  if (changes.some(({ undoing }) => undoing)) await markRolledBack(tx, unit.id)
  const data = {
    table: unit.table_path,
    unit: unit.id,
    rows: result.rows.length,
    outcomes: Object.fromEntries(changes.map(({ outcome, count }) => [outcome, count])),
    statements: result.statements,
    durationMs: Math.round(result.durationMs),
  }
  await finishUnit(tx, unit, { type: 'TableApplied', data }, [stageTopic(unit.run_uid, 'apply')])
}

async function overwrites(tx: Queryable, runUid: string): Promise<boolean> {
  const rows = await tx.rows(`select from amx.runs where uid = $1 and settings #>> '{apply,onDrift}' = 'Overwrite'`, [
    runUid,
  ])
  return rows.length > 0
}

/** A row the worker said nothing about must not stay "being applied" for ever. */
async function failUnanswered(tx: Queryable, unit: UnitRow): Promise<void> {
  await tx.rows(
    `with silent as (
       update amx.applied_changes set outcome = 'Failed', applied_at = now(),
         error = jsonb_build_object('code', 'AMX-9001', 'message', 'the worker reported no outcome for this row', 'remedy', '')
       where run_uid = $1 and unit_id = $2 and outcome is null returning asset_id, dry_run, undoes
     ), kept as (
       update amx.queue q set state = 'Failed', error = 'AMX-9001 the worker reported no outcome for this row'
       from silent where q.unit_id = $2 and q.asset_id = silent.asset_id
     )
     update amx.assets a set apply_outcome = 'Failed', apply_error = 'AMX-9001 the worker reported no outcome for this row'
     from silent where a.id = silent.asset_id and not silent.dry_run and silent.undoes is null`,
    [unit.run_uid, unit.id],
  )
}
