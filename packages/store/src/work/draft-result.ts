import { AmxError, type DraftRow, type UnitResult } from '@amx/api'
import type { Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { closeDraftUnit } from '../settling/close-draft-unit.ts'
import { llmTopic, stageTopic } from '../topics.ts'
import { failPlannedAssets } from './fail-unit.ts'
import { finishUnit, type UnitRow } from './unit-row.ts'
import { readUnitSpending } from './unit-spending.ts'

/** Keeps the drafts of a batch. Every alternative is stored before anybody sees one. */
export async function recordDraftResult(
  tx: Queryable,
  unit: UnitRow,
  { rows }: Extract<UnitResult, { kind: 'draft' }>,
): Promise<void> {
  await keepDrafts(tx, unit, rows)
  const missing = unit.columns.length + (unit.include_table ? 1 : 0) - rows.length
  if (missing > 0) {
    const { code, message } = new AmxError('AMX-3009', { detail: 'it holds nothing about this asset' })
    await failPlannedAssets(tx, unit, `${code} ${message}`)
  }
  await closeDraftUnit(tx, unit)
  const data = {
    table: unit.table_path,
    batch: unit.batch,
    batches: unit.batches,
    rows: rows.length,
    skipped: rows.filter(({ skippedReason }) => skippedReason !== null).length,
    high: rows.filter(({ band }) => band === 'High').length,
    medium: rows.filter(({ band }) => band === 'Medium').length,
    low: rows.filter(({ band }) => band === 'Low').length,
    ...(await readUnitSpending(tx, unit.id)),
  }
  const topics = [stageTopic(unit.run_uid, 'draft'), ...(unit.llm_key === null ? [] : [llmTopic(unit.llm_key)])]
  await finishUnit(tx, unit, { type: 'BatchDrafted', data }, topics)
}

/** Keeps drafts. Only assets of the unit's own table, or the schema or database it settles, are touched, whatever the rows name. */
export async function keepDrafts(tx: Queryable, unit: UnitRow, rows: readonly DraftRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.rows(
    `with listed as (
       select * from jsonb_to_recordset($3::jsonb) as d (path text, source text, alternatives jsonb, signal text,
         score double precision, band text, reasoning text, citations jsonb, warnings jsonb, "skippedReason" text,
         "callIds" jsonb, evidence text, "tokenProbability" double precision)
     ), given as (
       -- Placeholders alone are nothing to review, whatever the worker says of them.
       select listed.*, exists (select from jsonb_array_elements(listed.alternatives) as alternative
         where not (alternative ->> 'fallback')::boolean) as has_text
       from listed
     ), kept as (
       update amx.assets a
       set status = case when given."skippedReason" is null and given.has_text then 'Drafted' else 'Skipped' end,
         reason = case when given.has_text then given."skippedReason"
           else coalesce(given."skippedReason", given.warnings ->> 0, 'nothing was drafted') end,
         source = given.source, signal = given.signal,
         score = case when given.has_text then given.score end, band = case when given.has_text then given.band end,
         top_fallback = (given.alternatives #>> '{0,fallback}')::boolean,
         alternative_count = jsonb_array_length(given.alternatives),
         draft_length = char_length(amx.first_text(given.alternatives)),
         draft_hash = hashtextextended(amx.first_text(given.alternatives), 0),
         has_citations = jsonb_path_exists(given.citations, '$[*].path'),
         has_warnings = jsonb_array_length(given.warnings) > 0, token_probability = given."tokenProbability"
       from given
       where a.run_uid = $1 and a.target_index = $4 and a.path = given.path
         and (a.table_id = $2 or a.table_id is null and a.path = $5) and a.status in ('Planned', 'Failed')
       returning a.id, a.path
     )
     insert into amx.drafts (asset_id, alternatives, reasoning, citations, warnings, evidence, call_ids, token_probability)
     select kept.id, given.alternatives, given.reasoning, given.citations, given.warnings, given.evidence, given."callIds",
       given."tokenProbability"
     from kept join given on given.path = kept.path
     on conflict (asset_id) do update set alternatives = excluded.alternatives, reasoning = excluded.reasoning,
       citations = excluded.citations, warnings = excluded.warnings, evidence = excluded.evidence,
       call_ids = excluded.call_ids, token_probability = excluded.token_probability, drafted_at = now()`,
    [
      unit.run_uid,
      unit.table_id,
      jsonParameter(rows),
      unit.target_index,
      unit.kind === 'settle' ? unit.table_path : null,
    ],
  )
}
