import type { Provider } from '@amx/api'

/** Prices in US dollars per million tokens, as decimal text. */
export interface ModelPrice {
  readonly inputPerMillion: string
  /** Null where the provider has no rate of its own for cached input; then the input rate counts. */
  readonly cachedInputPerMillion: string | null
  /** Rate of input that is written to a prompt cache. Default: the input rate. */
  readonly cacheWritePerMillion?: string
  readonly outputPerMillion: string
  /** Longest prompt the price holds for; what a longer one costs is not known here. Default: any. */
  readonly upToInputTokens?: number
}

/** Date of the table; stored with every priced call. */
export const priceTableDate = '2026-11-01'

function price(inputPerMillion: string, cachedInputPerMillion: string | null, outputPerMillion: string): ModelPrice {
  return { inputPerMillion, cachedInputPerMillion, outputPerMillion }
}

/**
 * OpenAI's models that answer chat completions, by name without the date some names end with. Rates for standard
 * processing and short context, without batch or priority tiers.
 * @see https://developers.openai.com/api/docs/pricing
 */
export const openAIPrices: Readonly<Record<string, ModelPrice>> = {
  'gpt-5.5': price('5', '0.5', '30'),
  'gpt-5.4': price('2.5', '0.25', '15'),
  'gpt-5.4-mini': price('0.75', '0.075', '4.5'),
  'gpt-5.4-nano': price('0.2', '0.02', '1.25'),
  'gpt-5.2': price('1.75', '0.175', '14'),
  'gpt-5.1': price('1.25', '0.125', '10'),
  'gpt-5': price('1.25', '0.125', '10'),
  'gpt-5-mini': price('0.25', '0.025', '2'),
  'gpt-5-nano': price('0.05', '0.005', '0.4'),
  'gpt-4.1': price('2', '0.5', '8'),
  'gpt-4.1-mini': price('0.4', '0.1', '1.6'),
  'gpt-4.1-nano': price('0.1', '0.025', '0.4'),
  'gpt-4o': price('2.5', '1.25', '10'),
  'gpt-4o-mini': price('0.15', '0.075', '0.6'),
  'o4-mini': price('1.1', '0.275', '4.4'),
  o3: price('2', '0.5', '8'),
  'o3-mini': price('1.1', '0.55', '4.4'),
  o1: price('15', '7.5', '60'),
  'gpt-4-turbo': price('10', null, '30'),
  'gpt-3.5-turbo': price('0.5', null, '1.5'),
}

function claude(
  inputPerMillion: string,
  cacheWritePerMillion: string,
  cachedInputPerMillion: string,
  outputPerMillion: string,
): ModelPrice {
  return { inputPerMillion, cacheWritePerMillion, cachedInputPerMillion, outputPerMillion }
}

/**
 * Anthropic's models by name without date; cache writes for five minutes. As of October 2026.
 * @see https://platform.claude.com/docs/en/about-claude/pricing
 */
export const anthropicPrices: Readonly<Record<string, ModelPrice>> = {
  'claude-fable-5-1': claude('10', '12.5', '0.25', '50'),
  'claude-fable-5': claude('10', '12.5', '1', '50'),
  'claude-opus-5-5': claude('4', '5', '0.2', '20'),
  'claude-opus-5': claude('5', '6.25', '0.5', '25'),
  'claude-opus-4-8': claude('5', '6.25', '0.5', '25'),
  'claude-opus-4-7': claude('5', '6.25', '0.5', '25'),
  'claude-opus-4-6': claude('5', '6.25', '0.5', '25'),
  'claude-opus-4-5': claude('5', '6.25', '0.5', '25'),
  'claude-opus-4-1': claude('15', '18.75', '1.5', '75'),
  'claude-sonnet-5-5': claude('2', '2.5', '0.1', '10'),
  'claude-sonnet-5': claude('2', '2.5', '0.2', '10'),
  'claude-sonnet-4-6': claude('3', '3.75', '0.3', '15'),
  'claude-sonnet-4-5': claude('3', '3.75', '0.3', '15'),
  'claude-haiku-5-5': { ...claude('0.1', '0.125', '0.01', '0.5'), upToInputTokens: 100_000 },
  'claude-haiku-4-5': claude('1', '1.25', '0.1', '5'),
  'claude-3-5-haiku': claude('0.8', '1', '0.08', '4'),
}

/**
 * DeepSeek's models. On weekdays from 01:00 to 04:00 and from 06:00 to 10:00 UTC the rates are double; its public holidays
 * are counted as weekdays, so that a cost is never too low. As of October 2026.
 * @see https://api-docs.deepseek.com/quick_start/pricing
 */
export const deepSeekPrices: Readonly<Record<string, { readonly offPeak: ModelPrice; readonly peak: ModelPrice }>> = {
  'deepseek-flash': { offPeak: price('0.15', '0.003', '0.6'), peak: price('0.3', '0.006', '1.2') },
  'deepseek-v4-flash': { offPeak: price('0.15', '0.003', '0.6'), peak: price('0.3', '0.006', '1.2') },
  'deepseek-v4-pro': { offPeak: price('0.66', '0.022', '1.98'), peak: price('1.32', '0.044', '3.96') },
}

/**
 * Kimi's models. As of July 2026.
 * @see https://platform.kimi.ai/docs/pricing/chat
 */
export const kimiPrices: Readonly<Record<string, ModelPrice>> = {
  'kimi-k3': price('3', '0.3', '15'),
  'kimi-k2.7-code': price('0.95', '0.19', '4'),
  'kimi-k2.6': price('0.95', '0.16', '4'),
}

/**
 * The price a provider lists for a model at a time. Null for models it does not list, and for servers with prices of their
 * own: another server that offers a model of the same name is not its maker.
 */
export function listedPrice(
  provider: Provider,
  model: string,
  at: Date,
): { readonly price: ModelPrice; readonly source: string } | null {
  const name = model.toLowerCase()
  switch (provider) {
    case 'OpenAI':
      return dated(openAIPrices[name] ?? openAIPrices[name.replace(/-\d{4}-\d{2}-\d{2}$/, '')])
    case 'Anthropic':
      return dated(anthropicPrices[name.replace(/-(?:\d{8}|latest)$/, '')])
    case 'DeepSeek':
      return dated(deepSeekPrices[name]?.[isPeak(at) ? 'peak' : 'offPeak'])
    case 'Kimi':
      return dated(kimiPrices[name])
    default:
      return null
  }
}

function dated(price: ModelPrice | undefined): { readonly price: ModelPrice; readonly source: string } | null {
  return price === undefined ? null : { price, source: priceTableDate }
}

function isPeak(at: Date): boolean {
  const day = at.getUTCDay()
  const hour = at.getUTCHours()
  return day >= 1 && day <= 5 && ((hour >= 1 && hour < 4) || (hour >= 6 && hour < 10))
}
