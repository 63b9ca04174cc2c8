import {
  AmxError,
  catalogue,
  defaults,
  type ErrorReport,
  type MetadataRun,
  type ReviewDecision,
  type RunPhase,
} from '@amx/api'
import { isFinal, reasonOf } from '../run/decision.ts'
import { gitOpsTracker } from '../run/gitops-tracking.ts'

/** How long a decision may name a run that is not there yet: a tool may create both at once. */
export const runGraceMs = 60_000

/** How long a decision stays in the cluster once it is final; the store keeps it for good. */
export const decisionRetentionMs = 30 * 24 * 3_600_000

const writeInstead = 'create a MetadataRun of type Apply'

/** What is to be done about a decision before the store is asked. */
export type DecisionStep =
  | { readonly kind: 'Record'; readonly runUid: string }
  | { readonly kind: 'Refuse'; readonly error: ErrorReport; readonly reason: string }
  | { readonly kind: 'Wait'; readonly waitMs: number; readonly error: ErrorReport }

export interface DecisionObserved {
  readonly decision: ReviewDecision
  /** Why nobody checked who made the decision, or null. */
  readonly unchecked: string | null
  readonly run: MetadataRun | null
  /** The run of the decision's uid as the store knows it, where it has left the cluster; null when it has not, or no uid is named. */
  readonly stored: { readonly uid: string; readonly phase: RunPhase } | null
  /** Name of a read-only DatabaseProfile among the run's, or null. */
  readonly readOnlyProfile: string | null
  readonly nowMs: number
}

/** Decides what becomes of a decision that is not final. Pure. */
export function decideDecision({
  decision,
  unchecked,
  run,
  stored,
  readOnlyProfile,
  nowMs,
}: DecisionObserved): DecisionStep {
  if (unchecked !== null) {
    const error = new AmxError('AMX-1040', { problem: unchecked }).report()
    return { kind: 'Refuse', error, reason: reasonOf(error) }
  }
  const { runRef, apply = defaults.decision.apply } = decision.spec
  const isGone = run === null || (runRef.uid !== undefined && runRef.uid !== run.metadata.uid)
  if (isGone && stored !== null) {
    if (stored.phase === 'Cancelled' || stored.phase === 'Failed') {
      return notReviewable(runRef.name, `the run is ${stored.phase}`)
    }
    if (apply) return notReviewable(runRef.name, `the run has left the cluster, so it writes no more: ${writeInstead}`)
    return { kind: 'Record', runUid: stored.uid }
  }
  if (run === null) {
    const error = new AmxError('AMX-1013', { what: `MetadataRun "${runRef.name}"` }).report()
    const waitMs = Date.parse(decision.metadata.creationTimestamp) + runGraceMs - nowMs
    if (waitMs > 0) return { kind: 'Wait', waitMs, error }
    return { kind: 'Refuse', error, reason: catalogue['AMX-1008'].reason }
  }
  if (runRef.uid !== undefined && runRef.uid !== run.metadata.uid) {
    return notReviewable(runRef.name, `this decision is about an earlier run of that name (uid ${runRef.uid})`)
  }
  const phase = run.status?.phase
  if (phase === 'Cancelled' || phase === 'Failed') return notReviewable(runRef.name, `the run is ${phase}`)
  if (apply && isFinal(phase)) {
    return notReviewable(runRef.name, `the run has ended, so it writes no more: ${writeInstead}`)
  }
  if (apply && readOnlyProfile !== null) {
    const error = new AmxError('AMX-1004', { name: readOnlyProfile }).report()
    return { kind: 'Refuse', error, reason: reasonOf(error) }
  }
  return { kind: 'Record', runUid: run.metadata.uid }
}

/** When a final decision may be deleted, in milliseconds from now; null = never, a GitOps tool would create it again. */
export function deletableInMs({ metadata, status }: ReviewDecision, nowMs: number): number | null {
  if (gitOpsTracker(metadata) !== null) return null
  const final = status?.conditions?.find(({ type }) => type === 'Recorded')
  const since = status?.recordedTime ?? final?.lastTransitionTime
  return since === undefined ? null : Date.parse(since) + decisionRetentionMs - nowMs
}

/** Whether a decision has been recorded or refused for good. */
export function isDecided({ status }: ReviewDecision): boolean {
  return status?.conditions?.some((known) => known.type === 'Recorded' && known.status !== 'Unknown') ?? false
}

function notReviewable(run: string, problem: string): DecisionStep {
  const error = new AmxError('AMX-1008', { asset: `run "${run}"`, problem }).report()
  return { kind: 'Refuse', error, reason: reasonOf(error) }
}
