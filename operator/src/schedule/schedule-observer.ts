import { AmxError, defaults, digestOf, type MetadataRun, type MetadataSchedule, toAmxError } from '@amx/api'
import { objectKey, type ResourceClient } from '@amx/kube'
import type { OperatorStore } from '@amx/store'
import { type Caches, runsOfSchedule } from '../cluster/caches.ts'
import { isFinal } from '../run/decision.ts'
import { retention } from '../run/finished-run.ts'
import { isCatalogCheck, isOfSchedule } from './build-run.ts'
import { currentCheck } from './decide-changes.ts'
import { progressOf } from './schedule-decision.ts'
import type { CatalogView, RunView, ScheduleObserved } from './schedule-observed.ts'

export interface ScheduleObserverParts {
  readonly caches: Caches
  readonly schedules: ResourceClient<MetadataSchedule>
  readonly runs: ResourceClient<MetadataRun>
  readonly store: OperatorStore
  readonly now: () => number
}

/** Gathers what a decision is made from: out of the caches, and only where it matters from the API server and the store. */
export function createScheduleObserver({ caches, schedules, runs, store, now }: ScheduleObserverParts) {
  return async function observe(schedule: MetadataSchedule, signal: AbortSignal): Promise<ScheduleObserved> {
    const timing = timingOf(schedule)
    const isSame = schedule.status?.timing === timing
    const observed: ScheduleObserved = {
      schedule,
      timing,
      changedAtMs: isSame ? createdAtMs(schedule) : await changedAtMs(schedule, signal),
      runs: runsOfSchedule(caches, schedule)
        .filter((run) => isOfSchedule(run, schedule))
        .map(runView),
      catalog: null,
      nowMs: now(),
    }
    const check = currentCheck(observed)
    const run = check === null ? undefined : caches.runs.get(objectKey(schedule.metadata.namespace, check))
    if (run === undefined || !isFinal(run.status?.phase)) return observed
    return { ...observed, catalog: await lookedAt(run, progressOf(observed).catalog?.position ?? null, signal) }
  }

  /** When its spec was changed, by the clock of whoever stored it: the operator may have been away. */
  async function changedAtMs(schedule: MetadataSchedule, signal: AbortSignal): Promise<number> {
    const { namespace, name, generation = 1 } = schedule.metadata
    if (generation === 1) return createdAtMs(schedule)
    const { metadata } = await schedules.get(objectKey(namespace, name), { signal })
    const { managedFields = [] } = metadata as typeof metadata & { readonly managedFields?: readonly ManagedFields[] }
    const times = managedFields.filter(({ subresource }) => !subresource).map(({ time }) => Date.parse(time ?? ''))
    return Math.max(createdAtMs(schedule), ...times.filter((time) => !Number.isNaN(time)))
  }

  async function lookedAt(run: MetadataRun, position: number | null, signal: AbortSignal): Promise<CatalogView> {
    const { namespace, name, uid } = run.metadata
    if (run.status?.phase !== 'Succeeded') {
      // The cache keeps little of a run that ended.
      const { status } = await runs.get(objectKey(namespace, name), { signal })
      const said = status?.conditions?.find(({ type }) => type === 'Succeeded')?.message
      return failed(status?.lastError?.message ?? said ?? `run "${name}" ended ${run.status?.phase}`)
    }
    try {
      const found = await store.readCatalogChanges(uid, position, signal)
      return found === null ? failed(`the store does not know run "${name}"`) : { kind: 'Read', ...found }
    } catch (thrown) {
      const error = toAmxError(thrown)
      if (error.code !== 'AMX-9002') throw thrown
      return { kind: 'Unavailable', error: error.report() }
    }
  }
}

interface ManagedFields {
  readonly subresource?: string
  readonly time?: string
}

function failed(detail: string): CatalogView {
  return { kind: 'Failed', error: new AmxError('AMX-1087', { detail }).report() }
}

/** Digest of everything of a schedule that says when it fires; of changes also whose. */
function timingOf({ spec }: MetadataSchedule): string {
  const { at, cron, onChange, timeZone = defaults.schedule.timeZone, suspend = false, runTemplate } = spec
  return digestOf({ at, cron, onChange, timeZone, suspend, ...(onChange && { targets: runTemplate.spec.targets }) })
}

function createdAtMs({ metadata }: MetadataSchedule | MetadataRun): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0
}

function runView(run: MetadataRun): RunView {
  return {
    name: run.metadata.name,
    phase: run.status?.phase,
    isCheck: isCatalogCheck(run),
    createdAtMs: createdAtMs(run),
    deleting: run.metadata.deletionTimestamp !== undefined,
    trouble: (run.status?.phase === 'Pending' && run.status.lastError?.message) || null,
    collectable: retention(run).kind === 'Collect',
  }
}
