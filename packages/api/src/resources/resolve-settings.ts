import { formatAssetPath, parseAssetPath } from '../asset-path.ts'
import { AmxError } from '../errors/amx-error.ts'
import { type AssetKind, relationKinds } from '../vocabulary.ts'
import type {
  GenerationSettings,
  HandWrittenText,
  ModelSettings,
  PostgresqlConnection,
  RunSettings,
  TargetSettings,
} from '../wire/settings.ts'
import type { ContextSource } from './context-source.ts'
import type { DatabaseProfile, DatabaseProfileSpec } from './database-profile.ts'
import { defaults } from './defaults.ts'
import { parseDurationMs } from './duration.ts'
import type { GenerationSpec } from './generation.ts'
import { inheritGeneration, inheritModel, inheritTarget, type SettingsSource } from './inherit-settings.ts'
import type { LLMProfile } from './llm-profile.ts'
import type { MetadataRun, RunTarget } from './metadata-run.ts'
import { resolveContextSource } from './resolve-context.ts'
import { resolveTexts } from './resolve-texts.ts'

export interface SettingsInput {
  readonly run: Pick<MetadataRun, 'spec'>
  /** Every DatabaseProfile that a target names. */
  readonly databaseProfiles: readonly NamedSpec<DatabaseProfile>[]
  /** The LLMProfile the run names; null when it names none. */
  readonly llmProfile: NamedSpec<LLMProfile> | null
  /** The run that a Rerun or Variations go on from; its settings hold where the run's own spec says nothing. */
  readonly source?: SettingsSource
  /** Every ContextSource of {@link contextNames}, in that order. @default none */
  readonly contextSources?: readonly ContextSource[]
  readonly operatorVersion: string
  /** Version of the prompt templates the worker carries. */
  readonly promptVersion?: string
}

export type NamedSpec<Resource extends DatabaseProfile | LLMProfile> = {
  readonly metadata: Pick<Resource['metadata'], 'name'>
  readonly spec: Resource['spec']
}

/** Version of the prompt templates. It is part of a run's settings, so a change of the templates is a change of the settings. */
export const currentPromptVersion = '2'

/**
 * The settings a run works by: its spec over its LLMProfile over the defaults, and its DatabaseProfiles, resolved once. Pure.
 * Throws AMX-1001 naming the field that does not fit, AMX-1002 for a backend without an adapter, AMX-5010 for a source that is
 * not indexed; a profile that was not given
 * is a mistake of the caller (AMX-9001).
 */
export function resolveSettings(input: SettingsInput): RunSettings {
  const { run, llmProfile, source } = input
  const { spec } = run
  const named = (spec.targets ?? []).map((target, index) =>
    resolveTarget(target, index, input.databaseProfiles, kindsOf(spec.type)),
  )
  const texts = spec.source?.texts === undefined ? null : resolveTexts(spec.source.texts, named)
  const targets = texts === null ? named : named.map((target, index) => scopedToTexts(target, index, texts))
  const model = llmProfile === null ? null : resolveModel(llmProfile)
  const own = spec.generation ?? {}
  const generation =
    source === undefined
      ? resolveGeneration(own, llmProfile?.spec.generation ?? {})
      : resolveGeneration(inheritGeneration(own, source.settings.generation), {})
  const usualDeadline =
    generation.batchAPI === true ? defaults.run.activeDeadlineInBatches : defaults.run.activeDeadline
  return {
    version: 1,
    type: spec.type,
    ...(source !== undefined && { source: { uid: source.uid, name: source.name } }),
    targets: targets.map((target, index) => inheritTarget(target, source?.settings.targets[index])),
    model:
      model === null || source === undefined || spec.llmProfileRef !== undefined
        ? model
        : inheritModel(model, source.settings.model),
    generation,
    ...(texts !== null && { texts }),
    ...(input.contextSources?.length && { context: input.contextSources.map(resolveContextSource) }),
    review: { ...defaults.run.review, ...spec.review },
    apply: { ...defaults.run.apply, ...spec.apply },
    activeDeadlineMs: parseDurationMs(spec.activeDeadline ?? usualDeadline, 'spec.activeDeadline'),
    promptVersion: input.promptVersion ?? currentPromptVersion,
    operatorVersion: input.operatorVersion,
  }
}

function scopedToTexts(target: TargetSettings, index: number, texts: readonly HandWrittenText[]): TargetSettings {
  const include = texts.filter((text) => text.target === index).map(({ path }) => path)
  return { ...target, scope: { ...target.scope, include } }
}

/** How long after its end a run may be deleted, in milliseconds. */
export function ttlAfterFinishedMs(run: Pick<MetadataRun, 'spec'>): number {
  return parseDurationMs(run.spec.ttlAfterFinished ?? defaults.run.ttlAfterFinished, 'spec.ttlAfterFinished')
}

/** Identity of a PostgreSQL database across profiles and runs. */
export function postgresqlDatabaseKey(connection: {
  readonly host: string
  readonly port: number
  readonly database: string
}): string {
  const host = connection.host.toLowerCase()
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return `postgresql://${bracketed}:${connection.port}/${encodeURIComponent(connection.database)}`
}

/** How a PostgreSQL database is reached, its defaults filled in. */
export function postgresqlConnection(
  { host, port, tls }: NonNullable<DatabaseProfileSpec['postgresql']>,
  database: string,
): PostgresqlConnection {
  const { postgresql: standard } = defaults.databaseProfile
  return { host, port: port ?? standard.port, database, tlsMode: tls?.mode ?? standard.tlsMode }
}

/** Generate describes whatever is named, a schema as well. */
function kindsOf(type: RunSettings['type']): readonly AssetKind[] {
  return type === 'Generate' ? [...relationKinds, 'Schema', 'Database'] : defaults.scope.kinds
}

function resolveTarget(
  target: RunTarget,
  index: number,
  profiles: SettingsInput['databaseProfiles'],
  kinds: readonly AssetKind[],
): TargetSettings {
  const profileName = target.databaseProfileRef.name
  const profile = profiles.find(({ metadata }) => metadata.name === profileName)
  if (!profile)
    throw new AmxError('AMX-9001', { detail: `DatabaseProfile "${profileName}" was not read before settings` })
  const { spec } = profile
  if (spec.backend !== 'PostgreSQL' || !spec.postgresql) {
    throw new AmxError('AMX-1002', { field: `spec.backend: ${spec.backend} of DatabaseProfile "${profileName}"` })
  }
  const postgresql = postgresqlConnection(
    spec.postgresql,
    resolveDatabase(target, index, profileName, spec.postgresql.database),
  )
  const { statementTimeout, ...profiling } = { ...defaults.databaseProfile.profiling, ...spec.profiling }
  return {
    profileName,
    backend: spec.backend,
    databaseKey: postgresqlDatabaseKey(postgresql),
    postgresql,
    writable: spec.writerSecretRef !== undefined,
    scope: {
      include: [...(target.scope?.include ?? [])],
      exclude: [...(target.scope?.exclude ?? [])],
      tablePattern: target.scope?.tablePattern ?? null,
      kinds: [...(target.scope?.kinds ?? kinds)],
      tableLimit: target.scope?.tableLimit ?? defaults.scope.tableLimit,
      missingOnly: target.scope?.missingOnly ?? defaults.scope.missingOnly,
    },
    profiling: {
      ...profiling,
      statementTimeoutMs: parseDurationMs(
        statementTimeout,
        `DatabaseProfile "${profileName}" profiling.statementTimeout`,
      ),
    },
    privacy: {
      samples: spec.privacy?.samples ?? defaults.databaseProfile.privacy.samples,
      excludeColumns: [...(spec.privacy?.excludeColumns ?? [])],
    },
  }
}

function resolveDatabase(target: RunTarget, index: number, profileName: string, pinned: string | undefined): string {
  const field = `spec.targets[${index}].database`
  if (target.database !== undefined && pinned !== undefined && target.database !== pinned) {
    throw new AmxError('AMX-1001', {
      field,
      problem: `DatabaseProfile "${profileName}" is for the database "${pinned}" only`,
    })
  }
  const database = target.database ?? pinned
  if (database === undefined) {
    throw new AmxError('AMX-1001', {
      field,
      problem: `needed, since DatabaseProfile "${profileName}" names no database`,
    })
  }
  return database
}

/** A model as its profile has it, its defaults filled in. Throws AMX-1001 for embeddings that no server gives. */
export function resolveModel(profile: NamedSpec<LLMProfile>): ModelSettings {
  const { spec } = profile
  if (spec.provider === 'Anthropic' && spec.embeddings && spec.embeddings.baseURL === undefined) {
    throw new AmxError('AMX-1001', {
      field: `spec.embeddings.baseURL of LLMProfile "${profile.metadata.name}"`,
      problem: 'the provider Anthropic has no embeddings API: name the address of a server that has one',
    })
  }
  const limits = { ...defaults.llmProfile.limits, ...spec.limits }
  return {
    profileName: profile.metadata.name,
    provider: spec.provider,
    model: spec.model ?? 'built-in',
    baseURL: spec.baseURL ?? null,
    hasKey: spec.apiKeySecretRef !== undefined,
    limits: {
      concurrency: limits.concurrency,
      ...(limits.requestsPerMinute > 0 ? { requestsPerMinute: limits.requestsPerMinute } : {}),
      ...(limits.tokensPerMinute > 0 ? { tokensPerMinute: limits.tokensPerMinute } : {}),
      timeoutMs: parseDurationMs(limits.timeout, `LLMProfile "${profile.metadata.name}" limits.timeout`),
      retries: limits.retries,
    },
    price: spec.price
      ? {
          inputPerMillion: spec.price.inputPerMillion,
          cachedInputPerMillion: spec.price.cachedInputPerMillion ?? null,
          outputPerMillion: spec.price.outputPerMillion,
        }
      : null,
    ...(spec.limits?.contextTokens === undefined ? {} : { contextTokens: spec.limits.contextTokens }),
    ...(spec.embeddings
      ? { embeddings: { model: spec.embeddings.model, baseURL: spec.embeddings.baseURL ?? null } }
      : {}),
  }
}

function resolveGeneration(own: GenerationSpec, profile: GenerationSpec): GenerationSettings {
  const base = defaults.generation
  const bands = { ...base.bands, ...profile.bands, ...own.bands }
  const high = Number(bands.high)
  const medium = Number(bands.medium)
  if (medium > high) {
    throw new AmxError('AMX-1001', {
      field: 'spec.generation.bands',
      problem: `medium (${bands.medium}) is above high (${bands.high}) once the LLMProfile and the defaults are filled in`,
    })
  }
  const merged = { ...base, ...profile, ...own }
  return {
    alternatives: merged.alternatives,
    alternativesMode: merged.alternativesMode,
    confidenceSignal: merged.confidenceSignal,
    bands: { high, medium },
    promptDetail: merged.promptDetail,
    verbosity: merged.verbosity,
    columnBatchSize: merged.columnBatchSize,
    otherColumnNames: merged.otherColumnNames,
    temperature: Number(merged.temperature),
    maxOutputTokens: merged.maxOutputTokens,
    reasoning: { ...base.reasoning, ...profile.reasoning, ...own.reasoning },
    instructions: merged.instructions,
    ...(merged.batchAPI ? { batchAPI: true } : {}),
    ...(merged.style === undefined ? {} : { styleTable: styleTable(merged.style.like) }),
    ...(merged.deduplicate ? { deduplicate: true } : {}),
  }
}

function styleTable(like: string): string {
  const path = parseAssetPath(like)
  if (path.length === 2) return formatAssetPath(path)
  throw new AmxError('AMX-1001', {
    field: 'spec.generation.style.like',
    problem: `"${like}" names no table; write it as schema.table`,
  })
}
