import {
  AmxError,
  archiveFinalizer,
  type ErrorReport,
  type MetadataRun,
  type MetadataRunStatus,
  toAmxError,
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
import type { JobObject } from '../cluster/resources.ts'
import type { WorkerSetup } from '../job/build-job.ts'
import { jobView } from '../job/job-view.ts'
import type { RunMetrics } from '../operator-metrics.ts'
import { carryOut, newSession, type RunSession } from './carry-out.ts'
import { decideRun } from './decide-run.ts'
import { isFinal, type RunDecision, reasonOf, sentence } from './decision.ts'
import { prepareRun, type References } from './prepare-run.ts'
import { runEvents } from './run-events.ts'
import type { JobView, Preparation, RunObserved, StoreView } from './run-observed.ts'
import { endedJobs, isTransition, runStatus } from './run-status.ts'
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
  readonly now: () => number
}

/** What a replica remembers about a run between reconciles; all of it may be lost. */
interface RunMemory {
  lastWriteMs: number
  stoppingSinceMs: number | null
}

// More rounds than any path through the table has; beyond it something is wrong and the queue's back-off slows it down.
const mostRounds = 12
const referenceRetryMs = 60_000

/** The controller of MetadataRuns: observe, decide, carry out, until there is nothing left to do; then write the status once. */
export function createRunReconcile(parts: RunControllerParts) {
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
    const memory = memories.get(key) ?? { lastWriteMs: 0, stoppingSinceMs: null }
    memories.set(key, memory)

    const run = await admit(cached, context)
    if (isFinal(run.status?.phase)) return settleFinished(run, context)
    if (run.spec.desiredState === 'Cancel') memory.stoppingSinceMs ??= parts.now()

    const session = newSession()
    const outcome = await work(run, session, memory, context)
    noteWrites(session, context)
    if (outcome === null) return undefined
    return writeStatus(run, outcome, session, memory, context)
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
      const storeView = session.storeView ?? (await observeStore(run, signal))
      const jobs = await observeJobs(run, session, signal)
      const decision = decideRun({
        run,
        preparation: storeView.kind === 'NotBegun' ? prepare(run) : notAsked,
        store: storeView,
        jobs,
        applyRequest: applyRequest(run),
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
        if (!(thrown instanceof AmxError)) throw thrown
        if (thrown.code === 'AMX-9002') {
          session.storeView = { kind: 'Unavailable', error: thrown.report() }
        } else if (thrown.code === 'AMX-1003' || thrown.code === 'AMX-1013') {
          return { decision: awaitReference(decision, thrown.report()), storeView, jobs }
        } else {
          throw thrown
        }
      }
    }
    throw new AmxError('AMX-9001', { detail: `run ${run.metadata.name} does not come to rest` })
  }

  async function observeStore(run: MetadataRun, signal: AbortSignal): Promise<StoreView> {
    try {
      const observation = await parts.store.observeRun(run.metadata.uid, signal)
      return observation === null ? { kind: 'NotBegun' } : { kind: 'Begun', run: observation }
    } catch (thrown) {
      const error = toAmxError(thrown)
      if (error.code !== 'AMX-9002') throw thrown
      return { kind: 'Unavailable', error: error.report() }
    }
  }

  async function observeJobs(run: MetadataRun, session: RunSession, signal: AbortSignal): Promise<JobView[]> {
    const { uid, namespace } = run.metadata
    const byName = new Map(session.createdJobs)
    for (const job of parts.caches.jobs.byIndex('runUid', uid)) byName.set(job.metadata.name, job)
    for (const known of run.status?.jobs ?? []) {
      if (byName.has(known.name) || (known.state !== 'Running' && known.state !== 'Pending')) continue
      // At work when last seen and not in the cache: gone, or the cache is behind. The server knows.
      const job = await parts.jobs.get(objectKey(namespace, known.name), { signal }).catch(notFoundAsNull)
      if (job !== null && job.metadata.labels?.['amx.dev/run-uid'] === uid) byName.set(known.name, job)
    }
    const pods = parts.caches.pods.byIndex('runUid', uid)
    return [...byName.values()].flatMap((job) => {
      const view = jobView(job, pods, parts.now())
      if (view === null) return []
      return [session.deletedJobs.has(view.name) ? { ...view, deleting: true } : view]
    })
  }

  function prepare(run: MetadataRun): Preparation {
    const { namespace } = run.metadata
    const references: References = {
      databaseProfile: (name) => parts.caches.databaseProfiles.get(objectKey(namespace, name)) ?? null,
      llmProfile: (name) => parts.caches.llmProfiles.get(objectKey(namespace, name)) ?? null,
      run: (name) => parts.caches.runs.get(objectKey(namespace, name)) ?? null,
    }
    return prepareRun(run, references, parts.operatorVersion)
  }

  function applyRequest({ metadata, spec }: MetadataRun): RunObserved['applyRequest'] {
    if (spec.apply?.policy === 'OnAccept') return 'None'
    const requests = parts.caches.decisions
      .byIndex('run', objectKey(metadata.namespace, metadata.name))
      .filter(({ spec: { apply, runRef } }) => apply === true && (runRef.uid ?? metadata.uid) === metadata.uid)
    const recorded = requests.map(({ status }) => status?.conditions?.find(({ type }) => type === 'Recorded')?.status)
    if (recorded.includes('True')) return 'Recorded'
    return recorded.some((status) => status !== 'False') ? 'BeingRecorded' : 'None'
  }

  /** The store shows the phase to people who read through the server. */
  async function tellStore(
    run: MetadataRun,
    decision: RunDecision,
    view: StoreView,
    signal: AbortSignal,
  ): Promise<void> {
    if (view.kind !== 'Begun' || view.run.phase === decision.phase) return
    await parts.store.setPhase(run.metadata.uid, decision.phase, isFinal(decision.phase), signal)
  }

  async function settleFinished(run: MetadataRun, context: ReconcileContext): Promise<ReconcileResult | undefined> {
    const session = newSession()
    const jobs = await observeJobs(run, session, context.signal)
    const decision = decideRun({
      run,
      preparation: notAsked,
      store: { kind: 'NotBegun' },
      jobs,
      applyRequest: 'None',
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
    if (ended) await patch(run, { ...run.status, jobs: ended }, context)
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
    for (const event of runEvents(before, decision)) parts.events.record({ regarding: withKind(written), ...event })
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

function awaitReference(decision: RunDecision, error: ErrorReport): RunDecision {
  const { phase, stages } = decision
  const [reason, message] = [reasonOf(error), sentence(error)]
  return {
    intents: [],
    phase,
    reason,
    message,
    stages,
    lastError: error,
    requeueAfterMs: referenceRetryMs,
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

/** Objects in a list come without their kind; an event needs it. */
function withKind(run: MetadataRun): MetadataRun {
  return { ...run, apiVersion: 'amx.dev/v1alpha1', kind: 'MetadataRun' }
}

function notFoundAsNull(error: unknown): null {
  if (error instanceof Error && 'status' in error && error.status === 404) return null
  throw error
}
