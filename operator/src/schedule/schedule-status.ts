import {
  type Condition,
  catalogue,
  type ErrorReport,
  isErrorCode,
  type MetadataScheduleStatus,
  reasons,
  type ScheduleConditionType,
} from '@amx/api'
import { type Judgement, reasonOf, sentence } from '../run/decision.ts'
import { isActive } from './concurrency.ts'
import { instant, type Progress } from './schedule-decision.ts'
import type { RunView, ScheduleObserved } from './schedule-observed.ts'

type Phase = NonNullable<MetadataScheduleStatus['phase']>

export interface ScheduleStatusParts {
  readonly observed: ScheduleObserved
  /** After what the decision asked for was done. */
  readonly progress: Progress
  /** The run that was created just now. */
  readonly created: string | null
  readonly error: ErrorReport | null
  readonly nextFireMs: number | null
}

const mostActive = 50

/** The status of a schedule, computed once per reconcile. Pure. */
export function scheduleStatus(parts: ScheduleStatusParts): MetadataScheduleStatus {
  const { observed, progress, created, error, nextFireMs } = parts
  const { schedule, timing, runs } = observed
  const active = runs.filter(isActive).map(({ name }) => name)
  // The cache may not have it yet.
  const isNew = created !== null && !runs.some(({ name }) => name === created)
  const goingOn = (isNew ? [...active, created] : active).sort()
  const trouble = error ?? progress.lastError
  const phase = phaseOf(observed, progress, goingOn, { error, nextFireMs })
  const { ready, stalled } = judgements(observed, progress, { phase, trouble, nextFireMs })
  const { catalog } = progress
  return {
    observedGeneration: schedule.metadata.generation ?? 1,
    conditions: [condition('Ready', ready, observed), condition('Stalled', stalled, observed)],
    phase,
    ...(nextFireMs !== null && !schedule.spec.suspend && { nextFireTime: instant(nextFireMs) }),
    ...(progress.lastFireMs !== null && { lastFireTime: instant(progress.lastFireMs) }),
    ...(progress.lastRun !== null && { lastRunRef: { name: progress.lastRun } }),
    ...(goingOn.length > 0 && { active: goingOn.slice(0, mostActive).map((name) => ({ name })) }),
    ...(progress.missed.length > 0 && { missed: progress.missed.map(instant) }),
    ...(progress.fired > 0 && { fired: progress.fired }),
    ...(progress.lastSkippedMs !== null && { lastSkippedTime: instant(progress.lastSkippedMs) }),
    ...(trouble !== null && {
      lastError: {
        code: trouble.code,
        message: trouble.message.slice(0, 400),
        remedy: trouble.remedy.slice(0, 260),
      },
    }),
    ...(progress.lastHandledRequest !== null && { lastHandledRequest: progress.lastHandledRequest }),
    ...(progress.lastHandledDismissal !== null && { lastHandledDismissal: progress.lastHandledDismissal }),
    handledUntil: instant(progress.handledUntilMs),
    timing,
    ...(catalog !== null && {
      catalog: {
        checkTime: instant(catalog.checkMs),
        ...(catalog.position !== null && { position: catalog.position }),
      },
    }),
  }
}

function phaseOf(
  { schedule, runs }: ScheduleObserved,
  progress: Progress,
  goingOn: readonly string[],
  { error, nextFireMs }: Pick<ScheduleStatusParts, 'error' | 'nextFireMs'>,
): Phase {
  const { spec, status } = schedule
  if (spec.suspend) return 'Paused'
  if (goingOn.length > 0) return 'Running'
  if (progress.missed.length > 0) return 'Missed'
  if (spec.at === undefined || nextFireMs !== null) return 'Pending'
  if (error !== null || progress.lastError !== null) return 'Failed'
  const last = runs.find(({ name }) => name === progress.lastRun)
  if (last === undefined) return endedBefore(status?.phase) ?? (progress.lastRun === null ? 'Cancelled' : 'Completed')
  return endOf(last)
}

function endOf({ phase }: RunView): Phase {
  if (phase === 'Failed') return 'Failed'
  return phase === 'Cancelled' ? 'Cancelled' : 'Completed'
}

/** A run may be gone long before its schedule. */
function endedBefore(phase: Phase | undefined): Phase | null {
  return phase === 'Completed' || phase === 'Failed' || phase === 'Cancelled' ? phase : null
}

function judgements(
  { schedule }: ScheduleObserved,
  { missed, lastSkippedMs, lastFireMs }: Progress,
  {
    phase,
    trouble,
    nextFireMs,
  }: { readonly phase: Phase; readonly trouble: ErrorReport | null; readonly nextFireMs: number | null },
): { readonly ready: Judgement; readonly stalled: Judgement } {
  if (trouble !== null) {
    const judgement = { reason: reasonOf(trouble), message: sentence(trouble) }
    const isPassing = isErrorCode(trouble.code) && catalogue[trouble.code].retry === 'Retry'
    return { ready: { status: 'False', ...judgement }, stalled: { status: isPassing ? 'False' : 'True', ...judgement } }
  }
  const skipped =
    lastSkippedMs !== null && lastSkippedMs > (lastFireMs ?? 0)
      ? ` ${instant(lastSkippedMs)} was left out since a run went on.`
      : ''
  const next = nextFireMs === null ? '' : ` It fires next at ${instant(nextFireMs)}.`
  const [reason, message] = ((): readonly [string, string] => {
    if (phase === 'Paused') return [reasons.suspended, 'Paused: nothing fires until it is resumed.']
    if (missed.length > 0) {
      return [reasons.missed, `Times were missed: run-now catches up, dismiss forgets.${next}`]
    }
    if (schedule.spec.onChange !== undefined)
      return [reasons.watching, `The catalog is looked at for changes.${skipped}`]
    if (nextFireMs === null) return [reasons.finished, 'It fires no more.']
    return [reasons.scheduled, `${next.trim()}${skipped}`]
  })()
  return {
    ready: { status: 'True', reason, message },
    stalled: { status: 'False', reason, message: 'Nothing stands in the way.' },
  }
}

function condition(
  type: ScheduleConditionType,
  judgement: Judgement,
  { schedule, nowMs }: ScheduleObserved,
): Condition {
  const old = schedule.status?.conditions?.find((known) => known.type === type)
  return {
    type,
    ...judgement,
    message: judgement.message.slice(0, 1_000),
    observedGeneration: schedule.metadata.generation ?? 1,
    lastTransitionTime: old?.status === judgement.status ? old.lastTransitionTime : new Date(nowMs).toISOString(),
  }
}
