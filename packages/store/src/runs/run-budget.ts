import type { Budget } from '@amx/api'
import type { Database } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import { announceWork, everyStage, stageTopic } from '../topics.ts'

/** Changes what a run may use up. Whether it is used up is asked anew with the next claim. */
export async function setBudget(
  database: Database,
  uid: string,
  budget: Budget | null,
  signal?: AbortSignal,
): Promise<void> {
  await database.transaction(async (tx) => {
    const changed = await tx.rows(
      'update amx.runs set budget = $2, budget_error = null where uid = $1 and budget is distinct from $2 returning uid',
      [uid, budget === null ? null : jsonParameter(budget)],
    )
    if (changed.length === 0) return
    await announceWork(tx, uid, [stageTopic(uid, 'draft')])
  }, signal)
}

/**
 * Leaves out what is planned and not drafted, with the reason, so that the drafts there are can be settled; resolves to the number of
 * assets left out. For a run whose tables are profiled and of which nothing is in flight.
 */
export async function leaveOutUndrafted(
  database: Database,
  uid: string,
  reason: string,
  signal?: AbortSignal,
): Promise<number> {
  return database.transaction(async (tx) => {
    await tx.rows('select uid from amx.runs where uid = $1 for no key update', [uid])
    await tx.rows(`delete from amx.units where run_uid = $1 and stage = 'draft' and state = 'waiting'`, [uid])
    const left = await tx.rows(
      `update amx.assets set status = 'Skipped', reason = $2 where run_uid = $1 and status = 'Planned' returning id`,
      [uid, reason],
    )
    await tx.rows('update amx.tables set settled = true where run_uid = $1 and not settled', [uid])
    await announceWork(
      tx,
      uid,
      everyStage.map((stage) => stageTopic(uid, stage)),
    )
    return left.length
  }, signal)
}
