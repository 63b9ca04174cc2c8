import type { Queryable } from '../database.ts'
import { settleTables } from '../settling/settle-tables.ts'
import { assignTwins, copiesTwins } from '../twins/assign-twins.ts'
import { resolveTwins } from '../twins/resolve-twins.ts'

/**
 * Makes the draft units of tables that are profiled: their planned columns in batches, the first of which also describes the
 * table when that is planned. A table with nothing to describe is settled. Where a run drafts one of each class of equal columns,
 * those that wait for another one are in no batch. Gives how many units were made.
 */
export async function makeDraftUnits(tx: Queryable, runUid: string, tableIds: readonly string[]): Promise<number> {
  if (!(await copiesTwins(tx, runUid))) return insertDraftUnits(tx, runUid, tableIds)
  await assignTwins(tx, runUid, tableIds)
  const made = await insertDraftUnits(tx, runUid, tableIds)
  await countSavedUnits(tx, runUid, tableIds, made)
  await resolveTwins(tx, runUid, tableIds)
  return made
}

async function insertDraftUnits(tx: Queryable, runUid: string, tableIds: readonly string[]): Promise<number> {
  const rows = await tx.rows<{ id: string; settled: boolean; units: number }>(
    `with run as (
       select uid, llm_key, (settings #>> '{generation,columnBatchSize}')::integer as batch_size,
         case when type in ('Rerun', 'Variations') then type end as descent
       from amx.runs where uid = $1
     ), planned as (
       select a.table_id, a.column_name, a.ordinal,
         (row_number() over (partition by a.table_id order by a.ordinal) - 1) / run.batch_size as batch
       from run join amx.assets a on a.table_id = any($2::bigint[])
       where a.column_name is not null and a.status = 'Planned' and a.twin_of is null
     ), batches as (
       select table_id, batch, array_agg(column_name order by ordinal) as columns from planned group by table_id, batch
     ), counted as (
       select t.id, t.target_index, t.path, t.ordinal, t.table_planned,
         coalesce(b.batch, 0) as batch, coalesce(b.columns, '{}') as columns,
         count(*) over (partition by t.id) as batches
       from amx.tables t left join batches b on b.table_id = t.id
       where t.id = any($2::bigint[]) and (t.table_planned or b.table_id is not null)
     ), made as (
       insert into amx.units
         (run_uid, stage, kind, target_index, table_id, table_path, ordinal, columns, include_table, batch, batches, llm_key,
          descent)
       select run.uid, 'draft', 'draft', c.target_index, c.id, c.path, c.ordinal, c.columns,
         c.table_planned and c.batch = 0, c.batch + 1, c.batches, run.llm_key, run.descent
       from counted c, run
       order by c.ordinal, c.batch
       returning table_id
     ), open as (
       select t.id, count(made.table_id)::integer as units
       from unnest($2::bigint[]) as t (id) left join made on made.table_id = t.id group by t.id
     ), waiting as (
       select t.id, count(a.id)::integer as columns
       from unnest($2::bigint[]) as t (id)
         left join amx.assets a on a.table_id = t.id and a.status = 'Planned' and a.twin_of is not null
       group by t.id
     ), updated as (
       update amx.tables t set draft_units_open = open.units, twins_open = waiting.columns,
         settled = open.units = 0 and waiting.columns = 0
       from open join waiting using (id) where t.id = open.id
       returning t.id, t.settled
     )
     select updated.id::text, updated.settled, open.units from updated join open using (id)`,
    [runUid, tableIds],
  )
  const settled = rows.filter((table) => table.settled).map(({ id }) => id)
  if (settled.length > 0) await settleTables(tx, runUid, settled)
  return rows.reduce((sum, { units }) => sum + units, 0)
}

/** Counts the units there are and those there would have been, had nothing been left to copy. */
async function countSavedUnits(
  tx: Queryable,
  runUid: string,
  tableIds: readonly string[],
  made: number,
): Promise<void> {
  await tx.rows(
    `update amx.progress p set units_with_copying = units_with_copying + $3,
       units_without_copying = units_without_copying + (
         select coalesce(sum(greatest(ceil(planned.columns / batch_size)::integer, planned.table_planned::integer)), 0)
         from (
           select t.id, t.table_planned, count(a.id) filter (where a.status = 'Planned' and a.column_name is not null) as columns,
             (r.settings #>> '{generation,columnBatchSize}')::numeric as batch_size
           from amx.tables t join amx.runs r on r.uid = t.run_uid left join amx.assets a on a.table_id = t.id
           where t.id = any($2::bigint[]) group by t.id, r.uid
         ) as planned)
     where p.run_uid = $1`,
    [runUid, tableIds, made],
  )
}
