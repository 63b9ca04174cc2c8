import { defaults, dismissMissedAnnotation, type MetadataSchedule, runNowAnnotation } from '@amx/api'
import { wayFor } from './concurrency.ts'
import { currentCheck, decideChanges } from './decide-changes.ts'
import { decideTimes } from './decide-times.ts'
import { requestedRunName } from './run-names.ts'
import { type Progress, progressOf, rest, type ScheduleDecision, type ScheduleIntent } from './schedule-decision.ts'
import type { RunView, ScheduleObserved } from './schedule-observed.ts'

/** Decides what a schedule needs next. Pure; `README.md` has the table. */
export function decideSchedule(observed: ScheduleObserved): ScheduleDecision {
  const { schedule } = observed
  const progress = dismissed(schedule, progressOf(observed))
  const decision = decide(observed, progress)
  return { ...decision, intents: [...decision.intents, ...removals(observed)] }
}

function decide(observed: ScheduleObserved, progress: Progress): ScheduleDecision {
  const { spec } = observed.schedule
  const token = tokenOf(observed.schedule, runNowAnnotation)
  if (token !== null && token !== progress.lastHandledRequest) return fireOnRequest(observed, progress, token)
  if (spec.suspend) return rest(progress)
  return spec.onChange === undefined ? decideTimes(observed, progress) : decideChanges(observed, progress)
}

function dismissed(schedule: MetadataSchedule, progress: Progress): Progress {
  const token = tokenOf(schedule, dismissMissedAnnotation)
  if (token === null || token === progress.lastHandledDismissal) return progress
  return { ...progress, missed: [], lastHandledDismissal: token }
}

/** A person outranks Forbid, and a pause. */
function fireOnRequest(observed: ScheduleObserved, progress: Progress, token: string): ScheduleDecision {
  const { name, uid } = observed.schedule.metadata
  const run = requestedRunName(name, uid, token)
  const way = wayFor(run, observed)
  const cancel = way.kind === 'Free' ? way.cancel : []
  return rest(
    { ...progress, lastHandledRequest: token },
    {
      intents: [
        ...cancel.map((other): ScheduleIntent => ({ kind: 'CancelRun', name: other })),
        { kind: 'CreateRun', name: run, targets: null },
      ],
      firing: { run, because: 'as it was asked for', latenessMs: null, catchesUp: true, position: null },
      requeueAfterMs: 1,
    },
  )
}

function tokenOf({ metadata }: MetadataSchedule, annotation: string): string | null {
  return metadata.annotations?.[annotation]?.slice(0, 253) || null
}

/** Runs that are no longer wanted in the cluster: looks that were read, and what is beyond historyLimits. */
function removals(observed: ScheduleObserved): ScheduleIntent[] {
  const { schedule, runs } = observed
  const check = schedule.spec.suspend ? null : currentCheck(observed)
  const limits = { ...defaults.schedule.historyLimits, ...schedule.spec.historyLimits }
  const ended = runs
    .filter(({ isCheck, collectable, deleting }) => !isCheck && collectable && !deleting)
    .sort((one, other) => other.createdAtMs - one.createdAtMs || (one.name < other.name ? 1 : -1))
  const beyond = (phases: readonly RunView['phase'][], limit: number) =>
    ended.filter(({ phase }) => phases.includes(phase)).slice(limit)
  return [
    ...runs.filter(({ isCheck, deleting, name }) => isCheck && !deleting && name !== check),
    ...beyond(['Succeeded', 'PartiallyApplied'], limits.successful),
    ...beyond(['Failed', 'Cancelled'], limits.failed),
  ].map(({ name }) => ({ kind: 'DeleteRun', name }))
}
