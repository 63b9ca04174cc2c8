import { type MetadataRun, reasons } from '@amx/api'
import type { Profile } from './plan-tests.ts'

/** How the runs of a namespace use a profile. */
export interface RunUse {
  /** Whether one does or is about to do something; one that waits for a person or for what it names does not. */
  readonly runs: 'Idle' | 'AtWork'
  /** When a stage that uses the profile last ended well, in milliseconds since the epoch; null when none did. */
  readonly provedAtMs: number | null
}

/** How these runs use a profile. Pure. */
export function runUse({ kind, object }: Profile, runs: readonly MetadataRun[]): RunUse {
  const using = runs.filter((run) => profilesOf(kind, run).includes(object.metadata.name))
  const proved = using.flatMap((run) => provedAtMs(kind, run) ?? [])
  return {
    runs: using.some(isAtWork) ? 'AtWork' : 'Idle',
    provedAtMs: proved.length === 0 ? null : Math.max(...proved),
  }
}

/** Names of the profiles of a kind that a run uses. */
export function profilesOf(kind: Profile['kind'], { spec }: Pick<MetadataRun, 'spec'>): readonly string[] {
  if (kind === 'LLMProfile') return spec.llmProfileRef === undefined ? [] : [spec.llmProfileRef.name]
  return (spec.targets ?? []).map(({ databaseProfileRef }) => databaseProfileRef.name)
}

function isAtWork({ status }: MetadataRun): boolean {
  const phase = status?.phase
  if (phase === undefined || phase === 'Running' || phase === 'Applying') return true
  return phase === 'Pending' && status?.lastError === undefined
}

function provedAtMs(kind: Profile['kind'], { status }: MetadataRun): number | null {
  const stage = kind === 'LLMProfile' ? 'Drafted' : 'Profiled'
  const ended = status?.conditions?.find(({ type }) => type === stage)
  if (ended?.status !== 'True' || ended.reason !== reasons.stageComplete) return null
  return Date.parse(ended.lastTransitionTime)
}
