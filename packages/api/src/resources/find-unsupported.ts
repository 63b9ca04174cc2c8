import type { DatabaseProfile } from './database-profile.ts'
import type { LLMProfile } from './llm-profile.ts'
import type { MetadataRun } from './metadata-run.ts'

export interface SupportInput {
  readonly run: Pick<MetadataRun, 'spec'>
  readonly databaseProfiles: readonly {
    readonly metadata: Pick<DatabaseProfile['metadata'], 'name'>
    readonly spec: DatabaseProfile['spec']
  }[]
  readonly llmProfile: {
    readonly metadata: Pick<LLMProfile['metadata'], 'name'>
    readonly spec: LLMProfile['spec']
  } | null
}

/**
 * The first field whose behaviour this version lacks, as a JSON path (with the value where another one would do, and the
 * profile where it stands on one), or null. A field set to its default counts as not used.
 */
export function findUnsupported({ run, databaseProfiles, llmProfile }: SupportInput): string | null {
  return (
    inSignal(run, llmProfile) ??
    inBatchAPI(run, llmProfile) ??
    first(databaseProfiles, ({ metadata, spec }) => on(inDatabaseProfile(spec), 'DatabaseProfile', metadata.name)) ??
    (llmProfile && on(inLLMProfile(llmProfile.spec), 'LLMProfile', llmProfile.metadata.name))
  )
}

// They come from a model's reply; the built-in drafter asks none.
const modelSignals: readonly string[] = ['Logprob', 'SelfDeclared', 'Judge']

function inSignal({ spec }: SupportInput['run'], llmProfile: SupportInput['llmProfile']): string | null {
  if (llmProfile?.spec.provider !== 'BuiltIn') return null
  const { metadata, spec: profile } = llmProfile
  const named = (signal: string | undefined) => signal !== undefined && modelSignals.includes(signal)
  const field = (signal: string | undefined) => `spec.generation.confidenceSignal: ${signal} with provider BuiltIn`
  const ofRun = spec.generation?.confidenceSignal
  if (ofRun !== undefined) return named(ofRun) ? field(ofRun) : null
  const ofProfile = profile.generation?.confidenceSignal
  return named(ofProfile) ? on(field(ofProfile), 'LLMProfile', metadata.name) : null
}

const batchProviders: readonly string[] = ['OpenAI', 'Anthropic']

function inBatchAPI({ spec }: SupportInput['run'], llmProfile: SupportInput['llmProfile']): string | null {
  if (llmProfile === null || batchProviders.includes(llmProfile.spec.provider)) return null
  const { metadata, spec: profile } = llmProfile
  const field = `spec.generation.batchAPI: true with provider ${profile.provider}`
  if (spec.generation?.batchAPI !== undefined) return spec.generation.batchAPI ? field : null
  return profile.generation?.batchAPI ? on(field, 'LLMProfile', metadata.name) : null
}

function inDatabaseProfile(spec: DatabaseProfile['spec']): string | null {
  return spec.backend === 'PostgreSQL' ? null : `spec.backend: ${spec.backend}`
}

function inLLMProfile(spec: LLMProfile['spec']): string | null {
  // The built-in drafter makes no calls.
  return spec.embeddings && spec.provider === 'BuiltIn' ? 'spec.embeddings with provider BuiltIn' : null
}

function on(field: string | null, kind: string, name: string): string | null {
  return field === null ? null : `${field} of ${kind} "${name}"`
}

function first<Item>(items: readonly Item[], find: (item: Item, index: number) => string | null): string | null {
  for (const [index, item] of items.entries()) {
    const found = find(item, index)
    if (found !== null) return found
  }
  return null
}
