import type { Alternative, ConfidenceSignal } from '@amx/api'
import type { Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { makeSettleUnits } from './make-settle-units.ts'
import { settledTable } from './settled-table.ts'

interface DraftedTable {
  readonly id: string
  readonly target_index: number
  readonly asset_id: string | null
  readonly signal: ConfidenceSignal | null
  readonly alternatives: readonly Alternative[] | null
  readonly warnings: readonly string[] | null
  readonly bands: { readonly high: number; readonly medium: number }
  readonly planned: number
  readonly drafted: number
  readonly low: number
}

/** What follows when all columns of tables are done: their own texts are judged again, and what lies above may be described. */
export async function settleTables(tx: Queryable, runUid: string, tableIds: readonly string[]): Promise<void> {
  const tables = await tx.rows<DraftedTable>(
    `select t.id::text, t.target_index, own.id::text as asset_id, own.signal, d.alternatives, d.warnings,
       r.settings #> '{generation,bands}' as bands,
       count(c.id) filter (where c.planned)::integer as planned,
       count(c.id) filter (where c.planned and c.status = 'Drafted')::integer as drafted,
       count(c.id) filter (where c.planned and c.status = 'Drafted' and c.band = 'Low')::integer as low
     from amx.tables t join amx.runs r on r.uid = t.run_uid
       left join amx.assets own on own.table_id = t.id and own.column_name is null and own.status = 'Drafted'
       left join amx.drafts d on d.asset_id = own.id
       left join amx.assets c on c.table_id = t.id and c.column_name is not null
     where t.run_uid = $1 and t.id = any($2::bigint[])
     group by t.id, own.id, d.asset_id, r.uid`,
    [runUid, tableIds],
  )
  const changed = tables.flatMap((table) => {
    const { asset_id: id, signal, alternatives, warnings, bands, planned, drafted, low } = table
    if (id === null || signal === null || alternatives === null) return []
    const columns = { planned, drafted, low }
    const settled = settledTable({ signal, alternatives, warnings: warnings ?? [], columns }, bands)
    return settled === null ? [] : [{ id, ...settled }]
  })
  if (changed.length > 0) await keepChanges(tx, changed)
  for (const target of new Set(tables.map(({ target_index }) => target_index))) {
    await makeSettleUnits(tx, runUid, target)
  }
}

async function keepChanges(tx: Queryable, changed: readonly object[]): Promise<void> {
  await tx.rows(
    `with given as (
       select * from jsonb_to_recordset($1::jsonb) as g (id bigint, alternatives jsonb, score double precision, band text,
         warnings jsonb)
     ), drafts as (
       update amx.drafts d set alternatives = given.alternatives, warnings = given.warnings
       from given where d.asset_id = given.id
     )
     update amx.assets a set score = given.score, band = given.band, has_warnings = jsonb_array_length(given.warnings) > 0,
       draft_length = char_length(amx.first_text(given.alternatives)),
       draft_hash = hashtextextended(amx.first_text(given.alternatives), 0)
     from given where a.id = given.id`,
    [jsonParameter(changed)],
  )
}
