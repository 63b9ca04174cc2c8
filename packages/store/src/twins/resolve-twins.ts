import type { Alternative } from '@amx/api'
import type { Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { settleTables } from '../settling/settle-tables.ts'
import { namesTable } from './names-table.ts'

interface WaitingTwin {
  readonly id: string
  readonly table_id: string
  readonly table_path: string
  readonly column_name: string
  readonly first_id: string
  readonly first_table: string
  readonly first_status: string
  readonly alternatives: readonly Alternative[] | null
}

/**
 * Goes on with columns that waited for an equal one which is done, in or of the given tables: they copy its text, or, where it has
 * none or its text speaks of its own table, are drafted themselves.
 */
export async function resolveTwins(tx: Queryable, runUid: string, tableIds: readonly string[]): Promise<void> {
  const twins = await tx.rows<WaitingTwin>(
    `select a.id::text, a.table_id::text, a.table_path, a.column_name, f.id::text as first_id, f.table_path as first_table,
       f.status as first_status, d.alternatives
     from amx.assets a join amx.assets f on f.id = a.twin_of left join amx.drafts d on d.asset_id = f.id
     where a.run_uid = $1 and a.twin_of is not null and a.status = 'Planned' and f.status <> 'Planned'
       and (a.table_id = any($2::bigint[]) or f.table_id = any($2::bigint[]))
     order by a.id`,
    [runUid, tableIds],
  )
  if (twins.length === 0) return
  const { copied = [], own = [] } = Object.groupBy(twins, (twin) => (isCopyable(twin) ? 'copied' : 'own'))
  if (copied.length > 0) await copyDrafts(tx, runUid, copied)
  if (own.length > 0) await draftThemselves(tx, runUid, own)
  await closeWaiting(tx, runUid, twins)
}

function isCopyable({ first_status, alternatives, first_table, table_path, column_name }: WaitingTwin): boolean {
  if (first_status !== 'Drafted' || alternatives === null) return false
  const texts = alternatives.filter(({ fallback }) => !fallback).map(({ text }) => text)
  return texts.length > 0 && !namesTable(texts, { fromTable: first_table, toTable: table_path, column: column_name })
}

async function copyDrafts(tx: Queryable, runUid: string, twins: readonly WaitingTwin[]): Promise<void> {
  await tx.rows(
    `with given as (
       select * from jsonb_to_recordset($1::jsonb) as g (id bigint, first_id bigint)
     ), kept as (
       insert into amx.drafts (asset_id, alternatives, reasoning, citations, warnings, evidence, call_ids, token_probability)
       select given.id, d.alternatives, d.reasoning, d.citations, d.warnings, d.evidence, d.call_ids, d.token_probability
       from given join amx.drafts d on d.asset_id = given.first_id
       on conflict (asset_id) do nothing
     ), counted as (
       update amx.progress set columns_copied = columns_copied + (select count(*) from given)
       where run_uid = $2
     )
     update amx.assets a set status = f.status, reason = f.reason, source = f.source, signal = f.signal, score = f.score,
       band = f.band, top_fallback = f.top_fallback, alternative_count = f.alternative_count, draft_length = f.draft_length,
       draft_hash = f.draft_hash, has_citations = f.has_citations, has_warnings = f.has_warnings,
       token_probability = f.token_probability, copied_from = f.id, twin_of = null
     from given join amx.assets f on f.id = given.first_id where a.id = given.id`,
    [jsonParameter(twins), runUid],
  )
}

/** Batches of their own for columns that have nothing to copy; they are bound to no other column again. */
async function draftThemselves(tx: Queryable, runUid: string, twins: readonly WaitingTwin[]): Promise<void> {
  await tx.rows(
    `with run as (
       select uid, llm_key, (settings #>> '{generation,columnBatchSize}')::integer as batch_size from amx.runs where uid = $2
     ), freed as (
       update amx.assets set twin_of = null, twin_key = null where id = any($1::bigint[])
       returning table_id, column_name, ordinal
     ), batches as (
       select table_id, batch, array_agg(column_name order by ordinal) as columns from (
         select freed.*, (row_number() over (partition by table_id order by ordinal) - 1) / run.batch_size as batch
         from freed, run) as placed
       group by table_id, batch
     ), made as (
       insert into amx.units (run_uid, stage, kind, target_index, table_id, table_path, ordinal, columns, batch, batches, llm_key)
       select run.uid, 'draft', 'draft', t.target_index, t.id, t.path, t.ordinal, b.columns, b.batch + 1,
         count(*) over (partition by t.id), run.llm_key
       from batches b join amx.tables t on t.id = b.table_id, run
       order by t.ordinal, b.batch
       returning table_id
     ), counted as (
       update amx.progress set units_with_copying = units_with_copying + (select count(*) from made) where run_uid = $2
     )
     update amx.tables t set draft_units_open = coalesce(t.draft_units_open, 0) + opened.units
     from (select table_id, count(*)::integer as units from made group by table_id) as opened where t.id = opened.table_id`,
    [twins.map(({ id }) => id), runUid],
  )
}

/** Their tables wait for that many columns less, and are settled where nothing else is open. */
async function closeWaiting(tx: Queryable, runUid: string, twins: readonly WaitingTwin[]): Promise<void> {
  const tables = await tx.rows<{ id: string; settled: boolean }>(
    `update amx.tables t set twins_open = t.twins_open - done.columns,
       settled = t.settled or (t.twins_open - done.columns <= 0 and t.draft_units_open <= 0)
     from (select table_id, count(*)::integer as columns from unnest($1::bigint[]) as table_id group by table_id) as done
     where t.id = done.table_id
     returning t.id::text, t.settled`,
    [twins.map(({ table_id }) => table_id)],
  )
  const settled = tables.filter((table) => table.settled).map(({ id }) => id)
  if (settled.length > 0) await settleTables(tx, runUid, settled)
}
