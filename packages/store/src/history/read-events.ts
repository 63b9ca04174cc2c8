import type { RunEvent } from '@amx/api'
import type { Database } from '../database.ts'
import { isId } from '../work/unit-row.ts'

/** Events of a run after an id, oldest first. An id that is none of ours counts as the beginning. */
export async function readEvents(
  database: Database,
  runUid: string,
  afterId: string | null,
  limit: number,
  signal?: AbortSignal,
): Promise<readonly RunEvent[]> {
  signal?.throwIfAborted()
  const after = afterId !== null && isId(afterId) ? afterId : '0'
  const rows = await database.rows<Omit<RunEvent, 'time'> & { time: Date }>(
    `select e.id::text, e.time, e.type, e.data from amx.events e
     where e.run_uid = $1 and e.id > $2::bigint order by e.id limit $3`,
    [runUid, after, limit],
  )
  return rows.map((row) => ({ ...row, time: row.time.toISOString() }))
}
