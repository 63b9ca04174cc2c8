import type { RunPhase, RunSettings } from '@amx/api'
import type { SourceRun } from '../contract.ts'
import type { Database } from '../database.ts'

/** The run that another goes on from: the one of that uid, else the newest of that name. Null when the store has none. */
export async function findSource(
  database: Database,
  namespace: string,
  name: string,
  uid: string | null,
  signal?: AbortSignal,
): Promise<SourceRun | null> {
  signal?.throwIfAborted()
  const [row] = await database.rows<{
    uid: string
    name: string
    phase: RunPhase
    settings: RunSettings
    settled: boolean
  }>(
    `select uid, name, phase, settings, draft_digest is not null as settled from amx.runs
     where namespace = $1 and name = $2 and ($3::text is null or uid = $3) order by started_at desc limit 1`,
    [namespace, name, uid],
  )
  return row ?? null
}
