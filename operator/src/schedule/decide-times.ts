import { AmxError, defaults, type FiringTimes, firingTimes, parseDurationMs, toAmxError } from '@amx/api'
import { wayFor } from './concurrency.ts'
import { runNameAt } from './run-names.ts'
import {
  instant,
  type Progress,
  rest,
  type ScheduleDecision,
  type ScheduleEvent,
  type ScheduleIntent,
  waitMs,
  wrongClockMs,
} from './schedule-decision.ts'
import type { ScheduleObserved } from './schedule-observed.ts'

/** Of times that came while nobody looked, these many are looked at, the newest. */
const mostTimes = 100
/** Missed times that the status has. */
const mostMissed = 10
/** An operator is woken and elected within this. */
const shortestDeadlineMs = 10_000

/** Decides about a schedule of `at` or `cron` that is not paused. */
export function decideTimes(observed: ScheduleObserved, progress: Progress): ScheduleDecision {
  const { schedule, nowMs } = observed
  const { at, cron } = schedule.spec
  let times: FiringTimes
  try {
    times = firingTimes(schedule.spec)
  } catch (thrown) {
    return rest(progress, { error: toAmxError(thrown).report() })
  }
  const wasAhead = cron !== undefined && progress.handledUntilMs > nowMs + wrongClockMs
  const begun = wasAhead ? { ...progress, handledUntilMs: nowMs } : progress
  const due = times.between(begun.handledUntilMs, nowMs, mostTimes)
  const nextFireMs = times.after(Math.max(nowMs, begun.handledUntilMs), 1)[0] ?? null
  const decision = due.length === 0 ? rest(begun) : decideDue(observed, begun, due)
  return {
    ...decision,
    nextFireMs,
    requeueAfterMs: decision.requeueAfterMs ?? waitMs(nextFireMs, nowMs),
    error: standing(observed, decision, nextFireMs, at === undefined ? null : times),
  }
}

function decideDue(observed: ScheduleObserved, progress: Progress, due: readonly number[]): ScheduleDecision {
  const { schedule, runs, nowMs } = observed
  const { name } = schedule.metadata
  const newest = due.at(-1) ?? nowMs
  const deadlineMs = deadlineOf(observed)
  // A run that is there was created before a crash, however long ago that is.
  const isThere = (time: number) => runs.some((run) => run.name === runNameAt(name, time))
  const late = due.filter((time) => nowMs - time > deadlineMs && !isThere(time))
  const handled = { ...progress, handledUntilMs: newest }
  const catchesUp = (schedule.spec.missed ?? defaults.schedule.missed) === 'RunOnce'
  const surfaced = catchesUp ? rest(handled, { missedNow: late.length }) : surface(handled, late)
  if (late.includes(newest) && !catchesUp) return surfaced
  const run = runNameAt(name, newest)
  const way = wayFor(run, observed)
  if (way.kind === 'Taken') {
    // What fires once has no other time: somebody has to say.
    if (schedule.spec.at !== undefined) return surface(handled, [newest])
    return skipped(surfaced, newest, way.by)
  }
  return {
    ...surfaced,
    intents: [
      ...way.cancel.map((other): ScheduleIntent => ({ kind: 'CancelRun', name: other })),
      { kind: 'CreateRun', name: run, targets: null },
    ],
    firing: {
      run,
      because: late.includes(newest) ? `to catch up with ${missedWords(late)}` : `for ${instant(newest)}`,
      // One that is there was in time, whenever it is found.
      latenessMs: isThere(newest) ? null : nowMs - newest,
      catchesUp,
      position: null,
    },
  }
}

function surface(progress: Progress, late: readonly number[]): ScheduleDecision {
  if (late.length === 0) return rest(progress)
  const missed = [...new Set([...progress.missed, ...late])].sort((one, other) => one - other).slice(-mostMissed)
  const event: ScheduleEvent = {
    type: 'Warning',
    reason: 'Missed',
    note: `Nothing ran for ${missedWords(late)}: run-now catches up, dismiss forgets.`,
  }
  return rest({ ...progress, missed }, { events: [event], missedNow: late.length })
}

function skipped(decision: ScheduleDecision, time: number, by: string): ScheduleDecision {
  const note = `${instant(time)} was left out: run "${by}" still goes on and concurrencyPolicy is Forbid.`
  return {
    ...decision,
    progress: { ...decision.progress, lastSkippedMs: time },
    events: [...decision.events, { type: 'Warning', reason: 'Skipped', note }],
  }
}

function missedWords(late: readonly number[]): string {
  const newest = instant(late.at(-1) ?? 0)
  const count = late.length >= mostTimes ? `${mostTimes} or more` : String(late.length)
  return late.length === 1 ? newest : `${count} times, the newest ${newest}`
}

function deadlineOf({ schedule }: ScheduleObserved): number {
  const text = schedule.spec.startingDeadline ?? defaults.schedule.startingDeadline
  return Math.max(shortestDeadlineMs, parseDurationMs(text, 'spec.startingDeadline'))
}

/** What is wrong with a spec that can be read and yet fires nothing. */
function standing(
  { schedule }: ScheduleObserved,
  { progress, firing }: ScheduleDecision,
  nextFireMs: number | null,
  at: FiringTimes | null,
) {
  const { metadata, spec } = schedule
  if (nextFireMs !== null || firing !== null) return null
  if (at === null) return new AmxError('AMX-1083', { cron: spec.cron ?? '' }).report()
  const [time = 0] = at.after(0, 1)
  const isDealtWith = progress.handledUntilMs === time || (progress.lastFireMs ?? 0) >= time
  if (isDealtWith || progress.missed.length > 0) return null
  return new AmxError('AMX-1082', { at: spec.at ?? '', schedule: metadata.name }).report()
}
