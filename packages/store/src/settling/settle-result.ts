import { AmxError, type UnitResult } from '@amx/api'
import type { Queryable } from '../database.ts'
import { llmTopic, stageTopic } from '../topics.ts'
import { keepDrafts } from '../work/draft-result.ts'
import { finishUnit, type UnitRow } from '../work/unit-row.ts'
import { readUnitSpending } from '../work/unit-spending.ts'
import { makeSettleUnits } from './make-settle-units.ts'

/** Keeps the text of a schema or database; the last schema makes room for the database. */
export async function recordSettleResult(
  tx: Queryable,
  unit: UnitRow,
  { row }: Extract<UnitResult, { kind: 'settle' }>,
): Promise<void> {
  await keepDrafts(tx, unit, row.path === unit.table_path ? [row] : [])
  if (row.path !== unit.table_path) {
    const { code, message } = new AmxError('AMX-3009', { detail: 'it holds nothing about this asset' })
    await failContainer(tx, unit, `${code} ${message}`)
  } else await makeSettleUnits(tx, unit.run_uid, unit.target_index)
  const data = {
    table: unit.table_path,
    kind: row.kind,
    batch: 1,
    batches: 1,
    rows: 1,
    skipped: row.skippedReason === null ? 0 : 1,
    high: row.band === 'High' ? 1 : 0,
    medium: row.band === 'Medium' ? 1 : 0,
    low: row.band === 'Low' ? 1 : 0,
    ...(await readUnitSpending(tx, unit.id)),
  }
  const topics = [stageTopic(unit.run_uid, 'draft'), ...(unit.llm_key === null ? [] : [llmTopic(unit.llm_key)])]
  await finishUnit(tx, unit, { type: 'BatchDrafted', data }, topics)
}

/** A schema or database that could not be described does not keep what is above it from being described. */
export async function failContainer(tx: Queryable, unit: UnitRow, reason: string): Promise<void> {
  await tx.rows(
    `update amx.assets set status = 'Failed', reason = $4
     where run_uid = $1 and target_index = $2 and path = $3 and table_id is null and status = 'Planned'`,
    [unit.run_uid, unit.target_index, unit.table_path, reason],
  )
  await makeSettleUnits(tx, unit.run_uid, unit.target_index)
}
