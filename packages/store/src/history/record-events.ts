import type { RunEvent } from '@amx/api'
import type { Queryable } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'

export interface NewEvent {
  readonly type: RunEvent['type']
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * Appends to a run's history. The lock on the run's progress row is held to the end of the transaction, so that a reader
 * who saw an id never misses a smaller one that was committed later.
 */
export async function recordEvents(tx: Queryable, runUid: string, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  await tx.rows(
    `with locked as (select run_uid from amx.progress where run_uid = $1 for no key update)
     insert into amx.events (run_uid, type, data)
     select locked.run_uid, event.type, event.data
     from locked, jsonb_to_recordset($2::jsonb) as event (type text, data jsonb)`,
    [runUid, jsonParameter(events)],
  )
}
