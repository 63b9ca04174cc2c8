import type { Queryable } from '../database.ts'

/**
 * Takes the lock on a run's counters, which every settling of a part of it takes anyway, until the end of the transaction: what
 * is read afterwards holds everything that was settled before. Whoever needs the lock on the run's own row takes that first.
 */
export async function lockProgress(tx: Queryable, runUid: string): Promise<void> {
  await tx.rows('select run_uid from amx.progress where run_uid = $1 for no key update', [runUid])
}
