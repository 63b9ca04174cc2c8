import type { ModelSettings } from '../wire/settings.ts'
import type { Usage } from '../wire/worker-protocol.ts'
import { dollarText, nanoDollars } from './decimal-money.ts'
import { builtInPrices, type ListedPrice, listedPrice, type PriceEntry, type Rates } from './price-table.ts'

export interface CallCost {
  /** US dollars as decimal text; null when the price or the usage is unknown, never 0 for that. */
  readonly costUsd: string | null
  /** Version of the price table, `profile` for a price of the LLMProfile, `provider` for what the route reported, null when not priced. */
  readonly priceTable: string | null
}

/** What a call was billed for beside its usage, and when. */
export interface Billing {
  /** Input tokens written to a prompt cache; part of the input. Default: 0. */
  readonly cacheWriteTokens?: number
  /** What the route says the call cost, in US dollars as decimal text. Default: it says nothing. */
  readonly reportedUsd?: string | null
  /** Length of the prompt that the rates go by, where the usage is of several calls. Default: the input tokens. */
  readonly promptTokens?: number
  /** Whether it went through the provider's batch API. Default: it did not. */
  readonly batch?: boolean
  /** Default: now. */
  readonly at?: Date
}

/** What pricing needs to know of a model. */
export type PricedModel = Pick<ModelSettings, 'provider' | 'model' | 'price' | 'listed'>

/** What the tables list for a model: what the server found in its own, else what the program carries; null when unknown. */
export function listedFor(model: PricedModel): ListedPrice | null {
  return model.listed === undefined ? listedPrice(builtInPrices, model.provider, model.model) : model.listed
}

/** Whether a call of this model can be priced before it is made. */
export function hasKnownPrice(model: PricedModel): boolean {
  return model.provider === 'BuiltIn' || model.price !== null || listedFor(model) !== null
}

/**
 * What a call cost, at the prices of its time: by the profile's price, else as the route reports it, else by the price table.
 * Exact: whole nano-dollars per million tokens, rounded once, half up.
 */
export function costOf(usage: Usage | null, model: PricedModel, billing: Billing = {}): CallCost {
  const { cacheWriteTokens = 0, reportedUsd = null, promptTokens, batch = false, at = new Date() } = billing
  if (model.price === null && reportedUsd !== null) return { costUsd: reportedUsd, priceTable: 'provider' }
  if (usage === null) return unknown
  const known = ratesOf(model, { inputTokens: promptTokens ?? usage.inputTokens, batch, at })
  if (known === null) return unknown
  const { rates, source } = known
  const input = nanoDollars(rates.inputPerMillion)
  const output = nanoDollars(rates.outputPerMillion)
  const orElse = (text: string | undefined, standard: bigint) => (text === undefined ? standard : nanoDollars(text))
  const reasoning = Math.min(usage.reasoningTokens, usage.outputTokens)
  const sum =
    BigInt(usage.inputTokens - usage.cachedInputTokens - cacheWriteTokens) * input +
    BigInt(usage.cachedInputTokens) * orElse(rates.cachedInputPerMillion, input) +
    BigInt(cacheWriteTokens) * orElse(rates.cacheWritePerMillion, input) +
    BigInt(usage.outputTokens - reasoning) * output +
    BigInt(reasoning) * orElse(rates.reasoningPerMillion, output)
  return { costUsd: dollarText((sum + 500_000n) / 1_000_000n), priceTable: source }
}

const unknown: CallCost = { costUsd: null, priceTable: null }

/** The rates of a call and where they are from: the profile's own, else the provider's list for its own route. */
function ratesOf(
  model: PricedModel,
  call: { readonly inputTokens: number; readonly batch: boolean; readonly at: Date },
): { readonly rates: Rates; readonly source: string } | null {
  const { price } = model
  if (price !== null) {
    const { cachedInputPerMillion, ...rates } = price
    return {
      rates: { ...rates, ...(cachedInputPerMillion !== null && { cachedInputPerMillion }) },
      source: 'profile',
    }
  }
  const listed = listedFor(model)
  if (listed === null) return null
  const rates = listedRates(listed.entry, call)
  return rates === null ? null : { rates, source: listed.version }
}

function listedRates(
  entry: PriceEntry,
  { inputTokens, batch, at }: { readonly inputTokens: number; readonly batch: boolean; readonly at: Date },
): Rates | null {
  if (entry.upToInputTokens !== undefined && inputTokens > entry.upToInputTokens) return null
  const level = entry.longInput !== undefined && inputTokens > entry.longInput.above ? entry.longInput : entry
  if (batch) return level.batch === undefined ? null : level.batch
  return level === entry && entry.peak !== undefined && isPeak(entry.peak, at) ? entry.peak : level
}

function isPeak({ days, hours }: NonNullable<PriceEntry['peak']>, at: Date): boolean {
  const hour = at.getUTCHours()
  return days.includes(at.getUTCDay()) && hours.some(([from, to]) => hour >= from && hour < to)
}
