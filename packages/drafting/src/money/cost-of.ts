import type { ModelSettings, Usage } from '@amx/api'
import { listedPrice, type ModelPrice } from './price-table.ts'

export interface CallCost {
  /** US dollars as decimal text; null when the price or the usage is unknown, never 0 for that. */
  readonly costUsd: string | null
  /** Date of the price table, `profile` for a price of the LLMProfile, `provider` for what the route reported, null when not priced. */
  readonly priceTable: string | null
}

/** What a call was billed for beside its usage, and when. */
export interface Billing {
  /** Input tokens written to a prompt cache; part of the input. Default: 0. */
  readonly cacheWriteTokens?: number
  /** What the route says the call cost, in US dollars as decimal text. Default: it says nothing. */
  readonly reportedUsd?: string | null
  /** Default: now. */
  readonly at?: Date
}

/** The price of a model at a time: the profile's own, else the provider's list for its own route; null when unknown. */
export function priceOf(
  model: ModelSettings,
  at: Date = new Date(),
): { readonly price: ModelPrice; readonly source: string } | null {
  if (model.price !== null) return { price: model.price, source: 'profile' }
  return listedPrice(model.provider, model.model, at)
}

/**
 * What a call cost, at the prices of now: by the profile's price, else as the route reports it, else by the price table.
 * Exact: whole nano-dollars per million tokens, rounded once, half up.
 */
export function costOf(usage: Usage | null, model: ModelSettings, billing: Billing = {}): CallCost {
  const { cacheWriteTokens = 0, reportedUsd = null } = billing
  if (model.price === null && reportedUsd !== null) return { costUsd: reportedUsd, priceTable: 'provider' }
  const known = priceOf(model, billing.at)
  if (known === null || usage === null) return { costUsd: null, priceTable: null }
  const { price, source } = known
  if (price.upToInputTokens !== undefined && usage.inputTokens > price.upToInputTokens)
    return { costUsd: null, priceTable: null }
  const input = nanoDollars(price.inputPerMillion)
  const cached = price.cachedInputPerMillion === null ? input : nanoDollars(price.cachedInputPerMillion)
  const written = price.cacheWritePerMillion === undefined ? input : nanoDollars(price.cacheWritePerMillion)
  const sum =
    BigInt(usage.inputTokens - usage.cachedInputTokens - cacheWriteTokens) * input +
    BigInt(usage.cachedInputTokens) * cached +
    BigInt(cacheWriteTokens) * written +
    BigInt(usage.outputTokens) * nanoDollars(price.outputPerMillion)
  return { costUsd: decimalText((sum + 500_000n) / 1_000_000n), priceTable: source }
}

/** Decimal text as whole nano-dollars; digits beyond the ninth are cut. */
function nanoDollars(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
}

function decimalText(nano: bigint): string {
  const fraction = (nano % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  const whole = (nano / 1_000_000_000n).toString()
  return fraction === '' ? whole : `${whole}.${fraction}`
}
