import type { Database, Queryable } from '../database.ts'
import type { CatalogPlace } from './remember-catalog.ts'

/** What became of a table or of one of its columns, as the newest reading has it. */
export interface CatalogChangeRow {
  /** Which target of the run that asks. */
  readonly target: number
  /** Canonical path of the table. */
  readonly table: string
  readonly kind: string
  /** null: the table itself. */
  readonly column: string | null
  readonly change: 'Added' | 'TypeChanged' | 'Dropped'
}

export interface CatalogChanges {
  /** The newest change of the namespace; a later call goes on from it. */
  readonly position: number
  readonly changes: readonly CatalogChangeRow[]
}

/** A schedule asks far more often than this; what it has not asked for by then is not worth a run of its own. */
const keptDays = 90
const mostChanges = 20_000

/**
 * Keeps how what a target's scope listed differs from what was known; to be called before that is forgotten. A database that nothing is
 * known of has no changes. Locks the catalog of the namespace until the transaction ends.
 */
export async function recordChanges(
  tx: Queryable,
  runUid: string,
  targetIndex: number,
  { namespace, databaseKey }: CatalogPlace,
): Promise<void> {
  await tx.rows("select pg_advisory_xact_lock(hashtextextended('amx.catalog/' || $1, 0))::text", [namespace])
  await tx.rows(
    `with listed as (
       select path, catalog ->> 'kind' as kind, catalog -> 'columns' as columns
       from amx.tables where run_uid = $1 and target_index = $2
     ), known as (
       select path, columns from amx.catalog
       where namespace = $3 and database_key = $4 and kind not in ('Schema', 'Database')
     )
     insert into amx.catalog_changes (namespace, database_key, path, kind, column_name, change)
     select $3, $4, path, kind, null, 'Added' from listed
     where exists (select from known) and not exists (select from known where known.path = listed.path)
     union all
     select $3, $4, listed.path, listed.kind, differing.name, differing.change
     from listed join known using (path), lateral (
       select coalesce(now.name, before.name) as name,
         case when before.name is null then 'Added' when now.name is null then 'Dropped' else 'TypeChanged' end as change
       from (select c ->> 'name' as name, c ->> 'type' as type from jsonb_array_elements(listed.columns) as c) as now
         full join (select c ->> 'name' as name, c ->> 'type' as type from jsonb_array_elements(known.columns) as c) as before
           on before.name = now.name
       where now.type is distinct from before.type
     ) as differing`,
    [runUid, targetIndex, namespace, databaseKey],
  )
  await tx.rows('delete from amx.catalog_changes where seen_at < now() - make_interval(days => $1)', [keptDays])
}

/**
 * Changes of the databases of a run since a position, one per table and column; none from `null` on, which only asks for the position.
 * Null when the store does not know the run.
 */
export async function readCatalogChanges(
  database: Database,
  runUid: string,
  after: number | null,
  signal?: AbortSignal,
): Promise<CatalogChanges | null> {
  signal?.throwIfAborted()
  const [newest] = await database.rows<{ position: string }>(
    `select (select coalesce(max(id), 0) from amx.catalog_changes c where c.namespace = r.namespace)::text as position
     from amx.runs r where r.uid = $1`,
    [runUid],
  )
  if (newest === undefined) return null
  const position = Number(newest.position)
  if (after === null || after >= position) return { position, changes: [] }
  const changes = await database.rows<CatalogChangeRow>(
    `select distinct on (target, "table", "column") (t.place - 1)::integer as target, c.path as "table", c.kind,
       c.column_name as "column", c.change
     from amx.runs r, jsonb_array_elements(r.settings -> 'targets') with ordinality as t (target, place)
       join amx.catalog_changes c on c.database_key = t.target ->> 'databaseKey'
     where r.uid = $1 and c.namespace = r.namespace and c.id > $2 and c.id <= $3
     order by target, "table", "column" nulls first, c.id desc limit $4`,
    [runUid, after, position, mostChanges],
  )
  return { position, changes }
}
