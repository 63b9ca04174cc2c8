import type { ModelSettings, Usage } from '@amx/api'
import { type ModelPrice, openAIPrices, priceTableDate } from './price-table.ts'

export interface CallCost {
  /** US dollars as decimal text; null when the price or the usage is unknown, never 0 for that. */
  readonly costUsd: string | null
  /** Date of the price table, `profile` for a price of the LLMProfile, null when not priced. */
  readonly priceTable: string | null
}

/** The price of a model: the profile's own, else OpenAI's list for its own route; null when unknown. */
export function priceOf(model: ModelSettings): { readonly price: ModelPrice; readonly source: string } | null {
  if (model.price !== null) return { price: model.price, source: 'profile' }
  // Another server that offers a model of the same name has prices of its own.
  if (model.provider !== 'OpenAI') return null
  const name = model.model.toLowerCase()
  const listed = openAIPrices[name] ?? openAIPrices[name.replace(/-\d{4}-\d{2}-\d{2}$/, '')]
  return listed === undefined ? null : { price: listed, source: priceTableDate }
}

/** What a call cost, at the prices of now. Exact: whole nano-dollars per million tokens, rounded once, half up. */
export function costOf(usage: Usage | null, model: ModelSettings): CallCost {
  const known = priceOf(model)
  if (known === null || usage === null) return { costUsd: null, priceTable: null }
  const { price, source } = known
  const input = nanoDollars(price.inputPerMillion)
  const cached = price.cachedInputPerMillion === null ? input : nanoDollars(price.cachedInputPerMillion)
  const sum =
    BigInt(usage.inputTokens - usage.cachedInputTokens) * input +
    BigInt(usage.cachedInputTokens) * cached +
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
