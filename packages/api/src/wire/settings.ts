import { type Static, Type } from 'typebox'
import { listedPriceSchema } from '../money/price-table.ts'
import {
  alternativesModes,
  assetKinds,
  backends,
  confidenceSignals,
  profilingModes,
  promptDetails,
  providers,
  runTypes,
  sampleDisclosures,
  verbosities,
} from '../vocabulary.ts'
import { literals, nullable } from './primitives.ts'

// The settings document: profiles, defaults and overrides resolved once, when a run begins. Its digest stands on the run's
// status, the document in the store; a later edit of a profile does not change a run that began. It holds no secret.

const names = Type.Array(Type.String())

export const generationSettingsSchema = Type.Object({
  alternatives: Type.Integer({ minimum: 1, maximum: 5 }),
  alternativesMode: literals(alternativesModes),
  confidenceSignal: literals(confidenceSignals),
  bands: Type.Object({ high: Type.Number(), medium: Type.Number() }),
  promptDetail: literals(promptDetails),
  verbosity: literals(verbosities),
  columnBatchSize: Type.Integer({ minimum: 1, maximum: 200 }),
  otherColumnNames: Type.Integer({ minimum: -1 }),
  temperature: Type.Number(),
  maxOutputTokens: Type.Integer(),
  reasoning: Type.Object({ effort: Type.String(), budgetTokens: Type.Integer() }),
  instructions: Type.String(),
  /** First questions go out in the provider's batches, at the price of those. */
  batchAPI: Type.Optional(Type.Boolean()),
  /** Canonical path of the table whose comments show the style to match; absent for none. */
  styleTable: Type.Optional(Type.String()),
  /** Draft one of each class of equal columns; absent = false. */
  deduplicate: Type.Optional(Type.Boolean()),
})
export type GenerationSettings = Static<typeof generationSettingsSchema>

export const modelSettingsSchema = Type.Object({
  /** LLMProfile in the run's namespace; concurrency is shared by all runs that name it. */
  profileName: Type.String(),
  provider: literals(providers),
  model: Type.String(),
  baseURL: nullable(Type.String()),
  /** Whether the draft Job finds a key at `AMX_MODEL_KEY_FILE`. */
  hasKey: Type.Boolean(),
  limits: Type.Object({
    concurrency: Type.Integer({ minimum: 1 }),
    /** Shared by all runs that name the profile; absent: no limit. */
    requestsPerMinute: Type.Optional(Type.Integer({ minimum: 1 })),
    tokensPerMinute: Type.Optional(Type.Integer({ minimum: 1 })),
    timeoutMs: Type.Integer(),
    retries: Type.Integer(),
  }),
  /** US dollars per million tokens as decimal text; null where the profile does not override the price table. */
  price: nullable(
    Type.Object({
      inputPerMillion: Type.String(),
      cachedInputPerMillion: nullable(Type.String()),
      outputPerMillion: Type.String(),
    }),
  ),
  /** Tokens of prompt and reply together, where the profile says; else what the model is known for. */
  contextTokens: Type.Optional(Type.Integer({ minimum: 1 })),
  /** The embedding model of the signal SelfConsistency; absent for the built-in one. `baseURL` null: the model's own. */
  embeddings: Type.Optional(Type.Object({ model: Type.String(), baseURL: nullable(Type.String()) })),
  /** What the server's price table lists, filled in when a worker starts; absent in stored settings, which prices do not change. */
  listed: Type.Optional(nullable(listedPriceSchema)),
})
export type ModelSettings = Static<typeof modelSettingsSchema>

export const postgresqlConnectionSchema = Type.Object({
  host: Type.String(),
  port: Type.Integer(),
  database: Type.String(),
  tlsMode: literals(['disable', 'require', 'verify-ca', 'verify-full'] as const),
})
export type PostgresqlConnection = Static<typeof postgresqlConnectionSchema>

export const scopeSchema = Type.Object({
  include: names,
  exclude: names,
  tablePattern: nullable(Type.String()),
  kinds: Type.Array(literals(assetKinds)),
  /** 0 = no limit. */
  tableLimit: Type.Integer(),
  missingOnly: Type.Boolean(),
})
export type Scope = Static<typeof scopeSchema>

export const targetSettingsSchema = Type.Object({
  profileName: Type.String(),
  backend: literals(backends),
  /** Identity of the database across profiles and runs, such as `postgresql://host:5432/analytics`: the queue's key. */
  databaseKey: Type.String(),
  postgresql: nullable(postgresqlConnectionSchema),
  /** Whether the profile names a writer. */
  writable: Type.Boolean(),
  scope: scopeSchema,
  profiling: Type.Object({
    mode: literals(profilingModes),
    sampleRows: Type.Integer(),
    maximumRows: Type.Integer(),
    exactDistinct: Type.Boolean(),
    statementTimeoutMs: Type.Integer(),
    connections: Type.Integer({ minimum: 1 }),
  }),
  privacy: Type.Object({ samples: literals(sampleDisclosures), excludeColumns: names }),
})
export type TargetSettings = Static<typeof targetSettingsSchema>

export const contextSettingsSchema = Type.Object({
  name: Type.String(),
  uid: Type.String(),
  kind: literals(['Documents', 'Code'] as const),
  /** Revision that was indexed when the run began. */
  revision: Type.String(),
})
export type ContextSettings = Static<typeof contextSettingsSchema>

/** A description written by a person, frozen with its run. */
export const handWrittenTextSchema = Type.Object({
  /** Index of the target. */
  target: Type.Integer({ minimum: 0 }),
  /** Canonical path of the asset. */
  path: Type.String(),
  text: Type.String(),
})
export type HandWrittenText = Static<typeof handWrittenTextSchema>

export const runSettingsSchema = Type.Object({
  version: Type.Literal(1),
  type: literals(runTypes),
  /** The run that a Rerun or Variations go on from. */
  source: Type.Optional(Type.Object({ uid: Type.String(), name: Type.String() })),
  targets: Type.Array(targetSettingsSchema),
  model: nullable(modelSettingsSchema),
  generation: generationSettingsSchema,
  /** Texts that people wrote, in place of drafts; absent for a run that drafts. */
  texts: Type.Optional(Type.Array(handWrittenTextSchema)),
  /** Sources that drafts may cite: those of the run, then those of its DatabaseProfiles. Absent = none. */
  context: Type.Optional(Type.Array(contextSettingsSchema)),
  review: Type.Object({ strategy: literals(['Manual', 'Auto'] as const), accept: literals(['High', 'All'] as const) }),
  apply: Type.Object({
    policy: literals(['Never', 'OnAccept'] as const),
    existing: literals(['Keep', 'Replace'] as const),
    onDrift: literals(['Refuse', 'Overwrite'] as const),
    dryRun: Type.Boolean(),
  }),
  activeDeadlineMs: Type.Integer(),
  promptVersion: Type.String(),
  operatorVersion: Type.String(),
})
export type RunSettings = Static<typeof runSettingsSchema>
