import { AmxError, type Stage } from '@amx/api'
import type { WorkerIdentity } from '../contract.ts'
import type { Queryable } from '../database.ts'
import type { NewEvent } from '../history/record-events.ts'
import { jsonParameter } from '../json-parameter.ts'
import { runChannel, unitChannel } from '../topics.ts'

/** A unit as the store holds it. */
export interface UnitRow {
  readonly id: string
  readonly run_uid: string
  readonly stage: Stage
  readonly kind: 'scope' | 'profile' | 'draft' | 'settle' | 'apply'
  readonly target_index: number
  readonly table_id: string | null
  readonly table_path: string | null
  readonly columns: readonly string[]
  readonly include_table: boolean
  readonly batch: number
  readonly batches: number
  readonly llm_key: string | null
  readonly state: 'waiting' | 'leased' | 'done' | 'failed'
  readonly attempt: number
  readonly settled_attempt: number
  readonly failures: number
  /** `Rerun` or `Variations` for a draft unit whose assets have an earlier version. */
  readonly descent: string | null
}

export const unitColumns = `u.id::text, u.run_uid, u.stage, u.kind, u.target_index, u.table_id::text, u.table_path, u.columns,
  u.include_table, u.batch, u.batches, u.llm_key, u.state, u.attempt, u.settled_attempt, u.failures, u.descent`

/** The unit, locked until the end of the transaction. Throws AMX-1013 when the worker's run and stage have no such unit. */
export async function lockUnit(tx: Queryable, worker: WorkerIdentity, unitId: string): Promise<UnitRow> {
  const [unit] = isId(unitId)
    ? await tx.rows<UnitRow>(
        `select ${unitColumns} from amx.units u where u.id = $1 and u.run_uid = $2 and u.stage = $3 for update`,
        [unitId, worker.runUid, worker.stage],
      )
    : []
  if (unit === undefined) throw new AmxError('AMX-1013', { what: `work unit ${unitId} of this run and stage` })
  return unit
}

/** Units of a worker's run and stage, locked until the end of the transaction, in the order of their ids. */
export function lockUnits(tx: Queryable, worker: WorkerIdentity, unitIds: readonly string[]): Promise<UnitRow[]> {
  return tx.rows<UnitRow>(
    `select ${unitColumns} from amx.units u
     where u.id = any($1::bigint[]) and u.run_uid = $2 and u.stage = $3 order by u.id for update`,
    [unitIds.filter(isId), worker.runUid, worker.stage],
  )
}

/**
 * Whether the attempt may still record something: it is the last claim, even when its lease ran out, and nothing was
 * recorded for it. False when the same attempt was recorded before; throws AMX-9003 when somebody else holds the unit.
 */
export function mayRecord(unit: UnitRow, attempt: number): boolean {
  if (attempt !== unit.attempt) throw new AmxError('AMX-9003', { unit: unit.id })
  if (unit.settled_attempt === attempt) return false
  return unit.state === 'waiting' || unit.state === 'leased'
}

/** Ends a unit that was done, adds to the run's history and wakes who waits for it. */
export function finishUnit(tx: Queryable, unit: UnitRow, event: NewEvent, topics: readonly string[]): Promise<void> {
  return finishUnits(tx, unit.run_uid, [{ unit, event }], topics)
}

/** Ends units of a run that were done, each with its event, in one statement: this is on the path of every result. */
export async function finishUnits(
  tx: Queryable,
  runUid: string,
  done: readonly { readonly unit: UnitRow; readonly event: NewEvent }[],
  topics: readonly string[],
): Promise<void> {
  await tx.rows(
    `with finished as (
       update amx.units set state = 'done', settled_attempt = attempt, holder = null, lease_until = null, error = null
       where id = any($1::bigint[])
     ), locked as (
       select run_uid from amx.progress where run_uid = $2 for no key update
     ), told as (
       insert into amx.events (run_uid, type, data)
       select run_uid, event ->> 'type', event -> 'data'
       from locked, jsonb_array_elements($3::jsonb) with ordinality as e (event, place) order by place
     )
     select pg_notify($4, $2)
     union all
     select pg_notify($5, topic) from unnest($6::text[]) as topics (topic)`,
    [
      done.map(({ unit }) => unit.id),
      runUid,
      jsonParameter(done.map(({ event }) => event)),
      runChannel,
      unitChannel,
      topics,
    ],
  )
}

/** Ids are decimal bigints; anything else came from a mistaken caller and matches nothing. */
export function isId(text: string): boolean {
  return /^[0-9]{1,18}$/.test(text)
}
