import { AmxError } from '../errors/amx-error.ts'
import type { ContextSettings, RunSettings } from '../wire/settings.ts'
import type { ContextSource } from './context-source.ts'
import type { DatabaseProfile } from './database-profile.ts'
import type { MetadataRun } from './metadata-run.ts'

/**
 * The ContextSources a run's drafts may cite, each once: its own contextRefs, where it has none those of the run it goes on from,
 * else those of its DatabaseProfiles. An empty list of its own means none; a run that only writes, or takes texts that people
 * wrote, needs none.
 */
export function contextNames(
  { spec }: Pick<MetadataRun, 'spec'>,
  databaseProfiles: readonly Pick<DatabaseProfile, 'spec'>[],
  source: RunSettings | null,
): string[] {
  if (spec.type === 'Apply' || spec.source?.texts !== undefined) return []
  const references =
    spec.contextRefs ?? source?.context ?? databaseProfiles.flatMap((profile) => profile.spec.contextRefs ?? [])
  return [...new Set(references.map(({ name }) => name))]
}

/** A source as settings keep it. Throws AMX-5010 while nothing of it is indexed. */
export function resolveContextSource({ metadata, spec, status }: ContextSource): ContextSettings {
  const { name, uid } = metadata
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  if (status?.revision === undefined || ready?.status !== 'True') {
    const stalled = status?.conditions?.find(({ type, status: judged }) => type === 'Stalled' && judged === 'True')
    const words = stalled?.message ?? ready?.message
    throw new AmxError('AMX-5010', { name, detail: words === undefined ? '' : `: ${words.replace(/[.]$/, '')}` })
  }
  return { name, uid, kind: spec.kind, revision: status.revision }
}
