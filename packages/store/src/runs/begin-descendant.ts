import { AmxError, formatAssetPath, type RunSettings, type TableCatalog, type TableProfile } from '@amx/api'
import type { BeginRunRequest, DescentRequest } from '../contract.ts'
import { oneRow, type Queryable } from '../database.ts'
import { recordEvents } from '../history/record-events.ts'
import { jsonParameter } from '../json-parameter.ts'
import { makeSettleUnits } from '../settling/make-settle-units.ts'
import { makeDraftUnits } from '../work/draft-units.ts'
import { profileOptionsDigest } from '../work/profile-options.ts'
import { type Picked, type PickedRow, pickSourceRows } from './pick-source-rows.ts'

interface Source {
  readonly uid: string
  readonly name: string
  readonly settings: RunSettings
  readonly draft_digest: string | null
}

/** Tables whose catalogs and profiles are held in memory at once. */
const tablesPerSlice = 200

/**
 * Makes the rows and the units of a run that goes on from another, without asking a warehouse: catalogs as they were last
 * read, with the comments that were written since, and the profiles made then. A table whose profile cannot be used again,
 * because its structure changed or its data must be masked otherwise, gets a profile unit. Throws AMX-1013, AMX-1023, and
 * what {@link pickSourceRows} throws.
 */
export async function beginDescendant(tx: Queryable, request: BeginRunRequest, descent: DescentRequest): Promise<void> {
  const source = await readSource(tx, request)
  const picked = await pickSourceRows(tx, source, descent)
  const byTable = Map.groupBy(picked.rows, ({ tableId }) => tableId)
  const tableIds = [...byTable.keys()].filter((id) => id !== null)
  const ready: string[] = []
  for (let start = 0; start < tableIds.length; start += tablesPerSlice) {
    const tables = await readTables(tx, request, source, tableIds.slice(start, start + tablesPerSlice))
    ready.push(...(await insertTables(tx, request, tables, byTable)))
  }
  await insertVersions(tx, request, picked)
  await copyMembers(tx, request.uid)
  await makeDraftUnits(tx, request.uid, ready)
  await tx.rows(
    `insert into amx.units (run_uid, stage, kind, target_index, table_id, table_path, ordinal)
     select run_uid, 'profile', 'profile', target_index, id, path, ordinal from amx.tables
     where run_uid = $1 and profile is null order by ordinal`,
    [request.uid],
  )
  for (const target of targetsOfContainers(picked)) await makeSettleUnits(tx, request.uid, target)
  await tellScope(tx, request.uid, picked, tableIds.length, ready.length)
}

/** Targets of which a schema, or the database, is described again: at once where nothing below it is drafted as well. */
function targetsOfContainers({ rows }: Picked): ReadonlySet<number> {
  return new Set(rows.filter(({ tableId }) => tableId === null).map(({ targetIndex }) => targetIndex))
}

async function readSource(tx: Queryable, request: BeginRunRequest): Promise<Source> {
  const [source] = await tx.rows<Source>(
    'select uid, name, settings, draft_digest from amx.runs where uid = $1 and namespace = $2',
    [request.sourceRunUid ?? null, request.namespace],
  )
  if (source === undefined) throw new AmxError('AMX-1013', { what: 'the source run' })
  if (source.draft_digest === null) throw new AmxError('AMX-1023', { run: source.name })
  return source
}

interface KnownTable {
  readonly id: string
  readonly schema_path: string | null
  readonly target_index: number
  readonly ordinal: string
  readonly path: string
  /** As the newest run that read it found it. */
  readonly catalog: TableCatalog
  /** Comments written since then, by asset path. */
  readonly comments: Readonly<Record<string, string>>
  readonly profile: TableProfile | null
  readonly options: string
}

/** What is known about tables, with a profile that fits today's structure and settings where there is one. */
async function readTables(
  tx: Queryable,
  request: BeginRunRequest,
  source: Source,
  tableIds: readonly string[],
): Promise<readonly KnownTable[]> {
  const targets = request.settings.targets.map((target, index) => ({
    index,
    key: target.databaseKey,
    same: source.settings.targets[index]?.databaseKey === target.databaseKey,
    options: profileOptionsDigest(target),
  }))
  return tx.rows<KnownTable>(
    `with target as (
       select * from jsonb_to_recordset($2::jsonb) as t (index integer, key text, same boolean, options text)
     ), known as (
       select t.id, t.target_index, t.ordinal, t.path, t.schema_path, t.profile, t.profile_options, target.key, target.options, target.same,
         newest.catalog, newest.known_at
       from amx.tables t join target on target.index = t.target_index,
         lateral (
           select n.catalog, r.started_at as known_at from amx.tables n join amx.runs r on r.uid = n.run_uid
           where n.path = t.path and (n.id = t.id or r.namespace = $3
             and r.settings #>> array['targets', n.target_index::text, 'databaseKey'] = target.key)
           order by n.id desc limit 1
         ) as newest
       where t.id = any($1::bigint[])
     )
     select known.id::text, known.schema_path, known.target_index, known.ordinal::text, known.path, known.catalog, known.options,
       (select coalesce(jsonb_object_agg(written.path, written.new_text), '{}') from (
          select distinct on (c.path) c.path, c.new_text from amx.applied_changes c join amx.assets a on a.id = c.asset_id
          where c.database_key = known.key and a.table_path = known.path and not c.dry_run
            and c.outcome in ('Applied', 'AlreadyThere') and c.applied_at > known.known_at
            and c.path in (select s.path from amx.assets s where s.table_id = known.id)
          order by c.path, c.id desc) as written) as comments,
       case when known.same and known.profile_options = known.options
           and known.profile #>> '{catalog,structureDigest}' = known.catalog ->> 'structureDigest' then known.profile
         else (select p.profile from amx.profile_cache p
           where p.namespace = $3 and p.database_key = known.key and p.table_path = known.path
             and p.options_digest = known.options and p.structure_digest = known.catalog ->> 'structureDigest')
       end as profile
     from known order by known.ordinal`,
    [tableIds, jsonParameter(targets), request.namespace],
  )
}

/** Copies tables into the run; gives the ids of those that have a profile. */
async function insertTables(
  tx: Queryable,
  request: BeginRunRequest,
  tables: readonly KnownTable[],
  byTable: ReadonlyMap<string | null, readonly PickedRow[]>,
): Promise<string[]> {
  const copies = tables.map((table) => {
    const catalog = withComments(table.catalog, table.comments)
    const rows = byTable.get(table.id) ?? []
    return {
      target: table.target_index,
      ordinal: table.ordinal,
      path: table.path,
      schema: table.schema_path,
      catalog,
      columns: rows.filter(({ columnName }) => columnName !== null).length,
      table: rows.some(({ columnName }) => columnName === null),
      profile: table.profile === null ? null : { ...table.profile, catalog, statements: 0, durationMs: 0 },
      options: table.profile === null ? null : table.options,
    }
  })
  await tx.rows(
    `insert into amx.tables (run_uid, target_index, ordinal, path, schema_path, catalog, columns_planned, table_planned)
     select $1, t.target, t.ordinal, t.path, t.schema, t.catalog, t.columns, t."table"
     from jsonb_to_recordset($2::jsonb) as t (target integer, ordinal bigint, path text, schema text, catalog jsonb, columns integer,
       "table" boolean)
     order by t.ordinal`,
    [request.uid, jsonParameter(copies.map(({ profile: _, ...copy }) => copy))],
  )
  // Apart from the insert, because the counter of profiled columns follows updates.
  const ready = await tx.rows<{ id: string }>(
    `update amx.tables t set profile = given.profile, profile_options = given.options
     from jsonb_to_recordset($2::jsonb) as given (target integer, path text, profile jsonb, options text)
     where t.run_uid = $1 and t.target_index = given.target and t.path = given.path returning t.id::text`,
    [request.uid, jsonParameter(copies.filter(({ profile }) => profile !== null))],
  )
  return ready.map(({ id }) => id)
}

/** A catalog with comments that were written after it was read. */
function withComments(catalog: TableCatalog, comments: Readonly<Record<string, string>>): TableCatalog {
  return {
    ...catalog,
    comment: comments[catalog.path] ?? catalog.comment,
    columns: catalog.columns.map((column) => ({
      ...column,
      comment: comments[`${catalog.path}.${formatAssetPath([column.name])}`] ?? column.comment,
    })),
  }
}

/** The next version of each picked row. The first versions are locked, so that two descendants never count the same. */
async function insertVersions(tx: Queryable, request: BeginRunRequest, { rows, seed }: Picked): Promise<void> {
  const ids = rows.map(({ id }) => id)
  await tx.rows(
    `select id from amx.assets where id in (select coalesce(root_id, id) from amx.assets where id = any($1::bigint[]))
     order by id for update`,
    [ids],
  )
  await tx.rows(
    `insert into amx.assets (run_uid, table_id, target_index, database_key, table_path, path, kind, column_name, data_type,
       ordinal, existing_comment, planned, status, root_id, version, parent_id, seed_index, seed_text, member_count)
     select $1, t.id, a.target_index, ($3::text[])[a.target_index + 1], a.table_path, a.path, a.kind, a.column_name, a.data_type, a.ordinal,
       case when t.id is null then a.existing_comment
         when a.column_name is null then nullif(t.catalog ->> 'comment', '')
         else (select nullif(c ->> 'comment', '') from jsonb_array_elements(t.catalog -> 'columns') as c
               where c ->> 'name' = a.column_name) end,
       true, 'Planned', coalesce(a.root_id, a.id),
       1 + greatest(1, (select max(v.version) from amx.assets v where v.root_id = coalesce(a.root_id, a.id))),
       a.id, $4, $5, a.member_count
     from amx.assets a
       left join amx.tables t on a.table_id is not null and t.run_uid = $1 and t.target_index = a.target_index
         and t.path = a.table_path
     where a.id = any($2::bigint[])
     order by t.ordinal, a.ordinal`,
    [
      request.uid,
      ids,
      request.settings.targets.map(({ databaseKey }) => databaseKey),
      seed?.index ?? null,
      seed?.text ?? null,
    ],
  )
}

/** What a schema or database holds is as it was listed for its source. */
async function copyMembers(tx: Queryable, uid: string): Promise<void> {
  await tx.rows(
    `insert into amx.container_members (asset_id, path, kind, comment, tables)
     select a.id, m.path, m.kind, m.comment, m.tables
     from amx.assets a join amx.container_members m on m.asset_id = a.parent_id
     where a.run_uid = $1 and a.table_id is null`,
    [uid],
  )
}

async function tellScope(tx: Queryable, uid: string, { rows }: Picked, tables: number, cached: number): Promise<void> {
  const columns = rows.filter(({ columnName }) => columnName !== null).length
  const { draftUnits } = await oneRow<{ draftUnits: number }>(
    tx,
    `select count(*)::integer as "draftUnits" from amx.units where run_uid = $1 and stage = 'draft' and kind = 'draft'`,
    [uid],
  )
  const data = { target: null, tables, columns, draftUnits, cachedProfiles: cached, serverVersion: null, statements: 0 }
  await recordEvents(tx, uid, [{ type: 'ScopeResolved', data }])
}
