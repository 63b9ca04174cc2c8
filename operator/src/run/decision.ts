import { catalogue, type ErrorReport, isErrorCode, type RunConditionType, type RunPhase } from '@amx/api'
import type { Intent } from './run-observed.ts'

/** A condition before it has a time. */
export interface Judgement {
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

export type StageCondition = Extract<
  RunConditionType,
  'ScopeResolved' | 'Profiled' | 'Drafted' | 'Reviewed' | 'Applied' | 'Retained'
>

/** What is to be done about a run, and how it stands in words. */
export interface RunDecision {
  /** Carried out in order; the run is observed and decided again afterwards. Empty: only the status is written. */
  readonly intents: readonly Intent[]
  readonly phase: RunPhase
  /** Reason and message of Succeeded, Ready, Reconciling and Stalled. */
  readonly reason: string
  readonly message: string
  /** Overrides what the phase says about Ready, for a store that is down and the like. */
  readonly ready?: Judgement
  readonly stages: Partial<Record<StageCondition, Judgement>>
  readonly lastError: ErrorReport | null
  /** When to look again without being woken; null = only when woken. */
  readonly requeueAfterMs: number | null
  /** Trouble a person should hear about although the run goes on. */
  readonly warning?: { readonly reason: string; readonly message: string }
}

export const finalPhases: ReadonlySet<RunPhase> = new Set(['Succeeded', 'PartiallyApplied', 'Failed', 'Cancelled'])

/** Whether a run has ended for good. */
export function isFinal(phase: RunPhase | undefined): boolean {
  return phase !== undefined && finalPhases.has(phase)
}

/** A decision that only waits. */
export function rest(
  phase: RunPhase,
  reason: string,
  message: string,
  more: Partial<Omit<RunDecision, 'phase' | 'reason' | 'message'>> = {},
): RunDecision {
  return { intents: [], phase, reason, message, stages: {}, lastError: null, requeueAfterMs: null, ...more }
}

/** The end of a run by an error. */
export function fail(error: ErrorReport, stages: RunDecision['stages']): RunDecision {
  return rest('Failed', reasonOf(error), sentence(error), { stages, lastError: error })
}

/** Condition reason of a catalogue error. */
export function reasonOf(error: ErrorReport): string {
  return isErrorCode(error.code) ? catalogue[error.code].reason : catalogue['AMX-9001'].reason
}

/** An error as a sentence with its remedy and code. */
export function sentence(error: ErrorReport): string {
  // It begins with an asset, whose name stays as it is written.
  const message = error.code === 'AMX-1006' ? error.message : capital(error.message)
  // Words of others may bring their own full stop.
  return `${message}${/[.?!]$/.test(message) ? '' : '.'} ${error.remedy} (${error.code})`
}

/** A text as the beginning of a sentence; a path or a name at its head stays as it is. */
export function capital(text: string): string {
  return /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
}
