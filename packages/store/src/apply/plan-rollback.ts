import { AmxError, type ErrorReport } from '@amx/api'
import type { Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { noteError } from '../work/fail-unit.ts'
import { type PlannedRun, rowsPerUnit } from './planned-run.ts'
import { selectedPaths } from './run-selection.ts'

/**
 * Makes apply units of what the source run wrote: per asset the text that stood there before its first write, to be put back
 * where its last one still stands. Rows whose old text is not known for sure are refused at once. Once per run.
 */
export async function planRollback(
  tx: Queryable,
  run: PlannedRun,
): Promise<{ readonly rows: number; readonly refused: number; readonly units: number }> {
  const [before] = await tx.rows(`select from amx.units where run_uid = $1 and stage = 'apply' limit 1`, [run.uid])
  if (before !== undefined || run.source_run_uid === null) return { rows: 0, refused: 0, units: 0 }
  const planned = await tx.rows<{ refused: boolean; rows: number }>(
    `with targets as (
       select min(t.place) - 1 as target_index, t.entry ->> 'databaseKey' as database_key
       from jsonb_array_elements($3::jsonb) with ordinality as t (entry, place) group by 2
     ), written as (
       select c.*,
         row_number() over (partition by c.database_key, c.path order by c.id) as place,
         row_number() over (partition by c.database_key, c.path order by c.id desc) as place_from_end
       from amx.applied_changes c
       where c.run_uid = $2 and not c.dry_run and c.outcome = 'Applied' and ($4::text[] is null or c.path = any($4))
     ), undone as (
       select latest.asset_id, latest.id as undoes, latest.namespace, latest.database_key, latest.path, latest.kind, latest.decided_by,
         latest.new_text as expected, coalesce(earliest.old_text, '') as text, not earliest.old_text_known as refused,
         targets.target_index::integer, coalesce(a.table_path, latest.path) as table_path
       from written earliest join written latest
           on latest.database_key = earliest.database_key and latest.path = earliest.path
         join targets on targets.database_key = latest.database_key
         left join amx.assets a on a.id = latest.asset_id
       where earliest.place = 1 and latest.place_from_end = 1
     ), parted as (
       select *, (row_number() over (partition by refused, target_index, table_path order by path) - 1) / ${rowsPerUnit} as part
       from undone
     ), made as (
       insert into amx.units (run_uid, stage, kind, target_index, table_path, ordinal, batch, rows, state)
       select $1, 'apply', 'apply', target_index, table_path,
         row_number() over (order by refused, target_index, table_path, part), part + 1, rows,
         case when refused then 'done' else 'waiting' end
       from (select refused, target_index, table_path, part, count(*) as rows from parted group by 1, 2, 3, 4) as parts
       order by refused, target_index, table_path, part
       returning id, target_index, table_path, batch, state
     ), placed as (
       select parted.*, made.id as unit_id from parted join made
         on made.target_index = parted.target_index and made.table_path = parted.table_path
           and made.batch = parted.part + 1 and (made.state = 'done') = parted.refused
     ), kept as (
       insert into amx.rollback_rows
         (unit_id, asset_id, run_uid, namespace, database_key, path, kind, text, expected, undoes, decided_by)
       select unit_id, asset_id, $1, namespace, database_key, path, kind, text, expected, undoes, decided_by
       from placed where not refused
     ), told as (
       insert into amx.applied_changes (run_uid, namespace, asset_id, unit_id, database_key, path, kind, new_text, expected,
         dry_run, decided_by, applied_by, undoes)
       select $1, namespace, asset_id, unit_id, database_key, path, kind, text, expected, $5, decided_by, $6, undoes
       from placed where refused
     )
     select refused, count(*)::integer as rows from placed group by refused`,
    [
      run.uid,
      run.source_run_uid,
      jsonParameter(run.targets),
      selectedPaths(run.selection),
      run.dry_run,
      run.requested_by ?? `MetadataRun ${run.name}`,
    ],
  )
  const count = (refused: boolean) => planned.find((one) => one.refused === refused)?.rows ?? 0
  if (count(true) > 0) await refuse(tx, run.uid)
  const [units] = await tx.rows<{ count: number }>(
    `select count(*)::integer as count from amx.units where run_uid = $1 and stage = 'apply' and state = 'waiting'`,
    [run.uid],
  )
  return { rows: count(false), refused: count(true), units: units?.count ?? 0 }
}

/** Counters follow updates of the audit, so the outcome comes after the entry. */
async function refuse(tx: Queryable, uid: string): Promise<void> {
  const report = (asset: string): ErrorReport => new AmxError('AMX-1052', { asset }).report()
  const rows = await tx.rows<{ id: string; path: string }>(
    'select id::text, path from amx.applied_changes where run_uid = $1 and outcome is null',
    [uid],
  )
  await tx.rows(
    `update amx.applied_changes c set outcome = 'Refused', applied_at = now(), error = given.error
     from jsonb_to_recordset($1::jsonb) as given (id bigint, error jsonb) where c.id = given.id`,
    [jsonParameter(rows.map(({ id, path }) => ({ id, error: { ...report(path), driverMessage: null } })))],
  )
  const [first] = rows
  if (first !== undefined) await noteError(tx, uid, report(first.path), 'Noted')
}
