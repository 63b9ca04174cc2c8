import type { TableProfile } from '@amx/api'
import type { Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { lockProgress } from '../runs/lock-progress.ts'
import { twinKey } from './twin-key.ts'

/** Whether a run drafts one of each class of equal columns; what goes on from earlier texts is asked for row by row. */
export async function copiesTwins(tx: Queryable, runUid: string): Promise<boolean> {
  const rows = await tx.rows(
    `select uid from amx.runs where uid = $1 and settings #>> '{generation,deduplicate}' = 'true'
       and type not in ('Rerun', 'Variations')`,
    [runUid],
  )
  return rows.length > 0
}

/**
 * Finds the equal columns among those of tables just profiled and those of the run so far. The first of a class is drafted at
 * once, with the batches of its table, so that no table waits for another's profile; the others are bound to it.
 */
export async function assignTwins(tx: Queryable, runUid: string, tableIds: readonly string[]): Promise<void> {
  // Two tables that are profiled at the same time must not both draft their own.
  await lockProgress(tx, runUid)
  const tables = await tx.rows<{ profile: TableProfile; columns: { id: string; name: string }[] }>(
    `select t.profile, jsonb_agg(jsonb_build_object('id', a.id::text, 'name', a.column_name)) as columns
     from amx.tables t join amx.assets a on a.table_id = t.id
     where t.run_uid = $1 and t.id = any($2::bigint[]) and t.profile is not null
       and a.column_name is not null and a.status = 'Planned'
     group by t.id`,
    [runUid, tableIds],
  )
  const keys = tables.flatMap(({ profile, columns }) =>
    columns.flatMap(({ id, name }) => {
      const key = twinKey(profile, name)
      return key === null ? [] : [{ id, key }]
    }),
  )
  if (keys.length === 0) return
  await tx.rows(
    `update amx.assets a set twin_key = given.key
     from jsonb_to_recordset($1::jsonb) as given (id bigint, key text) where a.id = given.id`,
    [jsonParameter(keys)],
  )
  await tx.rows(
    `with mine as (
       select id, twin_key from amx.assets
       where table_id = any($2::bigint[]) and status = 'Planned' and twin_key is not null
     ), firsts as (
       select distinct on (r.twin_key) r.twin_key, r.id
       from amx.assets r join amx.tables t on t.id = r.table_id
       where r.run_uid = $1 and r.twin_key in (select twin_key from mine) and r.twin_of is null and r.copied_from is null
         and r.status in ('Planned', 'Drafted')
       order by r.twin_key, r.id in (select id from mine), t.ordinal, r.ordinal
     )
     update amx.assets a set twin_of = firsts.id
     from mine join firsts using (twin_key) where a.id = mine.id and mine.id <> firsts.id`,
    [runUid, tableIds],
  )
}
