import {
  costOf,
  dollarText,
  listedPrice,
  type ModelSettings,
  nanoDollars,
  type PriceTable,
  type Provider,
  providers,
} from '@amx/api'
import type { Database } from '../database.ts'

const ofRun = 'from amx.usage_calls c where c.run_uid = $1'

/** What the tokens of a run would cost by a table of today; null when a model has no known price, "0" without a call. */
export async function costOfRunToday(
  database: Database,
  runUid: string,
  prices: PriceTable,
  at: Date,
): Promise<string | null> {
  const costs = await readCostToday(database, { key: `'all'`, from: ofRun }, [runUid], prices, at)
  const cost = costs.get(null)
  return cost === undefined ? '0' : cost
}

interface TodayRow {
  readonly key: string
  readonly provider: string
  readonly model: string
  readonly price: ModelSettings['price']
  readonly batch: boolean
  readonly input_tokens: number
  readonly cached_input_tokens: number
  readonly output_tokens: number
  readonly reasoning_tokens: number
  readonly calls: number
}

/**
 * By group, and under null for all: what the tokens cost by a table of today, and by the price a profile had then. Null as soon as
 * one model of the group has no known price. Rates that depend on the length of a prompt go by the mean length.
 */
export async function readCostToday(
  database: Database,
  { key, from }: { readonly key: string; readonly from: string },
  window: readonly unknown[],
  prices: PriceTable,
  at: Date,
): Promise<ReadonlyMap<string | null, string | null>> {
  const rows = await database.rows<TodayRow>(
    `select ${key} as key, c.provider, c.model, c.price, c.batch,
       sum(c.input_tokens)::float8 as input_tokens, sum(c.cached_input_tokens)::float8 as cached_input_tokens,
       sum(c.output_tokens)::float8 as output_tokens, sum(c.reasoning_tokens)::float8 as reasoning_tokens,
       count(*)::integer as calls
     ${from} and not c.cached and c.input_tokens is not null
     group by 1, 2, 3, 4, 5`,
    window,
  )
  const costs = new Map<string | null, string | null>()
  for (const row of rows) {
    const cost = costToday(row, prices, at)
    for (const group of [row.key, null]) costs.set(group, added(costs.get(group), cost))
  }
  return costs
}

function costToday(row: TodayRow, prices: PriceTable, at: Date): string | null {
  const provider = providers.find((known): known is Provider => known === row.provider)
  if (provider === undefined) return null
  const { model, price, batch, calls } = row
  const usage = {
    inputTokens: row.input_tokens,
    cachedInputTokens: row.cached_input_tokens,
    outputTokens: row.output_tokens,
    reasoningTokens: row.reasoning_tokens,
  }
  const promptTokens = Math.round(row.input_tokens / calls)
  const listed = listedPrice(prices, provider, model)
  return costOf(usage, { provider, model, price: price ?? null, listed }, { batch, at, promptTokens }).costUsd
}

function added(sum: string | null | undefined, cost: string | null): string | null {
  if (sum === undefined) return cost
  return sum === null || cost === null ? null : dollarText(nanoDollars(sum) + nanoDollars(cost))
}
