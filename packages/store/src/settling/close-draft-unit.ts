import type { Queryable } from '../database.ts'
import type { UnitRow } from '../work/unit-row.ts'
import { settleTables } from './settle-tables.ts'

/** One open draft unit less; the table is settled with the last. */
export async function closeDraftUnit(tx: Queryable, unit: UnitRow): Promise<void> {
  const [table] = await tx.rows<{ settled: boolean }>(
    `update amx.tables set draft_units_open = draft_units_open - 1, settled = draft_units_open - 1 <= 0 and twins_open = 0
     where id = $1 returning settled`,
    [unit.table_id],
  )
  if (table?.settled === true && unit.table_id !== null) await settleTables(tx, unit.run_uid, [unit.table_id])
}
