import type { Queryable } from '../database.ts'
import { lockProgress } from '../runs/lock-progress.ts'
import { copiesTwins } from '../twins/assign-twins.ts'
import { resolveTwins } from '../twins/resolve-twins.ts'
import type { UnitRow } from '../work/unit-row.ts'
import { settleTables } from './settle-tables.ts'

/** One open draft unit less: what waited for its columns goes on, and the table is settled with the last. */
export async function closeDraftUnit(tx: Queryable, unit: UnitRow): Promise<void> {
  if (unit.table_id === null) return
  const copies = await copiesTwins(tx, unit.run_uid)
  // A twin that is bound to one of these columns at this moment must be seen, here or there.
  if (copies) await lockProgress(tx, unit.run_uid)
  const [table] = await tx.rows<{ settled: boolean }>(
    `update amx.tables set draft_units_open = draft_units_open - 1, settled = draft_units_open - 1 <= 0 and twins_open = 0
     where id = $1 returning settled`,
    [unit.table_id],
  )
  if (copies) await resolveTwins(tx, unit.run_uid, [unit.table_id])
  if (table?.settled === true) await settleTables(tx, unit.run_uid, [unit.table_id])
}
