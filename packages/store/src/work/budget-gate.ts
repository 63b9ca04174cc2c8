import {
  addSpending,
  type BatchShape,
  budgetError,
  type CallIntent,
  costOf,
  estimateBatch,
  estimateJudging,
  fitBudget,
  type GenerationSettings,
  type PricedModel,
  type PriceTable,
  type Spending,
  type TokenEstimate,
} from '@amx/api'
import type { WorkerIdentity } from '../contract.ts'
import type { Queryable } from '../database.ts'
import { recordEvents } from '../history/record-events.ts'
import { jsonParameter } from '../json-parameter.ts'
import { announceRun } from '../topics.ts'
import { readBudgetState } from './budget-spending.ts'
import { ranOut } from './lease.ts'

/** How many of the next draft units the budget of the run lets through. */
export interface BudgetRoom {
  readonly units: number
  /** The budget is used up and nothing in flight could leave some of it: the worker may go. */
  readonly usedUp: boolean
}

export interface BudgetOptions {
  readonly prices: () => PriceTable
  /** See {@link ranOut}. */
  readonly restartGraceMs: number
}

interface NextUnit {
  readonly id: string
  readonly columns: number
  readonly include_table: boolean
  readonly table_columns: number | null
}

/**
 * Lets through the next draft units as far as their estimates fit what the budget leaves, and reserves that on them. When not even
 * the first fits and nothing is in flight, the run is marked with the reason. Part of a claim's transaction, before the lease.
 */
export async function passBudget(
  tx: Queryable,
  worker: WorkerIdentity,
  capacity: number,
  { prices, restartGraceMs }: BudgetOptions,
): Promise<BudgetRoom> {
  const state = await readBudgetState(tx, worker.runUid, prices(), restartGraceMs)
  if (state === null) return { units: capacity, usedUp: false }
  const { budget, model, generation } = state
  const next = await readNextUnits(tx, worker.runUid, capacity, restartGraceMs)
  const wanted = next.map((unit) => expectedOf(shapeOf(unit), generation, model))
  const used = addSpending(state.calls, state.held)
  const { fits, refusal } = fitBudget(budget, used, wanted)
  await reserve(tx, next.slice(0, fits), wanted)
  if (fits > 0 || refusal === null || (state.heldUnits > 0 && refusal.kind === 'Exhausted')) {
    return { units: refusal === null ? capacity : fits, usedUp: false }
  }
  const error = budgetError(budget, refusal, model.model).report()
  await tx.rows('update amx.runs set budget_error = $2 where uid = $1', [worker.runUid, jsonParameter(error)])
  await recordEvents(tx, worker.runUid, [{ type: 'Warning', data: { ...error } }])
  await announceRun(tx, worker.runUid)
  return { units: 0, usedUp: true }
}

async function readNextUnits(
  tx: Queryable,
  runUid: string,
  limit: number,
  restartGraceMs: number,
): Promise<readonly NextUnit[]> {
  return tx.rows<NextUnit>(
    `select u.id::text, cardinality(u.columns) as columns, u.include_table,
       jsonb_array_length(t.catalog -> 'columns') as table_columns
     from amx.units u left join amx.tables t on t.id = u.table_id
     where u.run_uid = $1 and u.stage = 'draft' and u.state in ('waiting', 'leased')
       and (u.state = 'waiting' and u.available_at <= clock_timestamp()
         or u.state = 'leased' and ${ranOut('u.lease_until', '$3')} and u.failures < 3)
     order by u.ordinal, u.id limit $2`,
    [runUid, limit, restartGraceMs],
  )
}

function shapeOf({ columns, include_table, table_columns }: NextUnit): BatchShape {
  return {
    columns,
    includeTable: include_table || columns === 0,
    otherColumns: Math.max(0, (table_columns ?? columns) - columns),
  }
}

function expectedOf(shape: BatchShape, generation: GenerationSettings, model: PricedModel): Spending {
  const draft = estimateBatch(shape, generation, model)
  const judging = estimateJudging(shape, generation, model)
  const spending = spendingOf(draft, model)
  return judging === null ? spending : addSpending(spending, spendingOf(judging, model))
}

function spendingOf({ inputTokens, outputTokens }: TokenEstimate, model: PricedModel): Spending {
  const usage = { inputTokens, outputTokens, cachedInputTokens: 0, reasoningTokens: 0 }
  return { tokens: inputTokens + outputTokens, costUsd: costOf(usage, model).costUsd }
}

async function reserve(tx: Queryable, units: readonly NextUnit[], wanted: readonly Spending[]): Promise<void> {
  if (units.length === 0) return
  await tx.rows(
    `update amx.units u set estimated_tokens = w.tokens, estimated_cost_usd = w.usd
     from unnest($1::bigint[], $2::bigint[], $3::numeric[]) as w (id, tokens, usd) where u.id = w.id`,
    [
      units.map(({ id }) => id),
      units.map((_, index) => wanted[index]?.tokens ?? 0),
      units.map((_, index) => wanted[index]?.costUsd ?? null),
    ],
  )
}

/** Calls that a unit was let through for: a unit whose first call was refused on an estimate would come again for ever. */
const firstCalls: ReadonlySet<CallIntent['purpose']> = new Set(['draft', 'schema', 'database', 'variation'])

/**
 * What a call is expected to use, under a budget; null without one. Throws AMX-1030 when the budget does not leave that: a first
 * draft was let through with its unit and is only refused once everything is spent, any other call when its estimate does not fit.
 */
export async function admitCall(
  tx: Queryable,
  worker: WorkerIdentity,
  intent: CallIntent,
  { prices, restartGraceMs }: BudgetOptions,
): Promise<Spending | null> {
  const state = await readBudgetState(tx, worker.runUid, prices(), restartGraceMs)
  if (state === null) return null
  const { budget, model, generation, calls } = state
  const [unit] = await tx.rows<NextUnit>(
    `select u.id::text, cardinality(u.columns) as columns, u.include_table, null as table_columns
     from amx.units u where u.id = $1`,
    [intent.unitId],
  )
  const characters = intent.messages.reduce((sum, { content }) => sum + content.length, 0)
  const shape = unit === undefined ? { columns: 1, includeTable: false } : shapeOf(unit)
  const expected = spendingOf(
    { inputTokens: Math.ceil(characters / 4), outputTokens: expectedOutput(intent.purpose, shape, generation, model) },
    model,
  )
  const nothingLeft = { tokens: 1, costUsd: expected.costUsd === null ? null : '0.000000001' }
  const { refusal } = fitBudget(budget, calls, [firstCalls.has(intent.purpose) ? nothingLeft : expected])
  if (refusal !== null) throw budgetError(budget, { ...refusal, wanted: expected }, model.model)
  return expected
}

function expectedOutput(
  purpose: CallIntent['purpose'],
  shape: BatchShape,
  generation: GenerationSettings,
  model: PricedModel,
): number {
  const draft = estimateBatch(shape, generation, model).outputTokens
  switch (purpose) {
    case 'embedding':
      return 0
    case 'judge':
      return estimateJudging(shape, { ...generation, confidenceSignal: 'Judge' }, model)?.outputTokens ?? draft
    case 'continuation':
    case 'missing-columns':
    case 'split':
      return Math.ceil(draft / 2)
    default:
      return draft
  }
}
