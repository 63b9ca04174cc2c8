import type { StyleExample } from '@amx/api'
import type { WorkerIdentity } from '../contract.ts'
import type { Database } from '../database.ts'

/** Comments of the table whose style the worker's run matches; empty when no target has brought any. */
export async function readStyle(
  database: Database,
  worker: WorkerIdentity,
  signal?: AbortSignal,
): Promise<readonly StyleExample[]> {
  signal?.throwIfAborted()
  const [row] = await database.rows<{ style: readonly StyleExample[] | null }>(
    'select style from amx.runs where uid = $1',
    [worker.runUid],
  )
  return row?.style ?? []
}
