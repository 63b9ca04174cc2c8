import type { ErrorReport, MetadataSchedule, RunTarget } from '@amx/api'
import type { ScheduleObserved } from './schedule-observed.ts'

/** Something to do. Each may be carried out twice without harm. */
export type ScheduleIntent =
  | { readonly kind: 'CancelRun'; readonly name: string }
  /** `targets` null: those of the template. */
  | { readonly kind: 'CreateRun'; readonly name: string; readonly targets: readonly RunTarget[] | null }
  | { readonly kind: 'CreateCheck'; readonly name: string }
  | { readonly kind: 'DeleteRun'; readonly name: string }

export interface ScheduleEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: 'Fired' | 'Missed' | 'Skipped' | 'Failed'
  readonly note: string
}

/** What a schedule has done so far: the part of its status that decisions go by. */
export interface Progress {
  readonly handledUntilMs: number
  readonly fired: number
  readonly lastFireMs: number | null
  readonly lastRun: string | null
  readonly lastSkippedMs: number | null
  readonly missed: readonly number[]
  /** Trouble of the last firing or look, until the next one goes well. */
  readonly lastError: ErrorReport | null
  readonly lastHandledRequest: string | null
  readonly lastHandledDismissal: string | null
  readonly catalog: { readonly checkMs: number; readonly position: number | null } | null
}

/** A run that is to be created, and what is so once it is. */
export interface Firing {
  readonly run: string
  /** Why, as the end of a sentence. */
  readonly because: string
  /** How long after its time; null where it has none. */
  readonly latenessMs: number | null
  /** Whether it stands for what was missed. */
  readonly catchesUp: boolean
  /** Change of the catalog up to which it deals with everything. */
  readonly position: number | null
}

/** What is to be done about a schedule, and how it stands afterwards. */
export interface ScheduleDecision {
  readonly intents: readonly ScheduleIntent[]
  /** As it is when nothing fires; {@link afterFiring} gives the other. */
  readonly progress: Progress
  readonly firing: Firing | null
  readonly events: readonly ScheduleEvent[]
  readonly missedNow: number
  /** Trouble that holds as long as the spec, or the store, is as it is. */
  readonly error: ErrorReport | null
  readonly nextFireMs: number | null
  /** When to look again without being woken; null = only when woken. */
  readonly requeueAfterMs: number | null
}

/** No clock is set back by this much in its ordinary life: what a status says of later times was written by a wrong one. */
export const wrongClockMs = 3_600_000

// A clock that is set, or a machine that slept, is noticed this soon.
const longestWaitMs = 5 * 60_000

/** A decision that creates no run. */
export function rest(progress: Progress, more: Partial<Omit<ScheduleDecision, 'progress'>> = {}): ScheduleDecision {
  return {
    ...{ intents: [], firing: null, events: [], missedNow: 0, error: null, nextFireMs: null, requeueAfterMs: null },
    ...more,
    progress,
  }
}

/** How long to wait for a time. */
export function waitMs(untilMs: number | null, nowMs: number): number | null {
  return untilMs === null ? null : Math.max(1, Math.min(untilMs - nowMs, longestWaitMs))
}

/** What is so once the run of a decision is there. */
export function afterFiring(progress: Progress, firing: Firing, nowMs: number): Progress {
  const { catalog } = progress
  return {
    ...progress,
    fired: progress.fired + 1,
    lastFireMs: nowMs,
    lastRun: firing.run,
    lastError: null,
    missed: firing.catchesUp ? [] : progress.missed,
    catalog: catalog && firing.position !== null ? { ...catalog, position: firing.position } : catalog,
  }
}

/** The progress that a status tells of; `lastError` only where it is about something that happened. */
export function progressOf({ schedule, timing, changedAtMs, nowMs }: ScheduleObserved): Progress {
  const status = schedule.status ?? {}
  const isSame = status.timing === timing
  const { catalog } = status
  const handledUntilMs = timeOf(status.handledUntil) ?? changedAtMs
  return {
    // The clock of whoever stored the edit may be behind the one that fired last.
    handledUntilMs: isSame || (handledUntilMs > changedAtMs && handledUntilMs <= nowMs) ? handledUntilMs : changedAtMs,
    fired: status.fired ?? 0,
    lastFireMs: timeOf(status.lastFireTime),
    lastRun: status.lastRunRef?.name ?? null,
    lastSkippedMs: timeOf(status.lastSkippedTime),
    missed: (status.missed ?? []).map((time) => Date.parse(time)),
    lastError: lastErrorOf(schedule),
    lastHandledRequest: status.lastHandledRequest ?? null,
    lastHandledDismissal: status.lastHandledDismissal ?? null,
    catalog:
      isSame && catalog !== undefined
        ? { checkMs: Date.parse(catalog.checkTime), position: catalog.position ?? null }
        : null,
  }
}

const ofFirings: ReadonlySet<string> = new Set(['AMX-1084', 'AMX-1085', 'AMX-1087'])

function lastErrorOf({ metadata, spec, status }: MetadataSchedule): ErrorReport | null {
  const { lastError, observedGeneration } = status ?? {}
  if (lastError === undefined || !ofFirings.has(lastError.code)) return null
  // Whoever edits it may have corrected it; what fires once has only the one firing to tell of.
  if (spec.at === undefined && observedGeneration !== metadata.generation) return null
  return lastError as ErrorReport
}

function timeOf(text: string | undefined): number | null {
  return text === undefined ? null : Date.parse(text)
}

/** A time as people and statuses read it, to the second. */
export function instant(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z')
}
