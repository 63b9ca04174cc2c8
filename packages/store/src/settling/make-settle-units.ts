import type { Queryable } from '../database.ts'
import { lockProgress } from '../runs/lock-progress.ts'

/** The container asset `a` of a run still waits to be described, and no unit was made for it. */
const waiting = `a.run_uid = $1 and a.target_index = $2 and a.table_id is null and a.status = 'Planned' and a.settle_unit is null`

/**
 * Makes the units that describe schemas whose tables are all settled, and the database once its schemas and tables are. Called
 * whenever something below them was settled; each unit is made once. Gives how many were made.
 */
export async function makeSettleUnits(tx: Queryable, runUid: string, targetIndex: number): Promise<number> {
  const open = await tx.rows(`select from amx.assets a where ${waiting} limit 1`, [runUid, targetIndex])
  if (open.length === 0) return 0
  // Two tables that are settled at the same time would each see the other one open; one after the other, the second sees both.
  await lockProgress(tx, runUid)
  const made = await tx.rows(
    `with ready as (
       select a.id, a.path, a.kind from amx.assets a
       where ${waiting}
         and not exists (select from amx.tables t where t.run_uid = $1 and t.target_index = $2 and not t.settled
           and (a.kind = 'Database' or t.schema_path = a.path))
         and not (a.kind = 'Database' and exists (select from amx.assets s where s.run_uid = $1 and s.target_index = $2
           and s.table_id is null and s.kind = 'Schema' and s.status = 'Planned'))
     ), made as (
       insert into amx.units (run_uid, stage, kind, target_index, table_path, ordinal, llm_key)
       select $1, 'draft', 'settle', $2, ready.path, ($2::bigint + 1) * 100000000, r.llm_key
       from ready join amx.runs r on r.uid = $1 order by ready.path
       returning id, table_path
     )
     update amx.assets a set settle_unit = made.id from made
     where a.run_uid = $1 and a.target_index = $2 and a.path = made.table_path returning a.id`,
    [runUid, targetIndex],
  )
  return made.length
}
