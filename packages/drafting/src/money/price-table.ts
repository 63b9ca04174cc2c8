/** Prices in US dollars per million tokens, as decimal text. */
export interface ModelPrice {
  readonly inputPerMillion: string
  /** Null where the provider has no rate of its own for cached input; then the input rate counts. */
  readonly cachedInputPerMillion: string | null
  readonly outputPerMillion: string
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
