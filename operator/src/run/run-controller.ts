import {
  AmxError,
  archiveFinalizer,
  type ErrorReport,
  type MetadataRun,
  type MetadataRunStatus,
  type PriceTable,
  type RunPhase,
} from '@amx/api'
import {
  type EventRecorder,
  objectKey,
  type ReconcileContext,
  type ReconcileRequest,
  type ReconcileResult,
  type ResourceClient,
} from '@amx/kube'
import type { OperatorStore } from '@amx/store'
import type { Caches } from '../cluster/caches.ts'
import { refusedWrite } from '../cluster/refused-write.ts'
import type { JobObject } from '../cluster/resources.ts'
import { withKind } from '../cluster/with-kind.ts'
import type { WorkerSetup } from '../job/build-job.ts'
import type { RunMetrics } from '../operator-metrics.ts'
import { carryOut, newSession, type RunSession } from './carry-out.ts'
import { decideRun } from './decide-run.ts'
import { isFinal, type RunDecision, reasonOf, sentence } from './decision.ts'
import { runEvents } from './run-events.ts'
import type { JobView, Preparation, StoreView } from './run-observed.ts'
import { createRunObserver } from './run-observer.ts'
import { endedJobs, endedStatus, isTransition, runStatus } from './run-status.ts'
import { progressIntervalMs, statusPatch } from './status-patch.ts'

export interface RunControllerParts {
  readonly caches: Caches
  readonly runs: ResourceClient<MetadataRun>
  readonly jobs: ResourceClient<JobObject>
  readonly store: OperatorStore
  readonly events: EventRecorder
  readonly metrics: RunMetrics
  readonly setup: WorkerSetup
  readonly operatorVersion: string
  readonly prices?: () => PriceTable
  readonly now: () => number
}

/** What a replica remembers about a run between reconciles; all of it may be lost. */
interface RunMemory {
  readonly uid: string
  lastWriteMs: number
  stoppingSinceMs: number | null
}

// More rounds than any path through the table has; beyond it something is wrong and the queue's back-off slows it down.
const mostRounds = 12
const obstacleRetryMs = 10_000

/** The controller of MetadataRuns: observe, decide, carry out, until there is nothing left to do; then write the status once. */
export function createRunReconcile(parts: RunControllerParts) {
  const observe = createRunObserver(parts)
  const memories = new Map<string, RunMemory>()

  return async function reconcileRun(
    { key }: ReconcileRequest,
    context: ReconcileContext,
  ): Promise<ReconcileResult | undefined> {
    const cached = parts.caches.runs.get(key)
    if (cached === undefined) {
      memories.delete(key)
      return undefined
    }
    if (cached.metadata.deletionTimestamp !== undefined) return undefined
    const memory = memoryOf(key, cached.metadata.uid)

    const run = await admit(cached, context)
    if (isFinal(run.status?.phase)) return settleFinished(run, context)
    if (run.spec.desiredState === 'Cancel') memory.stoppingSinceMs ??= parts.now()

    const session = newSession()
    const outcome = await work(run, session, memory, context)
    noteWrites(session, context)
    if (outcome === null) return undefined
    return writeStatus(run, outcome, session, memory, context)
  }

  function memoryOf(key: string, uid: string): RunMemory {
    const known = memories.get(key)
    if (known?.uid === uid) return known
    const fresh: RunMemory = { uid, lastWriteMs: 0, stoppingSinceMs: null }
    memories.set(key, fresh)
    return fresh
  }

  /** The first write: that the run is seen, before anything slow. */
  async function admit(cached: MetadataRun, context: ReconcileContext): Promise<MetadataRun> {
    let run = cached
    const finalizers = run.metadata.finalizers ?? []
    if (!finalizers.includes(archiveFinalizer)) {
      run = await parts.runs.patchFinalizers(run, [...finalizers, archiveFinalizer], { signal: context.signal })
      context.wrote(parts.caches.runs, run.metadata.resourceVersion)
    }
    if (run.status?.observedGeneration !== undefined) return run
    const decision: RunDecision = {
      intents: [],
      phase: 'Pending',
      reason: 'Accepted',
      message: 'Accepted; what it refers to is being looked up.',
      stages: {},
      lastError: null,
      requeueAfterMs: null,
    }
    const status = runStatus({ run, decision, summary: null, frozen: null, jobs: [], nowMs: parts.now() })
    return patch(run, status, context)
  }

  interface Outcome {
    readonly decision: RunDecision
    readonly storeView: StoreView
    readonly jobs: readonly JobView[]
  }

  async function work(
    run: MetadataRun,
    session: RunSession,
    memory: RunMemory,
    context: ReconcileContext,
  ): Promise<Outcome | null> {
    const { signal, logger } = context
    for (let round = 0; round < mostRounds; round += 1) {
      const storeView = session.storeView ?? (await observe.store(run, signal))
      const jobs = await observe.jobs(run, session, signal)
      const preparation = storeView.kind === 'NotBegun' ? await observe.preparation(run, signal) : notAsked
      const decision = decideRun({
        run,
        preparation,
        store: storeView,
        jobs,
        applyBeingDecided: observe.applyBeingDecided(run),
        policyAccepted: session.policyAccepted,
        plannedRows: session.plannedRows,
        stoppingSinceMs: memory.stoppingSinceMs,
        nowMs: parts.now(),
      })
      try {
        for (const intent of decision.intents) {
          if (intent.kind === 'DeleteRun') return null
          logger.info(
            { run: objectKey(run.metadata.namespace, run.metadata.name), intent: describe(intent) },
            'carry out',
          )
          await carryOut(intent, run, session, { ...parts, store: parts.store }, signal)
        }
        if (decision.intents.length === 0) {
          await tellStore(run, decision, storeView, signal)
          return { decision, storeView, jobs }
        }
      } catch (thrown) {
        const error =
          thrown instanceof AmxError ? thrown : refusedWrite(thrown, { verb: 'write', resource: 'what the run needs' })
        if (error === null) throw thrown
        if (error.code === 'AMX-9002') {
          session.storeView = { kind: 'Unavailable', error: error.report() }
        } else if (worthTelling.has(error.code)) {
          return { decision: obstructed(decision, error.report()), storeView, jobs }
        } else {
          throw error
        }
      }
    }
    throw new AmxError('AMX-9001', { detail: `run ${run.metadata.name} does not come to rest` })
  }

  /** The store shows the phase to people who read through the server. */
  async function tellStore(
    run: MetadataRun,
    decision: RunDecision,
    view: StoreView,
    signal: AbortSignal,
  ): Promise<void> {
    if (view.kind !== 'Begun' || view.run.phase === decision.phase) return
    if (askedWhy.has(decision.phase)) {
      const { reason, message, lastError } = decision
      const { code = null, remedy = null } = lastError ?? {}
      await parts.store.explainRun(run.metadata.uid, { reason, message, code, remedy }, signal)
    }
    await parts.store.setPhase(run.metadata.uid, decision.phase, isFinal(decision.phase), signal)
  }

  async function settleFinished(run: MetadataRun, context: ReconcileContext): Promise<ReconcileResult | undefined> {
    const session = newSession()
    const jobs = await observe.jobs(run, session, context.signal)
    const decision = decideRun({
      run,
      preparation: notAsked,
      store: { kind: 'NotBegun' },
      jobs,
      applyBeingDecided: false,
      policyAccepted: false,
      plannedRows: null,
      stoppingSinceMs: null,
      nowMs: parts.now(),
    })
    for (const intent of decision.intents) {
      if (intent.kind === 'DeleteRun') {
        context.logger.info({ run: run.metadata.name }, 'ttlAfterFinished is over: the run is deleted')
        const { name, namespace, uid } = run.metadata
        await parts.runs.delete(objectKey(namespace, name), { signal: context.signal, uid })
        return undefined
      }
      await carryOut(intent, run, session, parts, context.signal)
    }
    const ended = endedJobs(run, jobs)
    if (ended) {
      const view = await observe.store(run, context.signal)
      await patch(run, endedStatus(run, ended, view.kind === 'Begun' ? view.run.summary : null), context)
    }
    return decision.requeueAfterMs === null ? undefined : { requeueAfterMs: decision.requeueAfterMs }
  }

  async function writeStatus(
    run: MetadataRun,
    { decision, storeView, jobs }: Outcome,
    session: RunSession,
    memory: RunMemory,
    context: ReconcileContext,
  ): Promise<ReconcileResult | undefined> {
    const nowMs = parts.now()
    const summary = summaryOf(storeView)
    const status = runStatus({ run, decision, summary, frozen: session.frozen, jobs, nowMs })
    const requeue = (ms: number | null) => (ms === null ? undefined : { requeueAfterMs: Math.ceil(ms) })
    if (statusPatch(run.status, status) === null) return requeue(decision.requeueAfterMs)

    if (!isTransition(run.status, status)) {
      const waitMs = memory.lastWriteMs + progressIntervalMs(run.status, nowMs) - nowMs
      if (waitMs > 0) return requeue(Math.min(waitMs, decision.requeueAfterMs ?? waitMs))
    }
    const before = run.status
    const written = await patch(run, status, context)
    memory.lastWriteMs = nowMs
    for (const event of runEvents(before, decision))
      parts.events.record({ regarding: withKind(written, 'MetadataRun'), ...event })
    if (isFinal(decision.phase)) parts.metrics.finished(written, storeView.kind === 'Begun' ? summary : null)
    return requeue(decision.requeueAfterMs)
  }

  async function patch(run: MetadataRun, status: MetadataRunStatus, context: ReconcileContext): Promise<MetadataRun> {
    const change = statusPatch(run.status, status)
    if (change === null) return run
    const { namespace, name } = run.metadata
    const written = await parts.runs.patchStatus(objectKey(namespace, name), change, { signal: context.signal })
    context.wrote(parts.caches.runs, written.metadata.resourceVersion)
    return written
  }

  function noteWrites(session: RunSession, context: ReconcileContext): void {
    for (const job of session.createdJobs.values()) {
      context.wrote(parts.caches.jobs, job.metadata.resourceVersion)
    }
  }
}

const notAsked: Preparation = {
  kind: 'Waiting',
  reason: 'Pending',
  error: { code: 'AMX-9001', message: 'not asked', remedy: '' },
}

/** Phases that people who look back ask the reason of. */
const askedWhy: ReadonlySet<RunPhase> = new Set(['Failed', 'PartiallyApplied', 'Suspended', 'Cancelled'])

/** Obstacles a person can clear: they are shown on the run, which looks again after a while. */
const worthTelling: ReadonlySet<string> = new Set(['AMX-1003', 'AMX-1009', 'AMX-1013', 'AMX-4005'])

function obstructed(decision: RunDecision, error: ErrorReport): RunDecision {
  const { phase, stages } = decision
  const [reason, message] = [reasonOf(error), sentence(error)]
  return {
    intents: [],
    phase,
    reason,
    message,
    stages,
    lastError: error,
    requeueAfterMs: obstacleRetryMs,
    warning: { reason, message },
  }
}

function summaryOf(view: StoreView) {
  if (view.kind === 'Begun') return view.run.summary
  return view.kind === 'AlreadyCompleted' ? view.summary : null
}

function describe(intent: { readonly kind: string }): string {
  const { kind, ...facts } = intent as { kind: string; request?: unknown }
  return 'request' in facts ? kind : `${kind} ${JSON.stringify(facts)}`
}
