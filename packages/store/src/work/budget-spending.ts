import type { Budget, GenerationSettings, ModelSettings, PricedModel, PriceTable, Spending } from '@amx/api'
import { listedPrice } from '@amx/api'
import type { Queryable } from '../database.ts'
import { ranOut } from './lease.ts'

/** A run's budget, and what it has used: spent for good, in calls that are under way, and in units that are held. */
export interface BudgetState {
  readonly budget: Budget
  readonly model: PricedModel
  readonly generation: GenerationSettings
  /** Calls that ended, at what they cost, or at their estimate where that is not known; and calls under way at theirs. */
  readonly calls: Spending
  /** What held units are still expected to use beside the calls they began. */
  readonly held: Spending
  readonly heldUnits: number
}

interface StateRow {
  readonly budget: Budget
  readonly model: ModelSettings | null
  readonly generation: GenerationSettings
  readonly call_tokens: string
  readonly call_usd: string
  readonly held_tokens: string
  readonly held_usd: string
  readonly held_units: number
}

// A call whose outcome nobody knows may have been paid for: it stays reserved for good.
const spendingColumns = `
  (p.input_tokens + p.output_tokens
    + coalesce((select sum(c.estimated_tokens) from amx.calls c
        where c.run_uid = r.uid and c.outcome is null and not c.cached), 0)
    + coalesce((select sum(c.estimated_tokens) from amx.calls c
        where c.run_uid = r.uid and c.outcome is not null and c.cost_usd is null and c.reply is not null
          and c.input_tokens is null and not c.cached), 0))::text as call_tokens,
  (coalesce(p.cost_usd, 0)
    + coalesce((select sum(c.estimated_cost_usd) from amx.calls c
        where c.run_uid = r.uid and c.outcome is null and not c.cached), 0)
    + coalesce((select sum(c.estimated_cost_usd) from amx.calls c
        where c.run_uid = r.uid and c.outcome is not null and c.cost_usd is null and c.reply is not null
          and not c.cached), 0))::text as call_usd`

const heldColumns = (graceMs: string) => `
  (select coalesce(sum(greatest(u.estimated_tokens - coalesce(own.tokens, 0), 0)), 0) as tokens,
     coalesce(sum(greatest(u.estimated_cost_usd - coalesce(own.usd, 0), 0)), 0) as usd, count(*)::integer as units
   from amx.units u left join lateral (
     select sum(coalesce(c.input_tokens + c.output_tokens, c.estimated_tokens)) as tokens,
       sum(coalesce(c.cost_usd, c.estimated_cost_usd)) as usd
     from amx.calls c where c.unit_id = u.id and c.attempt = u.attempt and not c.cached
   ) own on true
   where u.run_uid = r.uid and u.stage = 'draft' and u.state = 'leased' and not ${ranOut('u.lease_until', graceMs)})`

/**
 * How a run stands against its budget; null when it has none, or a drafter that calls nobody. Locks the run's reservations until
 * the end of the transaction, so that two who ask are answered one after the other.
 */
export async function readBudgetState(
  tx: Queryable,
  runUid: string,
  prices: PriceTable,
  restartGraceMs: number,
): Promise<BudgetState | null> {
  const [budgeted] = await tx.rows<{ locked: unknown }>(
    `select pg_advisory_xact_lock(hashtextextended(r.uid, 7263513)) as locked from amx.runs r
     where r.uid = $1 and r.budget is not null`,
    [runUid],
  )
  if (budgeted === undefined) return null
  const [row] = await tx.rows<StateRow>(
    `select r.budget, r.settings -> 'model' as model, r.settings -> 'generation' as generation, ${spendingColumns},
       held.tokens::text as held_tokens, held.usd::text as held_usd, held.units as held_units
     from amx.runs r join amx.progress p on p.run_uid = r.uid, lateral ${heldColumns('$2')} held
     where r.uid = $1`,
    [runUid, restartGraceMs],
  )
  if (row === undefined || row.model === null || row.model.provider === 'BuiltIn') return null
  const { provider, model, price } = row.model
  return {
    budget: row.budget,
    model: { provider, model, price, listed: listedPrice(prices, provider, model) },
    generation: row.generation,
    calls: { tokens: Number(row.call_tokens), costUsd: row.call_usd },
    held: { tokens: Number(row.held_tokens), costUsd: row.held_usd },
    heldUnits: row.held_units,
  }
}
