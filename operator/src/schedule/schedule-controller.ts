import { AmxError, type ErrorReport, type MetadataRun, type MetadataSchedule, toAmxError } from '@amx/api'
import {
  type EventRecorder,
  isAlreadyExists,
  isNotFound,
  KubeError,
  objectKey,
  type ReconcileContext,
  type ReconcileRequest,
  type ReconcileResult,
  type ResourceClient,
} from '@amx/kube'
import { withKind } from '../cluster/with-kind.ts'
import { sentence } from '../run/decision.ts'
import { statusPatch } from '../run/status-patch.ts'
import { buildCheck, buildRun, isOfSchedule } from './build-run.ts'
import { decideSchedule } from './decide-schedule.ts'
import { afterFiring, type ScheduleDecision, type ScheduleEvent, type ScheduleIntent } from './schedule-decision.ts'
import type { ScheduleMetrics } from './schedule-metrics.ts'
import type { ScheduleObserved } from './schedule-observed.ts'
import { createScheduleObserver, type ScheduleObserverParts } from './schedule-observer.ts'
import { scheduleStatus } from './schedule-status.ts'

export interface ScheduleControllerParts extends ScheduleObserverParts {
  readonly runs: ResourceClient<MetadataRun>
  readonly events: EventRecorder
  readonly metrics: ScheduleMetrics
}

const refusedRetryMs = 60_000

/** The controller of MetadataSchedules: observe, decide, create and delete runs, then write the status once. */
export function createScheduleReconcile(parts: ScheduleControllerParts) {
  const observe = createScheduleObserver(parts)

  return async function reconcileSchedule(
    { key }: ReconcileRequest,
    context: ReconcileContext,
  ): Promise<ReconcileResult | undefined> {
    const schedule = parts.caches.schedules.get(key)
    if (schedule === undefined || schedule.metadata.deletionTimestamp !== undefined) return undefined
    const observed = await observe(schedule, context.signal)
    const decision = decideSchedule(observed)
    const refusal = await carryOutAll(decision.intents, observed, context)
    const settled = refusal === null ? fired(decision, observed) : refused(decision, refusal)
    await writeStatus(observed, settled, context)
    for (const event of settled.events) record(schedule, event)
    count(settled)
    const { requeueAfterMs } = settled
    return requeueAfterMs === null ? undefined : { requeueAfterMs: Math.ceil(requeueAfterMs) }
  }

  /** Carries intents out in order; gives why a run could not be created, and then does nothing of what follows. */
  async function carryOutAll(
    intents: readonly ScheduleIntent[],
    observed: ScheduleObserved,
    context: ReconcileContext,
  ): Promise<AmxError | null> {
    const { name } = observed.schedule.metadata
    for (const intent of intents) {
      context.logger.info({ schedule: name, intent: intent.kind, run: intent.name }, 'carry out')
      try {
        await carryOut(intent, observed, context)
      } catch (thrown) {
        const error = refusalOf(thrown, intent.name, observed)
        if (error === null) throw thrown
        return error
      }
    }
    return null
  }

  async function carryOut(
    intent: ScheduleIntent,
    { schedule }: ScheduleObserved,
    context: ReconcileContext,
  ): Promise<void> {
    const { signal } = context
    const key = objectKey(schedule.metadata.namespace, intent.name)
    switch (intent.kind) {
      case 'CreateRun':
        return create(buildRun(schedule, intent.name, intent.targets), schedule, context)
      case 'CreateCheck':
        return create(buildCheck(schedule, intent.name), schedule, context)
      case 'CancelRun':
        await parts.runs.patch(key, { spec: { desiredState: 'Cancel' } }, { signal }).catch(ignoreGone)
        return
      case 'DeleteRun': {
        const uid = parts.caches.runs.get(key)?.metadata.uid
        if (uid !== undefined) await parts.runs.delete(key, { signal, uid })
      }
    }
  }

  async function create(
    run: ReturnType<typeof buildRun>,
    schedule: MetadataSchedule,
    context: ReconcileContext,
  ): Promise<void> {
    const isOurs = (existing: MetadataRun) => isOfSchedule(existing, schedule)
    const { object } = await parts.runs.create(run as MetadataRun, { signal: context.signal, isOurs })
    context.wrote(parts.caches.runs, object.metadata.resourceVersion)
  }

  async function writeStatus(
    observed: ScheduleObserved,
    { progress, firing, error, nextFireMs }: ScheduleDecision,
    context: ReconcileContext,
  ): Promise<void> {
    const { schedule } = observed
    const status = scheduleStatus({ observed, progress, created: firing?.run ?? null, error, nextFireMs })
    const change = statusPatch(schedule.status, status)
    if (change === null) return
    const { namespace, name } = schedule.metadata
    const written = await parts.schedules.patchStatus(objectKey(namespace, name), change, { signal: context.signal })
    context.wrote(parts.caches.schedules, written.metadata.resourceVersion)
  }

  function record(schedule: MetadataSchedule, event: ScheduleEvent): void {
    parts.events.record({ regarding: withKind(schedule, 'MetadataSchedule'), ...event })
  }

  function count({ firing, missedNow, events }: ScheduleDecision): void {
    if (firing !== null) parts.metrics.fired(firing.latenessMs)
    if (missedNow > 0) parts.metrics.missed(missedNow)
    if (events.some(({ reason }) => reason === 'Skipped')) parts.metrics.skipped()
  }
}

function fired(decision: ScheduleDecision, { nowMs }: ScheduleObserved): ScheduleDecision {
  const { firing, progress, events } = decision
  if (firing === null) return decision
  const note = `Run "${firing.run}" was created ${firing.because}.`
  return {
    ...decision,
    progress: afterFiring(progress, firing, nowMs),
    events: [...events, { type: 'Normal', reason: 'Fired', note }],
  }
}

/** Nothing fired; a time is over all the same, and a look at the catalog is tried again. */
function refused(decision: ScheduleDecision, error: AmxError): ScheduleDecision {
  const report: ErrorReport = error.report()
  if (decision.firing === null) return { ...decision, error: report, requeueAfterMs: refusedRetryMs }
  return {
    ...decision,
    firing: null,
    progress: { ...decision.progress, lastError: report },
    events: [...decision.events, { type: 'Warning', reason: 'Failed', note: sentence(report) }],
  }
}

/** Why the API server refuses a run for good; null for what passes. */
function refusalOf(thrown: unknown, run: string, { schedule, nowMs }: ScheduleObserved): AmxError | null {
  if (isAlreadyExists(thrown)) return new AmxError('AMX-1085', { run, schedule: schedule.metadata.name })
  const isRefused = thrown instanceof KubeError && [400, 403, 422].includes(thrown.status)
  if (!isRefused && !(thrown instanceof AmxError && thrown.entry.retry === 'AfterFix')) return null
  const time = new Date(nowMs).toISOString().slice(0, 19)
  return new AmxError('AMX-1084', { time: `${time}Z`, detail: toDetail(thrown), schedule: schedule.metadata.name })
}

function toDetail(thrown: unknown): string {
  return thrown instanceof KubeError ? thrown.message : toAmxError(thrown).message
}

function ignoreGone(thrown: unknown): void {
  if (!isNotFound(thrown)) throw thrown
}
