import type { MetadataRunStatus, RunPhase } from '@amx/api'
import type { RunDecision } from './decision.ts'

export interface RunEventText {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
}

const troubled: ReadonlySet<RunPhase> = new Set(['Failed', 'PartiallyApplied'])

/** What people should find in `kubectl describe` about a change of a run: its phases, and trouble when it begins. */
export function runEvents(before: MetadataRunStatus | undefined, decision: RunDecision): RunEventText[] {
  const { phase, reason, message, warning } = decision
  const earlier = before?.conditions?.find(({ type }) => type === 'Succeeded')?.reason
  if (before?.phase !== phase) {
    if (warning !== undefined) return [{ type: 'Warning', reason: warning.reason, note: warning.message }]
    if (phase === 'Pending' && decision.lastError === null) return []
    const type = troubled.has(phase) || (phase === 'Pending' && decision.lastError !== null) ? 'Warning' : 'Normal'
    return [{ type, reason, note: message }]
  }
  if (warning !== undefined && warning.reason !== earlier) {
    return [{ type: 'Warning', reason: warning.reason, note: warning.message }]
  }
  if (phase === 'Pending' && decision.lastError !== null && reason !== earlier) {
    return [{ type: 'Warning', reason, note: message }]
  }
  if (decision.ready !== undefined && !before?.conditions?.some((known) => known.reason === decision.ready?.reason)) {
    return [{ type: 'Warning', reason: decision.ready.reason, note: decision.ready.message }]
  }
  return []
}
