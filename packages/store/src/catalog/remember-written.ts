import type { Queryable } from '../database.ts'
import type { CatalogPlace } from './remember-catalog.ts'

/** Knows the comments that units of a run just wrote, so that coverage is right without reading the database again. */
export function rememberWritten(tx: Queryable, runUid: string, unitIds: readonly string[]): Promise<void> {
  return putIntoCatalog(tx, 'c.run_uid = $1 and c.unit_id = any($2::bigint[])', [runUid, unitIds])
}

/**
 * Knows again the comments of a database that were recorded as written since a unit was handed out: its worker may have read
 * what stood there before.
 */
export function rememberWrittenSince(tx: Queryable, unitId: string, place: CatalogPlace): Promise<void> {
  return putIntoCatalog(
    tx,
    `c.namespace = $1 and c.database_key = $2 and c.applied_at > (select claimed_at from amx.units where id = $3)`,
    [place.namespace, place.databaseKey, unitId],
  )
}

/** Puts the last texts of the audit's entries `c` that fulfil the condition into the kept catalog. */
async function putIntoCatalog(tx: Queryable, condition: string, values: readonly unknown[]): Promise<void> {
  // Texts of an entry and of its columns go into it with one update: a statement changes a row once.
  await tx.rows(
    `with written as (
       select distinct on (c.namespace, c.database_key, c.path) c.namespace, c.database_key, case when c.kind = 'Column' then a.table_path else c.path end as path,
         case when c.kind = 'Column' then a.column_name end as column_name, nullif(c.new_text, '') as text
       from amx.applied_changes c join amx.assets a on a.id = c.asset_id
       where ${condition} and not c.dry_run and c.outcome in ('Applied', 'AlreadyThere')
       order by c.namespace, c.database_key, c.path, c.id desc
     ), texts as (
       select namespace, database_key, path, bool_or(column_name is null) as has_own,
         max(text) filter (where column_name is null) as own,
         coalesce(jsonb_object_agg(column_name, text) filter (where column_name is not null), '{}') as by_name
       from written group by namespace, database_key, path
     )
     update amx.catalog k
     set comment = case when texts.has_own then texts.own else k.comment end, columns = renewed.columns,
       columns_commented = renewed.commented
     from texts, lateral (
       select coalesce(jsonb_agg(listed.entry order by listed.place), '[]') as columns,
         count(*) filter (where listed.entry ? 'comment')::integer as commented
       from (
         select place, case when texts.by_name ? (c ->> 'name')
           then jsonb_strip_nulls(c || jsonb_build_object('comment', texts.by_name -> (c ->> 'name'))) else c end as entry
         from amx.catalog o, jsonb_array_elements(o.columns) with ordinality as e (c, place)
         where o.namespace = texts.namespace and o.database_key = texts.database_key and o.path = texts.path
       ) as listed
     ) as renewed
     where k.namespace = texts.namespace and k.database_key = texts.database_key and k.path = texts.path`,
    values,
  )
}
