import type { HandWrittenText } from '@amx/api'
import type { Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import type { UnitRow } from './unit-row.ts'

/** The texts that people wrote for a target of a run; null for a run whose drafts are made. */
export async function readTexts(tx: Queryable, unit: UnitRow): Promise<readonly HandWrittenText[] | null> {
  const [row] = await tx.rows<{ texts: readonly HandWrittenText[] | null }>(
    `select settings -> 'texts' as texts from amx.runs where uid = $1`,
    [unit.run_uid],
  )
  return row?.texts?.filter(({ target }) => target === unit.target_index) ?? null
}

/**
 * Keeps texts that people wrote as the drafts of their assets: one alternative each, and nothing else of the target is
 * described. Also an asset that a draft would have been left out for, such as a table nobody may read, takes its text.
 */
export async function keepTexts(tx: Queryable, unit: UnitRow, texts: readonly HandWrittenText[]): Promise<void> {
  await tx.rows(
    `with given as (
       select * from jsonb_to_recordset($3::jsonb) as g (path text, text text)
     ), kept as (
       update amx.assets a set status = 'Drafted', reason = null, source = 'human', signal = 'None', top_fallback = false
       from given where a.run_uid = $1 and a.target_index = $2 and a.path = given.path
       returning a.id, given.text
     )
     insert into amx.drafts (asset_id, alternatives, citations, warnings, evidence, call_ids)
     select id, jsonb_build_array(jsonb_build_object('text', text, 'score', null, 'fallback', false)), '[]', '[]', '', '[]'
     from kept`,
    [unit.run_uid, unit.target_index, jsonParameter(texts)],
  )
  await tx.rows('update amx.tables set settled = true where run_uid = $1 and target_index = $2 and not settled', [
    unit.run_uid,
    unit.target_index,
  ])
}
