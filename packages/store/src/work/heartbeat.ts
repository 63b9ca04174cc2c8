import type { HeartbeatRequest, HeartbeatResponse } from '@amx/api'
import type { WorkerIdentity } from '../contract.ts'
import type { Database } from '../database.ts'
import { readStop, type StopRow, stopColumns } from './stop-reason.ts'
import { isId } from './unit-row.ts'

/** Renews leases, also one that ran out while nobody else took the unit; names those that somebody else took. */
export async function heartbeat(
  database: Database,
  worker: WorkerIdentity,
  request: HeartbeatRequest,
  leaseMs: number,
  signal?: AbortSignal,
): Promise<HeartbeatResponse> {
  signal?.throwIfAborted()
  const held = request.held.filter(({ id }) => isId(id))
  const [row] = await database.rows<StopRow & { lost: string[] | null }>(
    `with held as (
       select * from unnest($4::bigint[], $5::integer[]) as h (id, attempt)
     ), mine as materialized (
       -- In the order in which results lock units, so that neither waits for the other.
       select u.id from amx.units u join held on u.id = held.id and u.attempt = held.attempt
       where u.run_uid = $1 and u.stage = $2 and u.state in ('waiting', 'leased') and u.settled_attempt < u.attempt
       order by u.id for no key update of u
     ), renewed as (
       update amx.units u
       set state = 'leased', holder = $3, lease_until = clock_timestamp() + $6 * interval '1 millisecond'
       from mine where u.id = mine.id returning u.id
     ), kept as (
       select held.id from held join amx.units u
         on u.id = held.id and u.attempt = held.attempt and u.run_uid = $1 and u.stage = $2 and u.state <> 'failed'
     )
     select ${stopColumns},
       (select array_agg(id::text) from held where id not in (select id from kept)) as lost
     from amx.runs r where r.uid = $1`,
    [worker.runUid, worker.stage, worker.holder, held.map(({ id }) => id), held.map(({ attempt }) => attempt), leaseMs],
  )
  if (row === undefined) return { lost: request.held.map(({ id }) => id), stop: 'Cancel' }
  const malformed = request.held.filter(({ id }) => !isId(id)).map(({ id }) => id)
  return { lost: [...(row.lost ?? []), ...malformed], stop: readStop(row) }
}
