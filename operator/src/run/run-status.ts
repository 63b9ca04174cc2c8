import {
  type Condition,
  fitRunStatus,
  type MetadataRun,
  type MetadataRunStatus,
  type RunConditionType,
  type RunPhase,
  type RunSettings,
  type RunSummary,
  reasons,
  runConditionTypes,
} from '@amx/api'
import { activeMs, durationText } from './active-time.ts'
import { isFinal, type Judgement, type RunDecision, type StageCondition } from './decision.ts'
import { retention } from './finished-run.ts'
import type { JobView } from './run-observed.ts'
import { onlyWrites } from './write-source.ts'

export interface StatusInput {
  readonly run: MetadataRun
  readonly decision: RunDecision
  /** Null while the store does not know the run: figures stay as they were. */
  readonly summary: RunSummary | null
  /** The settings as they were frozen, when that happened in this reconcile. */
  readonly frozen: { readonly digest: string; readonly settings: RunSettings } | null
  readonly jobs: readonly JobView[]
  readonly nowMs: number
}

/** The whole status of a run, computed once from what was decided and observed; what is not known any more stays as it was. */
export function runStatus({ run, decision, summary, frozen, jobs, nowMs }: StatusInput): MetadataRunStatus {
  const before = run.status ?? {}
  const now = new Date(nowMs).toISOString()
  const begins = before.startTime === undefined && (frozen !== null || summary !== null)
  const ends = isFinal(decision.phase) && before.completionTime === undefined
  const conditions = mergeConditions(before.conditions ?? [], judgements(run, decision), run.metadata.generation, now)
  const rests = wasActive(before) && !conditions.some(({ type, status }) => type === 'Reconciling' && status === 'True')
  const { lastError: earlierError, ...kept } = before
  const lastError = decision.lastError ?? (isFinal(decision.phase) ? undefined : earlierError)
  return fitRunStatus({
    ...kept,
    observedGeneration: run.metadata.generation,
    phase: decision.phase,
    conditions,
    ...(summary !== null && figures(run, summary)),
    ...(frozen !== null && { settings: settingsStatus(frozen) }),
    ...jobsStatus(before, jobs),
    ...(lastError !== undefined && { lastError: { ...lastError } }),
    ...(begins && { startTime: now }),
    ...(ends && { completionTime: now }),
    ...(rests && before.startTime !== undefined && { duration: durationText(activeMs(before, nowMs)) }),
  })
}

/** The conditions a decision stands for: kstatus's four, then the stages. */
export function judgements(run: MetadataRun, decision: RunDecision): Partial<Record<RunConditionType, Judgement>> {
  const { phase, reason, message } = decision
  const keep = isFinal(phase) ? retention(run) : null
  return {
    Succeeded: { status: succeededStatus(phase), reason, message },
    Ready: decision.ready ?? { status: readyStatus(phase), reason, message },
    Reconciling: isReconciling(phase)
      ? { status: 'True', reason, message }
      : { status: 'False', reason: isFinal(phase) ? reasons.finished : reason, message: 'Nothing is being done.' },
    Stalled:
      phase === 'Failed' || phase === 'Cancelled'
        ? { status: 'True', reason, message }
        : isFinal(phase)
          ? { status: 'False', reason: reasons.finished, message: 'The run has ended.' }
          : { status: 'False', reason, message: 'Nothing ends the run before its time.' },
    ...(isFinal(phase) ? asEnded(decision.stages) : decision.stages),
    ...(keep?.kind === 'Keep' && { Retained: { status: 'True', reason: keep.reason, message: keep.message } }),
  }
}

/** Stages in the words of a run that has ended: nothing begins or goes on any more. */
function asEnded(stages: RunDecision['stages']): RunDecision['stages'] {
  const ended: RunDecision['stages'] = {}
  for (const type of runConditionTypes) {
    if (!isStage(type)) continue
    const judgement = stages[type]
    if (judgement === undefined) continue
    const began = judgement.reason === reasons.stageInProgress
    const message = began ? 'The run ended before this was finished.' : 'The run ended before this was reached.'
    const open = began || judgement.reason === reasons.stageWaiting
    ended[type] = open ? { status: 'Unknown', reason: reasons.stageNotReached, message } : judgement
  }
  return ended
}

function isStage(type: RunConditionType): type is StageCondition {
  return type !== 'Succeeded' && type !== 'Ready' && type !== 'Reconciling' && type !== 'Stalled'
}

/** Whether two statuses differ in more than figures and wording: such a change is written at once. */
export function isTransition(before: MetadataRunStatus | undefined, after: MetadataRunStatus): boolean {
  return before === undefined || signature(before) !== signature(after)
}

function signature(status: MetadataRunStatus): string {
  return JSON.stringify([
    status.observedGeneration,
    status.phase,
    status.conditions?.map(({ type, status: value, reason }) => [type, value, reason]),
    status.jobs?.map(({ name, state }) => [name, state]),
    status.lastError?.code,
    status.draft?.digest,
    status.settings?.digest,
  ])
}

function succeededStatus(phase: RunPhase): Condition['status'] {
  if (phase === 'Succeeded' || phase === 'PartiallyApplied') return 'True'
  return phase === 'Failed' || phase === 'Cancelled' ? 'False' : 'Unknown'
}

function readyStatus(phase: RunPhase): Condition['status'] {
  const ready: readonly RunPhase[] = ['AwaitingReview', 'Suspended', 'Succeeded', 'PartiallyApplied']
  return ready.includes(phase) ? 'True' : 'False'
}

function isReconciling(phase: RunPhase): boolean {
  return phase === 'Pending' || phase === 'Running' || phase === 'Applying'
}

function wasActive(status: MetadataRunStatus): boolean {
  return (
    status.conditions?.some((condition) => condition.type === 'Reconciling' && condition.status === 'True') ?? false
  )
}

function mergeConditions(
  before: readonly Condition[],
  judged: Partial<Record<RunConditionType, Judgement>>,
  observedGeneration: number,
  now: string,
): Condition[] {
  return runConditionTypes.flatMap((type) => {
    const old = before.find((condition) => condition.type === type)
    const judgement = judged[type]
    if (judgement === undefined) return old === undefined ? [] : [old]
    const since = old !== undefined && old.status === judgement.status ? old.lastTransitionTime : now
    return [{ type, ...judgement, observedGeneration, lastTransitionTime: since }]
  })
}

function figures(run: MetadataRun, summary: RunSummary): MetadataRunStatus {
  const { tables, columns, confidence, review, apply, cost } = summary
  const { amount, priceTable, ...counts } = cost
  const { mean, histogram, ...bands } = confidence
  // What a dry run would write is said in its conditions; these figures are what was written.
  const written = run.spec.apply?.dryRun === true ? { applied: 0, failed: 0, refused: 0, unsupported: 0 } : apply
  // A run of type Apply profiles and drafts nothing: zeros about that would read as a failure.
  if (onlyWrites(run)) return { apply: written }
  return {
    progress: `${tables.settled}/${tables.total}`,
    columns,
    ...(summary.deduplicated !== undefined && { deduplicated: summary.deduplicated }),
    confidence: {
      ...bands,
      ...(mean !== null && { mean: mean.toFixed(2) }),
      ...(histogram !== undefined && { histogram }),
    },
    review,
    apply: written,
    cost: {
      ...counts,
      currency: 'USD',
      ...(amount !== null && { amount }),
      ...(priceTable !== null && { priceTable }),
    },
    ...(summary.draftDigest !== null && {
      draft: {
        digest: summary.draftDigest,
        // Frozen with the digest: rows that are decided or written later are still rows of this draft.
        rows: run.status?.draft?.rows ?? review.unreviewed + review.accepted + review.skipped + review.rejected,
      },
    }),
  }
}

function settingsStatus({
  digest,
  settings,
}: NonNullable<StatusInput['frozen']>): MetadataRunStatus['settings'] & object {
  const { model, promptVersion, operatorVersion } = settings
  return { digest, promptVersion, operatorVersion, ...(model !== null && { model: model.model }) }
}

/** The Jobs of a run that ended, as they ended; null while one is still at work or when nothing changed. */
export function endedJobs(run: MetadataRun, jobs: readonly JobView[]): MetadataRunStatus['jobs'] | null {
  const before = run.status?.jobs ?? []
  if (before.every(({ state }) => state !== 'Running' && state !== 'Pending')) return null
  if (jobs.some((job) => job.state === 'Active' && !job.deleting)) return null
  const seen = new Set(jobs.filter(({ deleting }) => !deleting).map(({ name }) => name))
  return (jobsStatus(run.status ?? {}, jobs).jobs ?? []).map((job) =>
    seen.has(job.name) || (job.state !== 'Running' && job.state !== 'Pending') ? job : { ...job, state: 'Stopped' },
  )
}

/** The status of a run that ended once its last workers have: a call they still waited for is paid for, and counts. */
export function endedStatus(
  run: MetadataRun,
  jobs: MetadataRunStatus['jobs'] & object,
  summary: RunSummary | null,
): MetadataRunStatus {
  return fitRunStatus({ ...run.status, ...(summary !== null && figures(run, summary)), jobs })
}

function jobsStatus(before: MetadataRunStatus, jobs: readonly JobView[]): Pick<MetadataRunStatus, 'jobs'> {
  const known = new Map((before.jobs ?? []).map((job) => [job.name, job]))
  for (const job of [...jobs].sort((a, b) => a.createdAtMs - b.createdAtMs || a.name.localeCompare(b.name))) {
    known.set(job.name, { stage: job.stage, name: job.name, attempt: job.attempt, state: jobState(job) })
  }
  return known.size === 0 ? {} : { jobs: [...known.values()].slice(-10) }
}

function jobState(job: JobView): 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Stopped' {
  if (job.state === 'Failed') return 'Failed'
  if (job.state === 'Active') return job.pods.some((pod) => pod.state === 'Running') ? 'Running' : 'Pending'
  return job.pods.some((pod) => pod.summary?.outcome === 'Stopped') ? 'Stopped' : 'Succeeded'
}
