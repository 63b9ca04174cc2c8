import { formatAssetPath, narrowPaths, parseAssetPath, relationKinds, type Scope } from '@amx/api'
import type { Queryable } from '../database.ts'

export interface CatalogPlace {
  readonly namespace: string
  readonly databaseKey: string
}

/** Keeps what a target's scope listed as the newest knowledge of its database; older knowledge never replaces newer. */
export async function rememberCatalog(
  tx: Queryable,
  runUid: string,
  targetIndex: number,
  { namespace, databaseKey }: CatalogPlace,
): Promise<void> {
  await tx.rows(
    `insert into amx.catalog as known (namespace, database_key, path, schema_path, kind, comment, columns, columns_total,
       columns_commented, row_estimate, read_at, run_uid)
     select $3, $4, t.path, t.schema_path, t.catalog ->> 'kind', nullif(t.catalog ->> 'comment', ''), listed.columns,
       listed.total, listed.commented, (t.catalog ->> 'rowEstimate')::float8, now(), $1
     from amx.tables t, lateral (
       select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', c -> 'name', 'type', c -> 'type',
           'comment', nullif(c ->> 'comment', ''))) order by place), '[]') as columns,
         count(*)::integer as total, count(nullif(c ->> 'comment', ''))::integer as commented
       from jsonb_array_elements(t.catalog -> 'columns') with ordinality as listed (c, place)
     ) as listed
     where t.run_uid = $1 and t.target_index = $2
     on conflict (namespace, database_key, path) do update
       set schema_path = excluded.schema_path, kind = excluded.kind, comment = excluded.comment, columns = excluded.columns,
         columns_total = excluded.columns_total, columns_commented = excluded.columns_commented,
         row_estimate = excluded.row_estimate, read_at = excluded.read_at, run_uid = excluded.run_uid
       where known.read_at <= excluded.read_at`,
    [runUid, targetIndex, namespace, databaseKey],
  )
  await tx.rows(
    `insert into amx.catalog as known (namespace, database_key, path, schema_path, kind, comment, read_at, run_uid)
     select distinct on (path) $3, $4, path, path, kind, comment, now(), $1
     from (
       select t.schema_path as path, 'Schema' as kind, nullif(t.catalog ->> 'schemaComment', '') as comment
       from amx.tables t where t.run_uid = $1 and t.target_index = $2
       union all
       select '*', 'Database', nullif(t.catalog ->> 'databaseComment', '')
       from amx.tables t where t.run_uid = $1 and t.target_index = $2
       union all
       select a.path, a.kind, a.existing_comment from amx.assets a
       where a.run_uid = $1 and a.target_index = $2 and a.kind in ('Schema', 'Database')
     ) as containers
     order by path, comment nulls last
     on conflict (namespace, database_key, path) do update
       set comment = excluded.comment, read_at = excluded.read_at, run_uid = excluded.run_uid
       where known.read_at <= excluded.read_at`,
    [runUid, targetIndex, namespace, databaseKey],
  )
}

/**
 * Of what a scope lists everything, so that what it does not list is gone: canonical paths of schemas and tables, none for the whole
 * database. Null for a scope that leaves something out in other ways.
 */
export function listedWhole(scope: Scope): readonly string[] | null {
  const { include, exclude, kinds, tableLimit, tablePattern, missingOnly } = scope
  const ofAnyKind = kinds.length === 0 || relationKinds.every((kind) => kinds.includes(kind))
  if (exclude.length + tableLimit > 0 || !ofAnyKind || tablePattern !== null || missingOnly) return null
  const paths = narrowPaths(include.map(parseAssetPath))
  return paths.every(({ length }) => length <= 2) ? paths.map(formatAssetPath) : null
}

/** Forgets what a run did not find again of what it listed everything of, and keeps that it was dropped. */
export async function forgetDropped(
  tx: Queryable,
  runUid: string,
  { namespace, databaseKey }: CatalogPlace,
  whole: readonly string[],
): Promise<void> {
  await tx.rows(
    `with dropped as (
       delete from amx.catalog where namespace = $1 and database_key = $2 and run_uid <> $3
         and read_at < (select max(read_at) from amx.catalog where namespace = $1 and database_key = $2 and run_uid = $3)
         and (cardinality($4::text[]) = 0 or path = any ($4) or schema_path = any ($4))
       returning path, kind
     )
     insert into amx.catalog_changes (namespace, database_key, path, kind, change)
     select $1, $2, path, kind, 'Dropped' from dropped where kind not in ('Schema', 'Database')`,
    [namespace, databaseKey, runUid, whole],
  )
}
