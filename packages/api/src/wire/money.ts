import { type Static, Type } from 'typebox'
import { priceEntrySchema } from '../money/price-table.ts'
import { literals, nullable } from './primitives.ts'
import { generationSettingsSchema, modelSettingsSchema, scopeSchema } from './settings.ts'
import { callPurposes } from './worker-protocol.ts'

// Money for people's programs: usage, prices, and what a run will cost before it runs.

export const usageUnits = [
  'model',
  'profile',
  'namespace',
  'database',
  'run',
  'purpose',
  'hour',
  'day',
  'week',
] as const
export type UsageUnit = (typeof usageUnits)[number]

const usageFields = {
  runs: Type.Integer(),
  calls: Type.Integer(),
  /** Calls saved by a stored reply; they cost nothing. */
  cachedReplies: Type.Integer(),
  inputTokens: Type.Integer(),
  cachedInputTokens: Type.Integer(),
  outputTokens: Type.Integer(),
  /** Part of the output. */
  reasoningTokens: Type.Integer(),
  /** US dollars as decimal text, frozen when the calls were made: what is known of it; null when no call was priced. */
  cost: nullable(Type.String()),
  /** The same tokens at the prices of now; null when no price is known. Only when asked for. */
  costToday: Type.Optional(nullable(Type.String())),
  /** Calls the cost does not hold: of models without a known price, or whose reply told no usage. */
  unpricedCalls: Type.Integer(),
  /** Calls that were begun and whose outcome nobody knows; they may have been paid for. */
  unknownCalls: Type.Integer(),
}

export const usageRowSchema = Type.Object({ group: Type.String(), ...usageFields })
export type UsageRow = Static<typeof usageRowSchema>

export const usageReportSchema = Type.Object({
  since: Type.String(),
  until: Type.String(),
  by: literals(usageUnits),
  groups: Type.Array(usageRowSchema),
  total: usageRowSchema,
})
export type UsageReport = Static<typeof usageReportSchema>

export const priceListSchema = Type.Object({
  version: Type.String(),
  models: Type.Array(Type.Object({ entry: priceEntrySchema, origin: literals(['BuiltIn', 'Own'] as const) })),
})
export type PriceList = Static<typeof priceListSchema>

const estimatedTable = Type.Object({
  columns: Type.Integer({ minimum: 0, maximum: 10_000 }),
  includeTable: Type.Boolean(),
})

/** What a run would do: its resolved settings, over the catalog that runs of the namespace read last, or over given counts. */
export const estimateRequestSchema = Type.Object({
  targets: Type.Array(Type.Object({ databaseKey: Type.String({ maxLength: 2048 }), scope: scopeSchema }), {
    maxItems: 100,
  }),
  model: Type.Pick(modelSettingsSchema, ['provider', 'model', 'price']),
  generation: generationSettingsSchema,
  /** Tables as the caller knows them, instead of the catalog. */
  tables: Type.Optional(Type.Array(estimatedTable, { maxItems: 100_000 })),
})
export type EstimateRequest = Static<typeof estimateRequestSchema>

const tokenFields = { calls: Type.Integer(), inputTokens: Type.Integer(), outputTokens: Type.Integer() }

export const estimateAnswerSchema = Type.Object({
  tables: Type.Integer(),
  columns: Type.Integer(),
  ...tokenFields,
  stages: Type.Array(
    Type.Object({ purpose: literals(callPurposes), ...tokenFields, costUsd: nullable(Type.String()) }),
  ),
  costUsd: nullable(Type.String()),
  priceTable: nullable(Type.String()),
  /** When the catalog was read that the counts are from; null for counts of the caller. */
  catalogFrom: nullable(Type.String()),
})
export type EstimateAnswer = Static<typeof estimateAnswerSchema>
