import { AmxError } from '@amx/api'
import type { Queryable } from '../database.ts'

/**
 * Makes decisions of a namespace come one after the other until the transaction ends: each is checked against what the ones
 * before it left, also where the rows of two runs stand for the same asset. Throws AMX-1013 when the run is not known.
 */
export async function lockReview(tx: Queryable, runUid: string): Promise<void> {
  const [run] = await tx.rows<{ namespace: string }>(
    'select namespace from amx.runs where uid = $1 for no key update',
    [runUid],
  )
  if (run === undefined) throw new AmxError('AMX-1013', { what: `run ${runUid}` })
  await tx.rows(`select pg_advisory_xact_lock(hashtextextended('amx.review/' || $1, 0))::text`, [run.namespace])
}
