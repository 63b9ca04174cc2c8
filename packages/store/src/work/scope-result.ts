import {
  AmxError,
  type RunType,
  type Scope,
  type StyleExample,
  type TableCatalog,
  type TableProfile,
  type UnitResult,
} from '@amx/api'
import { recordChanges } from '../catalog/catalog-changes.ts'
import { type CatalogPlace, forgetDropped, listedWhole, rememberCatalog } from '../catalog/remember-catalog.ts'
import { rememberWrittenSince } from '../catalog/remember-written.ts'
import type { Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { makeSettleUnits } from '../settling/make-settle-units.ts'
import { stageTopic } from '../topics.ts'
import { makeDraftUnits } from './draft-units.ts'
import { keepTexts, readTexts } from './keep-texts.ts'
import { profileOptionsDigest } from './profile-options.ts'
import { finishUnit, type UnitRow } from './unit-row.ts'

/**
 * Turns the pages of a scope into tables, assets and profile units. Tables whose finished profile can be used again go on to
 * drafting at once; tables that cannot be read are left out with the reason, unless the catalog alone is enough.
 */
export async function recordScopeResult(
  tx: Queryable,
  unit: UnitRow,
  result: Extract<UnitResult, { kind: 'scope' }>,
): Promise<void> {
  await requirePages(tx, unit, result)
  const { target, namespace, type } = await readTarget(tx, unit)
  await insertPages(tx, unit, result.attempt, target.databaseKey)
  await tx.rows('delete from amx.scope_pages where unit_id = $1', [unit.id])
  const texts = await readTexts(tx, unit)
  if (texts !== null) {
    await keepTexts(tx, unit, texts)
    await finishScope(tx, unit, result, 0)
    return
  }
  const place = { namespace, databaseKey: target.databaseKey }
  if (type === 'Refresh') {
    await knowCatalog(tx, unit, target.scope, place)
    await leaveUndrafted(tx, unit)
    await finishScope(tx, unit, result, 0)
    return
  }
  if (target.profiling.mode !== 'Metadata') await skipUnreadable(tx, unit)
  const cached = await useCachedProfiles(tx, unit, {
    namespace,
    databaseKey: target.databaseKey,
    optionsDigest: profileOptionsDigest(target),
  })
  if (cached.length > 0) await makeDraftUnits(tx, unit.run_uid, cached)
  await tx.rows(
    `insert into amx.units (run_uid, stage, kind, target_index, table_id, table_path, ordinal)
     select run_uid, 'profile', 'profile', target_index, id, path, ordinal from amx.tables
     where run_uid = $1 and target_index = $2 and not settled and profile is null
     order by ordinal`,
    [unit.run_uid, unit.target_index],
  )
  if (result.style !== undefined && result.style.length > 0) await keepStyle(tx, unit, result.style)
  await makeSettleUnits(tx, unit.run_uid, unit.target_index)
  await knowCatalog(tx, unit, target.scope, place)
  await finishScope(tx, unit, result, cached.length)
}

async function knowCatalog(tx: Queryable, unit: UnitRow, scope: Scope, place: CatalogPlace): Promise<void> {
  await recordChanges(tx, unit.run_uid, unit.target_index, place)
  await rememberCatalog(tx, unit.run_uid, unit.target_index, place)
  await rememberWrittenSince(tx, unit.id, place)
  const whole = listedWhole(scope)
  if (whole !== null) await forgetDropped(tx, unit.run_uid, place, whole)
}

/** A run that only reads the catalog has tables to count, and no rows to profile, draft or review. */
async function leaveUndrafted(tx: Queryable, unit: UnitRow): Promise<void> {
  await tx.rows('delete from amx.assets where run_uid = $1 and target_index = $2', [unit.run_uid, unit.target_index])
  await tx.rows(
    `update amx.tables set settled = true, table_planned = false, columns_planned = jsonb_array_length(catalog -> 'columns')
     where run_uid = $1 and target_index = $2`,
    [unit.run_uid, unit.target_index],
  )
  // The counters follow what is inserted and updated, not what goes.
  await tx.rows(
    `update amx.progress set assets_planned = 0, columns_skipped = 0, result_rows = 0,
       columns_planned = (select coalesce(sum(columns_planned), 0) from amx.tables where run_uid = $1)
     where run_uid = $1`,
    [unit.run_uid],
  )
}

/** The first target that has the table speaks for it. */
async function keepStyle(tx: Queryable, unit: UnitRow, style: readonly StyleExample[]): Promise<void> {
  await tx.rows('update amx.runs set style = coalesce(style, $2) where uid = $1', [unit.run_uid, jsonParameter(style)])
}

async function requirePages(
  tx: Queryable,
  unit: UnitRow,
  result: Extract<UnitResult, { kind: 'scope' }>,
): Promise<void> {
  const [row] = await tx.rows<{ pages: number }>(
    'select count(*)::integer as pages from amx.scope_pages where unit_id = $1 and attempt = $2 and page < $3',
    [unit.id, result.attempt, result.pages],
  )
  if (row?.pages !== result.pages) {
    throw new AmxError('AMX-1014', { problem: `${row?.pages ?? 0} of ${result.pages} catalog pages arrived` })
  }
}

interface ScopeTarget {
  readonly databaseKey: string
  readonly scope: Scope
  readonly profiling: {
    readonly mode: string
    readonly sampleRows: number
    readonly maximumRows: number
    readonly exactDistinct: boolean
  }
  readonly privacy: { readonly samples: string; readonly excludeColumns: readonly string[] }
}

async function readTarget(
  tx: Queryable,
  unit: UnitRow,
): Promise<{ target: ScopeTarget; namespace: string; type: RunType }> {
  const [row] = await tx.rows<{ target: ScopeTarget | null; namespace: string; type: RunType }>(
    `select settings -> 'targets' -> $2::integer as target, namespace, type from amx.runs where uid = $1`,
    [unit.run_uid, unit.target_index],
  )
  if (row === undefined || row.target === null) {
    throw new AmxError('AMX-9001', { detail: `the run has no target ${unit.target_index}` })
  }
  return { target: row.target, namespace: row.namespace, type: row.type }
}

/** A page at a time: a page is bounded by the size of a request, a scope is not. */
async function insertPages(tx: Queryable, unit: UnitRow, attempt: number, databaseKey: string): Promise<void> {
  const pages = await tx.rows<{ page: number }>(
    'select page from amx.scope_pages where unit_id = $1 and attempt = $2 order by page',
    [unit.id, attempt],
  )
  for (const { page } of pages) {
    await tx.rows(
      `insert into amx.tables (run_uid, target_index, ordinal, path, schema_path, catalog, columns_planned,
         table_planned, settled)
       select $1, $2::integer, $2::bigint * 100000000 + p.page * 1000 + t.position, t.entry ->> 'path',
         t.entry ->> 'schemaPath', t.entry -> 'catalog',
         (t.entry ->> 'columnsPlanned')::integer, (t.entry ->> 'tablePlanned')::boolean,
         (t.entry ->> 'columnsPlanned')::integer = 0 and not (t.entry ->> 'tablePlanned')::boolean
       from amx.scope_pages p, jsonb_array_elements(p.tables) with ordinality as t (entry, position)
       where p.unit_id = $3 and p.attempt = $4 and p.page = $5
       order by t.position
       on conflict (run_uid, target_index, path) do nothing`,
      [unit.run_uid, unit.target_index, unit.id, attempt, page],
    )
    await tx.rows(
      `insert into amx.assets (run_uid, table_id, target_index, database_key, table_path, path, kind, column_name, data_type,
         ordinal, existing_comment, planned, status, reason)
       select t.run_uid, t.id, t.target_index, $5, t.path, a.path, a.kind, a."column", a.type, a.ordinal,
         nullif(a.comment, ''), a.planned, case when a.planned then 'Planned' else 'Skipped' end, a.reason
       from amx.scope_pages p, jsonb_array_elements(p.tables) as listed (entry)
         join amx.tables t on t.run_uid = $1 and t.target_index = $2 and t.path = listed.entry ->> 'path',
         jsonb_to_recordset(listed.entry -> 'assets') as a (path text, kind text, "column" text, type text, ordinal integer,
           comment text, planned boolean, reason text)
       where p.unit_id = $3 and p.attempt = $4 and p.page = $6
       order by t.ordinal, a.ordinal
       on conflict (run_uid, target_index, path) do nothing`,
      [unit.run_uid, unit.target_index, unit.id, attempt, databaseKey, page],
    )
    await insertContainers(tx, unit, attempt, databaseKey, page)
  }
}

/** Schemas and the database of a page, each with what lies in it. */
async function insertContainers(
  tx: Queryable,
  unit: UnitRow,
  attempt: number,
  databaseKey: string,
  page: number,
): Promise<void> {
  await tx.rows(
    `with listed as (
       select c.* from amx.scope_pages p, jsonb_to_recordset(p.containers) as c (path text, kind text, comment text,
         skipped text, members jsonb, "memberCount" integer)
       where p.unit_id = $3 and p.attempt = $4 and p.page = $6
     ), made as (
       insert into amx.assets (run_uid, target_index, database_key, table_path, path, kind, ordinal, existing_comment, planned,
         status, reason, member_count)
       select $1, $2::integer, $5, path, path, kind, 0, nullif(comment, ''), skipped is null,
         case when skipped is null then 'Planned' else 'Skipped' end, skipped, "memberCount"
       from listed
       on conflict (run_uid, target_index, path) do nothing
       returning id, path
     )
     insert into amx.container_members (asset_id, path, kind, comment, tables)
     select made.id, m.path, m.kind, nullif(m.comment, ''), m.tables
     from made join listed using (path),
       jsonb_to_recordset(listed.members) as m (path text, kind text, comment text, tables integer)
     on conflict do nothing`,
    [unit.run_uid, unit.target_index, unit.id, attempt, databaseKey, page],
  )
}

async function skipUnreadable(tx: Queryable, unit: UnitRow): Promise<void> {
  await tx.rows(
    `update amx.assets a set status = 'Skipped', reason = t.catalog ->> 'unreadable'
     from amx.tables t
     where t.run_uid = $1 and t.target_index = $2 and t.catalog ->> 'unreadable' is not null
       and a.table_id = t.id and a.status = 'Planned'`,
    [unit.run_uid, unit.target_index],
  )
  await tx.rows(
    `update amx.tables set settled = true
     where run_uid = $1 and target_index = $2 and not settled and catalog ->> 'unreadable' is not null`,
    [unit.run_uid, unit.target_index],
  )
}

interface CacheKey {
  readonly namespace: string
  readonly databaseKey: string
  readonly optionsDigest: string
}

/** Gives tables the stored profile of the same structure and statistics, with today's comments. Returns their ids. */
async function useCachedProfiles(tx: Queryable, unit: UnitRow, key: CacheKey): Promise<string[]> {
  const hits = await tx.rows<{ id: string; catalog: TableCatalog; profile: TableProfile }>(
    `select t.id::text, t.catalog, c.profile
     from amx.tables t join amx.profile_cache c
       on c.namespace = $3 and c.database_key = $4 and c.options_digest = $5 and c.table_path = t.path
       and c.structure_digest = t.catalog ->> 'structureDigest' and c.statistics_time = t.catalog ->> 'statisticsTime'
     where t.run_uid = $1 and t.target_index = $2 and not t.settled`,
    [unit.run_uid, unit.target_index, key.namespace, key.databaseKey, key.optionsDigest],
  )
  if (hits.length === 0) return []
  const profiles = hits.map(({ id, catalog, profile }) => ({
    id,
    profile: { ...profile, catalog, statements: 0, durationMs: 0 },
  }))
  await tx.rows(
    `update amx.tables t set profile = hit.profile, profile_options = $2
     from jsonb_to_recordset($1::jsonb) as hit (id bigint, profile jsonb) where t.id = hit.id`,
    [jsonParameter(profiles), key.optionsDigest],
  )
  return hits.map(({ id }) => id)
}

async function finishScope(
  tx: Queryable,
  unit: UnitRow,
  result: Extract<UnitResult, { kind: 'scope' }>,
  cachedProfiles: number,
): Promise<void> {
  const [found] = await tx.rows<{ tables: number; columns: number; draftUnits: number }>(
    `select count(*)::integer as tables, coalesce(sum(columns_planned), 0)::integer as columns,
       coalesce(sum(draft_units_open), 0)::integer as "draftUnits"
     from amx.tables where run_uid = $1 and target_index = $2`,
    [unit.run_uid, unit.target_index],
  )
  const data = {
    target: unit.target_index,
    ...found,
    cachedProfiles,
    serverVersion: result.serverVersion,
    statements: result.statements,
  }
  const topics = [stageTopic(unit.run_uid, 'profile'), stageTopic(unit.run_uid, 'draft')]
  await finishUnit(tx, unit, { type: 'ScopeResolved', data }, topics)
}
