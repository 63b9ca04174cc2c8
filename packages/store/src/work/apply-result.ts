import { AmxError, type ApplyResult, type ApplyResultsTaken } from '@amx/api'
import { markRolledBack } from '../apply/rolled-back-rows.ts'
import { rememberWritten } from '../catalog/remember-written.ts'
import type { WorkerIdentity } from '../contract.ts'
import type { Database, Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { stageTopic } from '../topics.ts'
import { finishUnits, lockUnits, mayRecord, type UnitRow } from './unit-row.ts'

/** A unit that may be recorded, with what its worker says. */
interface AppliedTable {
  readonly unit: UnitRow
  readonly result: Omit<ApplyResult, 'unitId' | 'attempt'>
}

/**
 * Records what became of several units in one transaction. A unit that was recorded before is left as it is; the ids of those
 * that somebody else holds are given back. Throws AMX-1013 for a unit that is none of the worker's run.
 */
export async function recordApplyResults(
  database: Database,
  worker: WorkerIdentity,
  results: readonly ApplyResult[],
  signal?: AbortSignal,
): Promise<ApplyResultsTaken> {
  return database.transaction(async (tx) => {
    const given = new Map(results.map((result) => [result.unitId, result]))
    const units = await lockUnits(tx, worker, [...given.keys()])
    const known = new Set(units.filter(({ kind }) => kind === 'apply').map(({ id }) => id))
    const unknown = [...given.keys()].find((id) => !known.has(id))
    if (unknown !== undefined) throw new AmxError('AMX-1013', { what: `apply unit ${unknown} of this run` })
    const lost = units.filter(({ id, attempt }) => attempt !== given.get(id)?.attempt).map(({ id }) => id)
    const open = units.flatMap((unit) => {
      const result = given.get(unit.id)
      return result === undefined || lost.includes(unit.id) || !mayRecord(unit, result.attempt)
        ? []
        : [{ unit, result }]
    })
    if (open.length > 0) await recordAppliedTables(tx, worker.runUid, open)
    return { lost }
  }, signal)
}

interface RecordedChange {
  readonly unit_id: string
  readonly outcome: string
  readonly count: number
  /** Rows of the unit that were without an outcome before. */
  readonly open: number
  readonly undoing: boolean
}

/**
 * Completes the audit of the rows of tables of one run. What is in the warehouse now leaves the queue; the rest stays in it,
 * failed, with its reason. A dry run changes neither queue nor assets.
 */
export async function recordAppliedTables(
  tx: Queryable,
  runUid: string,
  tables: readonly AppliedTable[],
): Promise<void> {
  const unitIds = tables.map(({ unit }) => unit.id)
  const again = tables.some(({ unit }) => unit.attempt > 1) && (await overwrites(tx, runUid))
  const changes = await tx.rows<RecordedChange>(
    `with given as (
       select * from jsonb_to_recordset($3::jsonb)
         as o ("unitId" bigint, "again" boolean, "rowId" bigint, outcome text, "oldText" text, statement text, error jsonb)
     ), changed as (
       update amx.applied_changes c
       set outcome = given.outcome, old_text = given."oldText", statement = given.statement, applied_at = now(),
         error = case when jsonb_typeof(given.error) = 'object' then given.error end,
         -- Another attempt finds the new text there; what it replaced is known only where a different comment was refused.
         old_text_known = not (given."again" and given.outcome = 'Applied' and given."oldText" is not distinct from c.expected)
       from given
       where c.run_uid = $1 and c.unit_id = given."unitId" and c.asset_id = given."rowId" and c.outcome is null
       returning c.unit_id, c.asset_id, c.outcome, c.dry_run, c.undoes,
         nullif(concat_ws(' ', c.error ->> 'code', c.error ->> 'message'), '') as reason
     ), written as (
       delete from amx.queue q using changed
       where q.unit_id = changed.unit_id and q.asset_id = changed.asset_id and not changed.dry_run
         and changed.outcome in ('Applied', 'AlreadyThere')
     ), kept as (
       update amx.queue q
       set state = case when changed.dry_run then 'Queued' else 'Failed' end,
         error = case when changed.dry_run then null else coalesce(changed.reason, changed.outcome) end
       from changed
       where q.unit_id = changed.unit_id and q.asset_id = changed.asset_id
         and (changed.dry_run or changed.outcome not in ('Applied', 'AlreadyThere'))
     ), marked as (
       update amx.assets a set apply_outcome = changed.outcome, apply_error = changed.reason
       from changed where a.id = changed.asset_id and not changed.dry_run and changed.undoes is null
     ), opened as (
       select unit_id, count(*)::integer as open from amx.applied_changes
       where run_uid = $1 and unit_id = any($2::bigint[]) and outcome is null group by unit_id
     )
     select unit_id::text, outcome, count(*)::integer as count, bool_or(undoes is not null) as undoing, open
     from changed join opened using (unit_id) group by unit_id, outcome, open`,
    [
      runUid,
      unitIds,
      jsonParameter(
        tables.flatMap(({ unit, result }) =>
          result.rows
            .filter(({ rowId }) => /^[0-9]{1,18}$/.test(rowId))
            .map((row) => ({ ...row, unitId: unit.id, again: again && unit.attempt > 1 })),
        ),
      ),
    ],
  )
  await rememberWritten(tx, runUid, unitIds)
  const ofUnit = Map.groupBy(changes, ({ unit_id }) => unit_id)
  for (const { unit } of tables) {
    const ofThis = ofUnit.get(unit.id) ?? []
    const answered = ofThis.reduce((sum, { count }) => sum + count, 0)
    if (answered === 0 || answered < (ofThis[0]?.open ?? 0)) await failUnanswered(tx, unit)
  }
  if (changes.some(({ undoing }) => undoing)) await markRolledBack(tx, unitIds)
  const done = tables.map(({ unit, result }) => {
    const data = {
      table: unit.table_path,
      unit: unit.id,
      rows: result.rows.length,
      outcomes: Object.fromEntries((ofUnit.get(unit.id) ?? []).map(({ outcome, count }) => [outcome, count])),
      statements: result.statements,
      durationMs: Math.round(result.durationMs),
    }
    return { unit, event: { type: 'TableApplied' as const, data } }
  })
  await finishUnits(tx, runUid, done, [stageTopic(runUid, 'apply')])
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
