import { AmxError, defaults, parseDurationMs, toAmxError } from '@amx/api'
import { isFinal } from '../run/decision.ts'
import { wayFor } from './concurrency.ts'
import { checkName, runNameAt } from './run-names.ts'
import {
  type Progress,
  progressOf,
  rest,
  type ScheduleDecision,
  type ScheduleIntent,
  waitMs,
  wrongClockMs,
} from './schedule-decision.ts'
import type { CatalogChange, RunView, ScheduleObserved } from './schedule-observed.ts'
import { changesInScope, targetsOfChanges } from './scope-of-changes.ts'

const shortestCheckMs = 10_000
const shortestIntervalMs = 60_000
const storeRetryMs = 5_000

/** The name of the look at the catalog that is due or under way; null where the schedule does not look. */
export function currentCheck(observed: ScheduleObserved): string | null {
  const { metadata, spec } = observed.schedule
  if (spec.onChange === undefined) return null
  const { handledUntilMs, catalog } = progressOf(observed)
  // By what the status says, so that after a crash it is the same; a look that began before an edit has another name.
  return checkName(metadata.name, [metadata.uid, observed.timing, handledUntilMs, catalog?.checkMs ?? 'first'])
}

/** Decides about a schedule of `onChange` that is not paused. */
export function decideChanges(observed: ScheduleObserved, progress: Progress): ScheduleDecision {
  const { schedule, runs, nowMs } = observed
  if ((schedule.spec.runTemplate.spec.targets ?? []).length === 0) {
    return rest(progress, { error: new AmxError('AMX-1086').report() })
  }
  const name = currentCheck(observed) ?? ''
  const check = runs.find((run) => run.name === name)
  // One that somebody deletes is gone soon, and made again.
  if (check?.deleting) return rest(progress, { requeueAfterMs: storeRetryMs })
  if (check !== undefined && isFinal(check.phase)) return readLook(observed, progress, check)
  if (check !== undefined) {
    const { trouble } = check
    return rest(progress, { error: trouble === null ? null : new AmxError('AMX-1087', { detail: trouble }).report() })
  }
  const lookedMs = pastOf(progress.catalog?.checkMs ?? null, nowMs)
  const dueMs = lookedMs === null ? nowMs : lookedMs + checkEveryMs(observed)
  if (dueMs > nowMs) return rest(progress, { requeueAfterMs: waitMs(dueMs, nowMs) })
  return rest(progress, { intents: [{ kind: 'CreateCheck', name }] })
}

function readLook(observed: ScheduleObserved, progress: Progress, check: RunView): ScheduleDecision {
  try {
    return decideLook(observed, progress, check)
  } catch (thrown) {
    // A scope that no run could read either.
    return rest(progress, { error: toAmxError(thrown).report() })
  }
}

function decideLook(observed: ScheduleObserved, progress: Progress, check: RunView): ScheduleDecision {
  const { schedule, catalog, nowMs } = observed
  const position = progress.catalog?.position ?? null
  const looked: Progress = { ...progress, catalog: { checkMs: nowMs, position } }
  if (catalog === null) return rest(progress, { requeueAfterMs: storeRetryMs })
  if (catalog.kind === 'Unavailable') return rest(progress, { error: catalog.error, requeueAfterMs: storeRetryMs })
  const next = { requeueAfterMs: waitMs(nowMs + checkEveryMs(observed), nowMs) }
  if (catalog.kind === 'Failed') {
    const isNew = progress.lastError?.message !== catalog.error.message
    return rest(
      { ...looked, lastError: catalog.error },
      { ...next, events: isNew ? [{ type: 'Warning', reason: 'Failed', note: catalog.error.message }] : [] },
    )
  }
  const read = progress.lastError?.code === 'AMX-1087' ? { ...looked, lastError: null } : looked
  const upToDate = { ...read, catalog: { checkMs: nowMs, position: catalog.position } }
  if (position === null) return rest(upToDate, next)
  const changes = changesInScope(schedule.spec, catalog.changes)
  if (changes.length === 0) return rest(upToDate, next)
  const firedMs = pastOf(progress.lastFireMs, nowMs)
  const isTooSoon = firedMs !== null && nowMs < firedMs + intervalMs(observed)
  // Runs are named by the minute: of one minute there is one.
  const isOfLastRun = runNameAt(schedule.metadata.name, check.createdAtMs) === progress.lastRun
  if (isTooSoon || isOfLastRun) return rest(read, next)
  return fire(observed, read, check, { changes, position: catalog.position })
}

function fire(
  observed: ScheduleObserved,
  progress: Progress,
  check: RunView,
  { changes, position }: { readonly changes: readonly CatalogChange[]; readonly position: number },
): ScheduleDecision {
  const run = runNameAt(observed.schedule.metadata.name, check.createdAtMs)
  const way = wayFor(run, observed)
  const requeueAfterMs = waitMs(observed.nowMs + checkEveryMs(observed), observed.nowMs)
  if (way.kind === 'Taken') {
    const note = `Changes of the catalog wait: run "${way.by}" still goes on and concurrencyPolicy is Forbid.`
    return rest(
      { ...progress, lastSkippedMs: observed.nowMs },
      { requeueAfterMs, events: [{ type: 'Normal', reason: 'Skipped', note }] },
    )
  }
  return rest(progress, {
    requeueAfterMs,
    intents: [
      ...way.cancel.map((name): ScheduleIntent => ({ kind: 'CancelRun', name })),
      { kind: 'CreateRun', name: run, targets: targetsOfChanges(observed.schedule.spec, changes) },
    ],
    firing: { run, because: `since ${changeWords(changes)}`, latenessMs: null, catchesUp: false, position },
  })
}

/** A time, unless a wrong clock wrote it. */
function pastOf(timeMs: number | null, nowMs: number): number | null {
  return timeMs !== null && timeMs > nowMs + wrongClockMs ? null : timeMs
}

function changeWords(changes: readonly CatalogChange[]): string {
  const tables = new Set(changes.map(({ target, table }) => `${target} ${table}`)).size
  const [first] = changes
  return tables === 1 ? `${first?.table} changed` : `${tables} tables changed`
}

function checkEveryMs({ schedule }: ScheduleObserved): number {
  const text = schedule.spec.onChange?.checkEvery ?? defaults.schedule.onChange.checkEvery
  return Math.max(shortestCheckMs, parseDurationMs(text, 'spec.onChange.checkEvery'))
}

function intervalMs({ schedule }: ScheduleObserved): number {
  const text = schedule.spec.onChange?.minimumInterval ?? defaults.schedule.onChange.minimumInterval
  return Math.max(shortestIntervalMs, parseDurationMs(text, 'spec.onChange.minimumInterval'))
}
