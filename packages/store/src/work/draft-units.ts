import type { Queryable } from '../database.ts'

/**
 * Makes the draft units of tables that are profiled: their planned columns in batches, the first of which also describes the
 * table when that is planned. A table with nothing to describe is settled.
 */
export async function makeDraftUnits(tx: Queryable, runUid: string, tableIds: readonly string[]): Promise<number> {
  const rows = await tx.rows(
    `with run as (
       select uid, llm_key, (settings #>> '{generation,columnBatchSize}')::integer as batch_size,
         case when type in ('Rerun', 'Variations') then type end as descent
       from amx.runs where uid = $1
     ), planned as (
       select a.table_id, a.column_name, a.ordinal,
         (row_number() over (partition by a.table_id order by a.ordinal) - 1) / run.batch_size as batch
       from run join amx.assets a on a.table_id = any($2::bigint[])
       where a.column_name is not null and a.status = 'Planned'
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
     ), updated as (
       update amx.tables t set draft_units_open = open.units, settled = open.units = 0 from open where t.id = open.id
     )
     select table_id from made`,
    [runUid, tableIds],
  )
  return rows.length
}
