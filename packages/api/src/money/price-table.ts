import { type Static, Type } from 'typebox'
import { Check } from 'typebox/value'
import { AmxError } from '../errors/amx-error.ts'
import { type Provider, providers } from '../vocabulary.ts'
import { literals } from '../wire/primitives.ts'
import builtInTable from './price-table.json' with { type: 'json' }

/** US dollars per million tokens as decimal text: never a binary fraction. */
const rate = Type.String({ pattern: '^[0-9]{1,9}(\\.[0-9]{1,9})?$' })

const rateFields = {
  inputPerMillion: rate,
  /** Default: the input rate. */
  cachedInputPerMillion: Type.Optional(rate),
  /** Rate of input that is written to a prompt cache. Default: the input rate. */
  cacheWritePerMillion: Type.Optional(rate),
  /** Reasoning is billed as output, unless a provider says otherwise. */
  outputPerMillion: rate,
  /** Default: the output rate. */
  reasoningPerMillion: Type.Optional(rate),
}
export const ratesSchema = Type.Object(rateFields)
export type Rates = Static<typeof ratesSchema>

const batchRates = Type.Optional(ratesSchema)

/** What a provider lists for one of its models. */
export const priceEntrySchema = Type.Object({
  provider: literals(providers),
  /** Without the date that some names end with. */
  model: Type.String({ minLength: 1, maxLength: 255 }),
  ...rateFields,
  /** Rates of the provider's batch API. Absent: not known, and a call through it has no known cost. */
  batch: batchRates,
  /** Longest prompt the rates hold for; what a longer one costs is not known here. Default: any. */
  upToInputTokens: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Rates of prompts above so many tokens; they count for the whole call. */
  longInput: Type.Optional(Type.Object({ above: Type.Integer({ minimum: 1 }), ...rateFields, batch: batchRates })),
  /** Rates at busy hours, in UTC, on days of the week from 0 for Sunday. */
  peak: Type.Optional(
    Type.Object({
      days: Type.Array(Type.Integer({ minimum: 0, maximum: 6 })),
      /** From the first hour to before the second. */
      hours: Type.Array(
        Type.Tuple([Type.Integer({ minimum: 0, maximum: 23 }), Type.Integer({ minimum: 1, maximum: 24 })]),
      ),
      ...rateFields,
    }),
  ),
  /** Day the rates were read. */
  asOf: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
  source: Type.String({ minLength: 1, maxLength: 2048 }),
})
export type PriceEntry = Static<typeof priceEntrySchema>

const priceFileSchema = Type.Object({
  version: Type.String({ minLength: 1, maxLength: 40 }),
  models: Type.Array(priceEntrySchema, { maxItems: 5_000 }),
})

/** Prices by model, with where each comes from. */
export interface PriceTable {
  /** Stored with every priced call: the date of the built-in table, and the version of an own one after a plus sign. */
  readonly version: string
  readonly models: readonly ListedModel[]
}

export interface ListedModel {
  readonly entry: PriceEntry
  readonly origin: 'BuiltIn' | 'Own'
}

/** An entry with the version of the table it is from: all that pricing a call takes. */
export const listedPriceSchema = Type.Object({ version: Type.String(), entry: priceEntrySchema })
export type ListedPrice = Static<typeof listedPriceSchema>

/** The table the program carries. */
export const builtInPrices: PriceTable = {
  version: builtInTable.version,
  models: (builtInTable.models as readonly unknown[]).map((entry) => ({
    entry: entry as PriceEntry,
    origin: 'BuiltIn',
  })),
}

/**
 * The built-in table with an own file over it, which adds models and replaces entries of the same provider and model. Throws
 * AMX-1001 naming what of the file does not fit.
 */
export function withOwnPrices(text: string, file: string): PriceTable {
  const own = parsePriceFile(text, file)
  const keys = new Set(own.models.map(keyOf))
  return {
    version: `${builtInPrices.version}+${own.version}`,
    models: [
      ...own.models.map((entry) => ({ entry, origin: 'Own' as const })),
      ...builtInPrices.models.filter(({ entry }) => !keys.has(keyOf(entry))),
    ],
  }
}

function parsePriceFile(text: string, file: string): Static<typeof priceFileSchema> {
  const wrong = (problem: string) => new AmxError('AMX-1001', { field: file, problem })
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch (error) {
    throw wrong(`is no JSON: ${(error as Error).message}`)
  }
  if (Check(priceFileSchema, read)) return read
  const models = (read as { models?: unknown } | null)?.models
  if (!Array.isArray(models)) throw wrong('needs "version" and "models"')
  const index = models.findIndex((entry) => !Check(priceEntrySchema, entry))
  throw wrong(
    index === -1
      ? 'needs a "version" of at most 40 characters and at most 5,000 models'
      : `models[${index}] needs provider, model, inputPerMillion and outputPerMillion as decimal text, asOf as a date, and source`,
  )
}

function keyOf({ provider, model }: Pick<PriceEntry, 'provider' | 'model'>): string {
  return `${provider}/${model.toLowerCase()}`
}

/**
 * What a table lists for a model. Null for models it does not list, and for servers with prices of their own: another server that
 * offers a model of the same name is not its maker.
 */
export function listedPrice(table: PriceTable, provider: Provider, model: string): ListedPrice | null {
  const name = model.toLowerCase()
  const undated = name.replace(provider === 'Anthropic' ? /-(?:\d{8}|latest)$/ : /-\d{4}-\d{2}-\d{2}$/, '')
  for (const wanted of [name, undated]) {
    const key = `${provider}/${wanted}`
    const found = table.models.find(({ entry }) => keyOf(entry) === key)
    if (found !== undefined) return { version: table.version, entry: found.entry }
  }
  return null
}
