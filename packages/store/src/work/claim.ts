import type {
  ApplyRow,
  ClaimRequest,
  ClaimResponse,
  ContainerBrief,
  PriceTable,
  TableCatalog,
  WorkUnit,
} from '@amx/api'
import type { ChangeListener } from '../change-listener.ts'
import type { WorkerIdentity } from '../contract.ts'
import type { Database, Queryable } from '../database.ts'
import { readBriefs } from '../settling/container-brief.ts'
import { llmTopic, stageTopic } from '../topics.ts'
import { takeApplyRows } from './apply-intent.ts'
import { passBudget } from './budget-gate.ts'
import { readDescents } from './descents.ts'
import { ranOut } from './lease.ts'
import { isRated, type LimitsRow, limitsColumns, limitsOf, type ModelLimiter } from './model-limiter.ts'
import { readStop, type StopRow, stopColumns } from './stop-reason.ts'
import { type UnitRow, unitColumns } from './unit-row.ts'

export interface ClaimOptions {
  readonly database: Database
  readonly listener: ChangeListener
  readonly limiter: ModelLimiter
  readonly leaseMs: number
  /** See {@link ranOut}. */
  readonly restartGraceMs: number
  /** What the estimates of a budget are priced by. */
  readonly prices: () => PriceTable
}

/** A claim that waits looks again after this long at the latest, should a notification get lost. */
const recheckMs = 3_000

/**
 * Hands out ready units, the first tables first. While there is none it waits up to `waitMs` for one to come, for the stage to
 * be done or for the run to stop. Units that ask a model come as far as the limits of its LLMProfile have room. When the signal is aborted it answers with nothing.
 */
export async function claim(
  { database, listener, limiter, ...leases }: ClaimOptions,
  worker: WorkerIdentity,
  request: ClaimRequest,
  signal?: AbortSignal,
): Promise<ClaimResponse> {
  const deadline = performance.now() + request.waitMs
  let llmKey: string | null = null
  for (;;) {
    if (signal?.aborted === true) return nothing
    const topics = [stageTopic(worker.runUid, worker.stage), ...(llmKey === null ? [] : [llmTopic(llmKey)])]
    // Subscribed before looking: what comes between the look and the wait is not missed.
    const wake = listener.nextOf(topics)
    try {
      const look: Look = await database.transaction(
        (tx) => claimReady(tx, limiter, worker, request.capacity, leases),
        signal,
      )
      if (look.lookAgain) continue
      if (look.units.length > 0) return await handOver(database, worker, look.units, signal)
      if (look.stop !== null || look.done) return { units: [], done: look.done, stop: look.stop }
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) return nothing
      if (look.llmKey !== llmKey) {
        llmKey = look.llmKey
        continue
      }
      await wake.within(Math.min(leftMs, recheckMs, look.readyInMs ?? recheckMs), signal)
    } finally {
      wake.stop()
    }
  }
}

const nothing: ClaimResponse = { units: [], done: false, stop: null }

interface Look {
  readonly units: readonly WorkUnit[]
  readonly done: boolean
  readonly stop: ClaimResponse['stop']
  readonly llmKey: string | null
  /** Units were taken that had nothing left to do: what is true now is seen by looking again. */
  readonly lookAgain: boolean
  /** When the next unit that pauses after a failure can be handed out, or the limits have room again. */
  readonly readyInMs: number | null
}

interface StageRow extends StopRow, LimitsRow {
  readonly budgeted: boolean
  readonly profile_open: boolean
  readonly stage_open: boolean
  readonly ready_in_ms: number | null
}

async function claimReady(
  tx: Queryable,
  limiter: ModelLimiter,
  worker: WorkerIdentity,
  capacity: number,
  leases: LeaseTimes,
): Promise<Look> {
  const [run] = await tx.rows<StageRow>(
    `select ${stopColumns}, ${limitsColumns}, r.budget is not null as budgeted,
       exists (select from amx.units u where u.run_uid = r.uid and u.stage = 'profile' and u.state in ('waiting', 'leased'))
         as profile_open,
       exists (select from amx.units u where u.run_uid = r.uid and u.stage = $2 and u.state in ('waiting', 'leased'))
         as stage_open,
       (select extract(epoch from min(u.available_at) - clock_timestamp()) * 1000 from amx.units u
        where u.run_uid = r.uid and u.stage = $2 and u.state = 'waiting' and u.available_at > clock_timestamp())::float8
         as ready_in_ms
     from amx.runs r where r.uid = $1`,
    [worker.runUid, worker.stage],
  )
  if (run === undefined) return { ...emptyLook, stop: 'Cancel' }
  const stop = readStop(run)
  if (stop !== null) return { ...emptyLook, stop }
  if (run.over_budget && worker.stage === 'draft') return { ...emptyLook, stop: 'Budget' }
  const llmKey = worker.stage === 'draft' ? run.llm_key : null
  const look: Look = {
    ...emptyLook,
    llmKey,
    readyInMs: run.ready_in_ms,
    done: !run.stage_open && (worker.stage !== 'draft' || !run.profile_open),
  }
  if (!run.stage_open) return look
  if (llmKey === null) return { ...look, ...(await handOut(tx, worker, capacity, null, leases)) }
  const room = run.budgeted ? await passBudget(tx, worker, capacity, leases) : { units: capacity, usedUp: false }
  if (room.usedUp) return { ...look, stop: 'Budget' }
  if (room.units === 0) return look
  return { ...look, ...(await handOutLimited(tx, limiter, worker, { run, llmKey, capacity: room.units, leases })) }
}

type HandedOut = Pick<Look, 'units' | 'lookAgain'> & { readonly leased: number }

async function handOut(
  tx: Queryable,
  worker: WorkerIdentity,
  limit: number,
  reservedTokens: number | null,
  leases: LeaseTimes,
): Promise<HandedOut> {
  const claimed = await leaseUnits(tx, worker, limit, reservedTokens, leases)
  const units = await toWorkUnits(tx, worker, claimed)
  return { units, lookAgain: claimed.length > 0 && units.length === 0, leased: claimed.length }
}

/** Hands out as many units as the limiter of their LLMProfile lets through; what it let through in vain is given back. */
async function handOutLimited(
  tx: Queryable,
  limiter: ModelLimiter,
  worker: WorkerIdentity,
  request: {
    readonly run: StageRow
    readonly llmKey: string
    readonly capacity: number
    readonly leases: LeaseTimes
  },
): Promise<Partial<Look>> {
  const { run, llmKey, capacity, leases } = request
  const limits = limitsOf(run)
  const live = await countLive(tx, llmKey, leases)
  const { granted, tokensEach, waitMs } = await limiter.tell(llmKey, limits, { type: 'Claim', wanted: capacity, live })
  const readyInMs = sooner(run.ready_in_ms, waitMs)
  if (granted <= 0) return { readyInMs }
  const giveBack = async (units: number): Promise<void> => {
    if (units > 0) await limiter.tell(llmKey, limits, { type: 'GiveBack', requests: units, tokens: units * tokensEach })
  }
  try {
    const { leased, ...handed } = await handOut(tx, worker, granted, isRated(limits) ? tokensEach : null, leases)
    await giveBack(granted - leased)
    return { ...handed, readyInMs }
  } catch (thrown) {
    await giveBack(granted)
    throw thrown
  }
}

function sooner(oneMs: number | null, otherMs: number | null): number | null {
  if (oneMs === null || otherMs === null) return oneMs ?? otherMs
  return Math.min(oneMs, otherMs)
}

const emptyLook: Look = { lookAgain: false, units: [], done: false, stop: null, llmKey: null, readyInMs: null }

/** Units that run against an LLMProfile. The lock makes claimers of one profile count one after the other. */
async function countLive(tx: Queryable, llmKey: string, { restartGraceMs }: LeaseTimes): Promise<number> {
  await tx.rows('select pg_advisory_xact_lock(hashtextextended($1, 7263512))', [llmKey])
  const [row] = await tx.rows<{ live: number }>(
    `select count(*)::integer as live from amx.units
     where llm_key = $1 and state = 'leased' and not ${ranOut('lease_until', '$2')}`,
    [llmKey, restartGraceMs],
  )
  return row?.live ?? 0
}

type LeaseTimes = Pick<ClaimOptions, 'leaseMs' | 'restartGraceMs' | 'prices'>

/**
 * SQL: how often a table failed to be written, from the second time on. Such units come last and each alone, so that one which
 * kills its worker takes no other with it.
 */
const suspicion = `case when stage = 'apply' and failures >= 2 then failures else 0 end`

/** Rows to write of one claim, the last table counted whole: their texts are in one message. */
const rowsPerClaim = 4_000

async function leaseUnits(
  tx: Queryable,
  worker: WorkerIdentity,
  limit: number,
  reservedTokens: number | null,
  { leaseMs, restartGraceMs }: LeaseTimes,
): Promise<UnitRow[]> {
  // A lease that ran out is as good as waiting, unless its attempts are used up: the sweep ends those.
  return tx.rows<UnitRow>(
    `with ready as (
       select id, stage, state, failures, ordinal, rows from amx.units
       where run_uid = $1 and stage = $2 and state in ('waiting', 'leased')
         and (state = 'waiting' and available_at <= clock_timestamp()
           or state = 'leased' and ${ranOut('lease_until', '$6')} and failures < 3)
       order by ${suspicion}, ordinal, id limit $3 for update skip locked
     ), held as (
       select count(*) as units, coalesce(max(${suspicion}), 0) as suspicion from amx.units
       where run_uid = $1 and stage = $2 and state = 'leased' and not ${ranOut('lease_until', '$6')}
     ), picked as (
       select ready.id, ready.state from (
         select *, ${suspicion} as suspicion, row_number() over in_turn as place, sum(rows) over in_turn - rows as rows_before
         from ready window in_turn as (order by ${suspicion}, ordinal, id)
       ) as ready, held
       where held.suspicion = 0 and (ready.suspicion = 0 or ready.place = 1 and held.units = 0) and rows_before < ${rowsPerClaim}
     )
     update amx.units u
     set state = 'leased', attempt = u.attempt + 1, holder = $4, claimed_at = clock_timestamp(), reserved_tokens = $7,
       failures = u.failures + (picked.state = 'leased')::integer,
       lease_until = clock_timestamp() + $5 * interval '1 millisecond'
     from picked where u.id = picked.id
     returning ${unitColumns}`,
    [worker.runUid, worker.stage, limit, worker.holder, leaseMs, restartGraceMs, reservedTokens],
  )
}

async function toWorkUnits(tx: Queryable, worker: WorkerIdentity, rows: readonly UnitRow[]): Promise<WorkUnit[]> {
  const ordered = [...rows].sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)))
  const catalogs = await readCatalogs(tx, ordered)
  const toApply = ordered.filter(({ kind }) => kind === 'apply')
  const applyRows = await takeApplyRows(tx, worker.runUid, toApply)
  const briefs = await readBriefs(tx, ordered)
  const descents = await readDescents(tx, ordered)
  return ordered
    .map((row) => toWorkUnit(row, catalogs.get(row.table_id ?? ''), applyRows.get(row.id), briefs.get(row.id)))
    .filter((unit) => unit !== null)
    .map((unit) => {
      const descent = descents.get(unit.id)
      return unit.kind === 'draft' && descent !== undefined ? { ...unit, descent } : unit
    })
}

function toWorkUnit(
  row: UnitRow,
  catalog: TableCatalog | undefined,
  applyRows: ApplyRow[] | undefined,
  brief: ContainerBrief | undefined,
): WorkUnit | null {
  const head = { id: row.id, attempt: row.attempt, targetIndex: row.target_index }
  const tableId = row.table_id ?? ''
  const tablePath = row.table_path ?? ''
  switch (row.kind) {
    case 'scope':
      return { ...head, kind: 'scope' }
    case 'profile':
      return catalog === undefined ? null : { ...head, kind: 'profile', tableId, catalog }
    case 'draft':
      return {
        ...head,
        kind: 'draft',
        tableId,
        tablePath,
        columns: [...row.columns],
        includeTable: row.include_table,
        batch: row.batch,
        batches: row.batches,
      }
    case 'settle':
      return brief === undefined ? null : { ...head, kind: 'settle', brief }
    case 'apply':
      return applyRows === undefined ? null : { ...head, kind: 'apply', tablePath, rows: applyRows }
  }
}

async function readCatalogs(tx: Queryable, rows: readonly UnitRow[]): Promise<ReadonlyMap<string, TableCatalog>> {
  const ids = rows.filter(({ kind }) => kind === 'profile').map(({ table_id }) => table_id)
  if (ids.length === 0) return new Map()
  const tables = await tx.rows<{ id: string; catalog: TableCatalog }>(
    'select id::text, catalog from amx.tables where id = any($1::bigint[])',
    [ids],
  )
  return new Map(tables.map(({ id, catalog }) => [id, catalog]))
}

/** Gives the units to the caller, or puts them back when it went away meanwhile: nobody should wait for those leases. */
async function handOver(
  database: Database,
  worker: WorkerIdentity,
  units: readonly WorkUnit[],
  signal: AbortSignal | undefined,
): Promise<ClaimResponse> {
  if (signal?.aborted !== true) return { units: [...units], done: false, stop: null }
  await database.rows(
    `with back as (
       update amx.units u set state = 'waiting', settled_attempt = u.attempt, holder = null, lease_until = null
       from unnest($1::bigint[], $2::integer[]) as h (id, attempt)
       where u.id = h.id and u.attempt = h.attempt and u.state = 'leased' returning u.id
     )
     select pg_notify('amx_unit_ready', $3) from (select count(*) from back) as counted`,
    [units.map(({ id }) => id), units.map(({ attempt }) => attempt), stageTopic(worker.runUid, worker.stage)],
  )
  return nothing
}
