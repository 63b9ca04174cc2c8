import type { Database } from '../database.ts'
import { recordEvents } from '../history/record-events.ts'
import { announceWork, stageTopic } from '../topics.ts'

/** Rows of one table written in one transaction of the warehouse. */
const rowsPerUnit = 2_000

/**
 * Makes apply units, one per table and 2,000 rows, of the run's queued rows that are in no unit of it yet. A run of type Apply
 * takes the rows of its source run. Rows that another run is about to write, and rows of databases that the run does not
 * name, are left alone; a row that failed is not tried again by the same run.
 */
export async function planApply(
  database: Database,
  uid: string,
  signal?: AbortSignal,
): Promise<{ readonly rows: number; readonly units: number }> {
  return database.transaction(async (tx) => {
    const planned = await tx.rows<{ unit_id: string; rows: number }>(
      `with run as (
         select uid, case when type = 'Apply' then coalesce(source_run_uid, uid) else uid end as source, settings from amx.runs where uid = $1 for no key update
       ), targets as (
         select min(t.place) - 1 as target_index, t.entry ->> 'databaseKey' as database_key
         from run, jsonb_array_elements(run.settings -> 'targets') with ordinality as t (entry, place) group by 2
       ), open as (
         select q.id, q.table_path, targets.target_index::integer,
           (row_number() over (partition by targets.target_index, q.table_path order by q.path) - 1) / ${rowsPerUnit} as part
         from run join amx.queue q on q.run_uid = run.source join targets using (database_key)
         where q.state in ('Queued', 'Failed') and q.unit_run_uid is distinct from run.uid
           and not exists (
             select from amx.units u join amx.runs other on other.uid = u.run_uid
             where u.id = q.unit_id and u.state in ('waiting', 'leased') and not other.finished
               and other.desired_state <> 'Cancel' and other.archived_at is null)
       ), made as (
         insert into amx.units (run_uid, stage, kind, target_index, table_path, ordinal, batch)
         select run.uid, 'apply', 'apply', parts.target_index, parts.table_path,
           row_number() over (order by parts.target_index, parts.table_path, parts.part), parts.part + 1
         from run, (select distinct target_index, table_path, part from open) as parts
         order by parts.target_index, parts.table_path, parts.part
         returning id, target_index, table_path, batch
       ), bound as (
         update amx.queue q set unit_id = made.id, unit_run_uid = $1, state = 'Queued', error = null
         from open join made
           on made.target_index = open.target_index and made.table_path = open.table_path and made.batch = open.part + 1
         where q.id = open.id returning made.id
       )
       select id::text as unit_id, count(*)::integer as rows from bound group by id`,
      [uid],
    )
    const rows = planned.reduce((sum, unit) => sum + unit.rows, 0)
    if (rows === 0) return { rows: 0, units: 0 }
    await recordEvents(tx, uid, [{ type: 'ApplyStarted', data: { rows, tables: planned.length } }])
    await announceWork(tx, uid, [stageTopic(uid, 'apply')])
    return { rows, units: planned.length }
  }, signal)
}
