import type { TableProfile } from '@amx/api'
import type { WorkerIdentity } from '../contract.ts'
import type { Database } from '../database.ts'
import { isId } from './unit-row.ts'

/** The profile of a table of the worker's run; null while there is none. */
export async function readTableProfile(
  database: Database,
  worker: WorkerIdentity,
  tableId: string,
  signal?: AbortSignal,
): Promise<TableProfile | null> {
  signal?.throwIfAborted()
  if (!isId(tableId)) return null
  const [row] = await database.rows<{ profile: TableProfile | null }>(
    'select profile from amx.tables where id = $1 and run_uid = $2',
    [tableId, worker.runUid],
  )
  return row?.profile ?? null
}
