import {
  AmxError,
  type ContextSource,
  type ContextSourceSpec,
  contextFinalizer,
  contextIndexVersion,
  digestOf,
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
import type { ContextObservation, OperatorStore } from '@amx/store'
import { afterStoreFailure } from '../archive/archive-policy.ts'
import type { Caches } from '../cluster/caches.ts'
import { refusedWrite } from '../cluster/refused-write.ts'
import type { JobObject } from '../cluster/resources.ts'
import { withKind } from '../cluster/with-kind.ts'
import { buildIndexJob, indexNumber } from '../job/build-index-job.ts'
import type { WorkerSetup } from '../job/build-job.ts'
import { label } from '../job/job-labels.ts'
import { isOf, jobEnd, podView } from '../job/job-view.ts'
import { reasonOf, sentence } from '../run/decision.ts'
import { statusPatch } from '../run/status-patch.ts'
import { contextStatus } from './context-status.ts'
import { type ContextDecision, type ContextIntent, decideContext, type IndexJobView } from './decide-context.ts'

export interface ContextControllerParts {
  readonly caches: Caches
  readonly sources: ResourceClient<ContextSource>
  readonly jobs: ResourceClient<JobObject>
  readonly store: OperatorStore
  readonly events: EventRecorder
  readonly setup: WorkerSetup
  readonly now: () => number
}

// More rounds than any path through the decision has.
const mostRounds = 6
const obstacleRetryMs = 30_000

/** What one reconcile has done so far, which the caches may not show yet. */
interface Session {
  readonly created: Map<string, JobObject>
  readonly deleted: Set<string>
  handledRequest: string | null
}

/** The controller of ContextSources: each is read by index Jobs, one after the other, and its rows go when it does. */
export function createContextReconcile(parts: ContextControllerParts) {
  return async function reconcileSource(
    { key }: ReconcileRequest,
    context: ReconcileContext,
  ): Promise<ReconcileResult | undefined> {
    const cached = parts.caches.contextSources.get(key)
    if (cached === undefined) return undefined
    if (cached.metadata.deletionTimestamp !== undefined) return remove(cached, context)
    const source = await admit(cached, context)
    const session: Session = { created: new Map(), deleted: new Set(), handledRequest: null }
    for (let round = 0; round < mostRounds; round += 1) {
      // The Jobs first: one that is over posted its end before, so the store shows it.
      const jobs = jobsOf(source, session)
      const store = await observe(source, context)
      const decision = decideContext({ source, specDigest: specDigest(source.spec), store, jobs })
      const observation = store.kind === 'Known' ? store.observation : null
      if (decision.intents.length === 0) return write(source, decision, observation, session, context)
      const obstacle = await carryOutAll(decision.intents, source, session, context)
      if (obstacle !== null) {
        await write(source, obstructed(decision, obstacle), observation, session, context)
        return { requeueAfterMs: obstacleRetryMs }
      }
    }
    throw new AmxError('AMX-9001', { detail: `ContextSource ${source.metadata.name} does not come to rest` })
  }

  /** The finalizer comes before the first row in the store. */
  async function admit(source: ContextSource, context: ReconcileContext): Promise<ContextSource> {
    const finalizers = source.metadata.finalizers ?? []
    if (finalizers.includes(contextFinalizer)) return source
    const written = await parts.sources.patchFinalizers(source, [...finalizers, contextFinalizer], {
      signal: context.signal,
    })
    context.wrote(parts.caches.contextSources, written.metadata.resourceVersion)
    return written
  }

  async function observe({ metadata }: ContextSource, context: ReconcileContext) {
    try {
      const observation = await parts.store.observeContextSource(metadata.uid, context.signal)
      return { kind: 'Known', observation } as const
    } catch (thrown) {
      const error = toAmxError(thrown)
      if (error.code !== 'AMX-9002') throw thrown
      return { kind: 'Unavailable', error: error.report() } as const
    }
  }

  function jobsOf({ metadata }: ContextSource, session: Session): IndexJobView[] {
    const byName = new Map(session.created)
    for (const job of parts.caches.indexJobs.byIndex('sourceUid', metadata.uid)) byName.set(job.metadata.name, job)
    const pods = parts.caches.indexPods.byIndex('sourceUid', metadata.uid)
    return [...byName.values()].flatMap((job): IndexJobView[] => {
      const number = indexNumber(job.metadata.labels)
      if (number === null) return []
      const { state, message } = jobEnd(job)
      return [
        {
          name: job.metadata.name,
          number,
          state,
          message,
          deleting: job.metadata.deletionTimestamp !== undefined || session.deleted.has(job.metadata.name),
          pods: pods.filter((pod) => isOf(pod, job.metadata.uid)).map((pod) => podView(pod, parts.now())),
        },
      ]
    })
  }

  /** Carries intents out; gives what stood in the way of one and a person can clear. */
  async function carryOutAll(
    intents: readonly ContextIntent[],
    source: ContextSource,
    session: Session,
    context: ReconcileContext,
  ): Promise<AmxError | null> {
    for (const intent of intents) {
      context.logger.info({ source: source.metadata.name, intent: intent.kind }, 'carry out')
      try {
        await carryOut(intent, source, session, context)
      } catch (thrown) {
        const refused = refusedWrite(thrown, { verb: 'create', resource: 'Jobs' })
        if (refused !== null) return refused
        if (toAmxError(thrown).code === 'AMX-9002') return null
        throw thrown
      }
    }
    return null
  }

  async function carryOut(
    intent: ContextIntent,
    { metadata, spec }: ContextSource,
    session: Session,
    { signal, ...context }: ReconcileContext,
  ): Promise<void> {
    const { uid, namespace, name } = metadata
    switch (intent.kind) {
      case 'BeginIndex':
        await parts.store.beginContextIndex(
          {
            ...{ uid, namespace, name, kind: spec.kind, number: intent.number },
            spec: withoutSecrets(spec),
            specDigest: specDigest(spec),
          },
          signal,
        )
        session.handledRequest = intent.request ?? session.handledRequest
        return
      case 'CreateJob': {
        const built = buildIndexJob({ source: { name, namespace, uid, spec }, number: intent.number }, parts.setup)
        const isOurs = (existing: JobObject) => existing.metadata.labels?.[label.sourceUid] === uid
        const { object } = await parts.jobs.create(built, { signal, isOurs })
        session.created.set(object.metadata.name, object)
        context.wrote(parts.caches.indexJobs, object.metadata.resourceVersion)
        return
      }
      case 'DeleteJob':
        await parts.jobs.delete(objectKey(namespace, intent.name), { signal })
        session.deleted.add(intent.name)
        return
      case 'FailIndex':
        await parts.store.failContextIndex(uid, intent.number, intent.error, signal)
    }
  }

  async function write(
    source: ContextSource,
    decision: ContextDecision,
    observation: ContextObservation | null,
    session: Session,
    context: ReconcileContext,
  ): Promise<ReconcileResult | undefined> {
    const newest = observation?.newest?.number
    const job = jobsOf(source, session).find(({ number }) => number === newest)?.name ?? null
    const { handledRequest } = session
    const status = contextStatus({ source, decision, observation, job, handledRequest, nowMs: parts.now() })
    const change = statusPatch(source.status, status)
    if (change !== null) {
      const { namespace, name } = source.metadata
      const written = await parts.sources.patchStatus(objectKey(namespace, name), change, { signal: context.signal })
      context.wrote(parts.caches.contextSources, written.metadata.resourceVersion)
      tell(source, decision, observation)
    }
    return decision.requeueAfterMs === null ? undefined : { requeueAfterMs: Math.ceil(decision.requeueAfterMs) }
  }

  /** Events for what a person would want to hear about: a new index, and trouble that is new. */
  function tell(source: ContextSource, decision: ContextDecision, observation: ContextObservation | null): void {
    const regarding = withKind(source, 'ContextSource')
    const { revision, lastError } = source.status ?? {}
    const { ready, stalled, lastError: error } = decision
    if (observation?.current && observation.current.revision !== revision) {
      parts.events.record({ regarding, type: 'Normal', reason: ready.reason, note: `Indexed ${ready.message}` })
    }
    if (error !== null && error.code !== 'AMX-9002' && error.message !== lastError?.message) {
      const note = stalled.status === 'True' ? stalled.message : sentence(error)
      parts.events.record({ regarding, type: 'Warning', reason: reasonOf(error), note })
    }
  }

  /** A deleted source: its Jobs end, its rows go, then the finalizer. A store that is down delays this, it never blocks it. */
  async function remove(source: ContextSource, context: ReconcileContext): Promise<ReconcileResult | undefined> {
    const { metadata } = source
    if (!metadata.finalizers?.includes(contextFinalizer)) return undefined
    for (const job of parts.caches.indexJobs.byIndex('sourceUid', metadata.uid)) {
      if (job.metadata.deletionTimestamp !== undefined) continue
      await parts.jobs.delete(objectKey(job.metadata.namespace, job.metadata.name), { signal: context.signal })
    }
    try {
      await parts.store.deleteContextSource(metadata.uid, context.signal)
    } catch (thrown) {
      const error = toAmxError(thrown)
      if (error.code !== 'AMX-9002') throw thrown
      const step = afterStoreFailure(metadata.deletionTimestamp ?? '', parts.now())
      if (step.kind === 'Retry') return { requeueAfterMs: step.waitMs }
      const note = 'The store did not answer for 10 minutes: the source is deleted and its chunks stay in the store.'
      const regarding = withKind(source, 'ContextSource')
      parts.events.record({ regarding, type: 'Warning', reason: reasonOf(error.report()), note })
    }
    const finalizers = metadata.finalizers.filter((name) => name !== contextFinalizer)
    const written = await parts.sources.patchFinalizers(source, finalizers, { signal: context.signal })
    context.wrote(parts.caches.contextSources, written.metadata.resourceVersion)
    return undefined
  }
}

function obstructed(decision: ContextDecision, error: AmxError): ContextDecision {
  const report = error.report()
  return {
    ...decision,
    intents: [],
    stalled: { status: 'True', reason: reasonOf(report), message: sentence(report) },
    lastError: report,
    requeueAfterMs: obstacleRetryMs,
  }
}

/** What a change of means another index: everything but how often it is read, and how this version makes one. */
function specDigest({ refreshInterval: _, ...spec }: ContextSourceSpec): string {
  return digestOf({ spec, version: contextIndexVersion })
}

/** The spec as the pod may know it; it finds the Secret's files without its name. */
function withoutSecrets(spec: ContextSourceSpec): ContextSourceSpec {
  const { git, http, s3, ...rest } = spec
  return {
    ...rest,
    ...(git && { git: withoutSecret(git) }),
    ...(http && { http: withoutSecret(http) }),
    ...(s3 && { s3: withoutSecret(s3) }),
  }
}

function withoutSecret<Block extends { secretRef?: unknown }>({ secretRef: _, ...block }: Block) {
  return block
}
