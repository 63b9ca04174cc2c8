import type { Database } from '../database.ts'
import type { StoreState } from './contract.ts'

interface StateRow {
  readonly schema: number
  readonly waiting: number
  readonly leased: number
  readonly overdue: number
  readonly unfinishedRuns: number
  readonly sizeBytes: string
}

/** How the store fares, in one statement; `overdue` are leases that ran out and were not taken back within a minute. */
export async function readStoreState(database: Database, signal?: AbortSignal): Promise<StoreState> {
  signal?.throwIfAborted()
  const begunAt = performance.now()
  await database.rows('select 1')
  const latencyMs = Math.round((performance.now() - begunAt) * 10) / 10
  const [row] = await database.rows<StateRow>(
    `select (select max(version) from amx.schema_version) as schema,
       count(*) filter (where u.state = 'waiting')::integer as waiting,
       count(*) filter (where u.state = 'leased')::integer as leased,
       count(*) filter (where u.state = 'leased' and u.lease_until < now() - interval '1 minute')::integer as overdue,
       (select count(*)::integer from amx.runs where not finished and archived_at is null) as "unfinishedRuns",
       pg_database_size(current_database())::text as "sizeBytes"
     from amx.units u where u.state in ('waiting', 'leased')`,
  )
  if (row === undefined) throw new TypeError('a statement that counts gives one row')
  const { schema, waiting, leased, overdue, unfinishedRuns, sizeBytes } = row
  return { schema, latencyMs, units: { waiting, leased, overdue }, unfinishedRuns, sizeBytes: Number(sizeBytes) }
}
