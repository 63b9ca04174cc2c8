import type { QueueRow, RunSettings } from '@amx/api'
import type { Database } from '../database.ts'
import { writeProblem } from '../history/write-problem.ts'
import { createParameters, cutPage, readCursor, writeCursor } from '../keyset.ts'
import { targetName } from '../runs/target-name.ts'

export interface ListQueueQuery {
  readonly namespace: string
  readonly limit: number
  readonly after?: string
  readonly runUid?: string
}

interface QueueQueryRow extends Omit<QueueRow, 'run' | 'decidedAt'> {
  readonly run_uid: string
  readonly run_name: string
  readonly decidedAt: Date
  readonly targets: RunSettings['targets']
  readonly target_index: number
}

/** Accepted texts of a namespace that are not in the warehouse yet, in the order in which they were first accepted. */
export async function listQueue(
  database: Database,
  query: ListQueueQuery,
  signal?: AbortSignal,
): Promise<{ readonly rows: readonly QueueRow[]; readonly next: string | null }> {
  signal?.throwIfAborted()
  const parameters = createParameters()
  const conditions = [`q.namespace = ${parameters.add(query.namespace)}`]
  if (query.runUid !== undefined) conditions.push(`q.run_uid = ${parameters.add(query.runUid)}`)
  const after = readCursor(query.after, 1)
  if (after !== null) conditions.push(`q.id > ${parameters.add(after[0])}::bigint`)
  const rows = await database.rows<QueueQueryRow>(
    `select q.id::text, q.database_key as target, q.path, q.kind, q.text, q.run_uid, r.name as run_name,
       q.decided_by as "decidedBy", q.decided_at as "decidedAt", q.state, q.error, a.revision,
       r.draft_digest as "draftDigest", r.settings -> 'targets' as targets, a.target_index,
       case when q.state = 'Failed' then (
         select ${writeProblem('c.error')} from amx.applied_changes c where c.unit_id = q.unit_id and c.asset_id = q.asset_id
       ) end as problem
     from amx.queue q join amx.runs r on r.uid = q.run_uid join amx.assets a on a.id = q.asset_id
     where ${conditions.join(' and ')} order by q.id limit ${parameters.add(query.limit + 1)}`,
    parameters.values,
  )
  const { page, last } = cutPage(rows, query.limit)
  return { rows: page.map(toQueueRow), next: last === null ? null : writeCursor([last.id]) }
}

function toQueueRow({ run_uid, run_name, decidedAt, targets, target_index, ...row }: QueueQueryRow): QueueRow {
  const databaseProfile = targetName({ targets }, target_index)
  return { ...row, databaseProfile, run: { uid: run_uid, name: run_name }, decidedAt: decidedAt.toISOString() }
}
