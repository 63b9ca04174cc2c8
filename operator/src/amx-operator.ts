import {
  apiGroup,
  type ContextSource,
  type DatabaseProfile,
  type LLMProfile,
  type MetadataRun,
  type MetadataSchedule,
  type PriceTable,
  type ReviewDecision,
} from '@amx/api'
import {
  ControllerOperator,
  type ControllerOperatorOptions,
  controllerOwner,
  createPushSource,
  objectKey,
  type PushSource,
  type Source,
  type Store,
  sourceOf,
} from '@amx/kube'
import type { OperatorStore } from '@amx/store'
import { createArchiveReconcile } from './archive/archive-controller.ts'
import { type Caches, createCaches, keyOfRun, keyOfSource, keysOfSchedule } from './cluster/caches.ts'
import * as resources from './cluster/resources.ts'
import { createContextReconcile } from './context/context-controller.ts'
import type { WorkerSetup } from './job/build-job.ts'
import { label } from './job/job-labels.ts'
import { createRunMetrics } from './operator-metrics.ts'
import { createProfileReconcile } from './profile/profile-controller.ts'
import { profilesOf } from './profile/run-use.ts'
import { createAdmissionReader } from './review/admission-in-force.ts'
import { createReviewReconcile } from './review/review-controller.ts'
import { createRunReconcile } from './run/run-controller.ts'
import { listenToStore } from './run/store-notifications.ts'
import { createScheduleReconcile } from './schedule/schedule-controller.ts'
import { createScheduleMetrics } from './schedule/schedule-metrics.ts'

export interface AmxOperatorOptions extends ControllerOperatorOptions {
  readonly store: OperatorStore
  readonly setup: WorkerSetup
  readonly operatorVersion: string
  /** Empty: the whole cluster. */
  readonly watchNamespaces: readonly string[]
  /** Prices of models. @default the built-in table */
  readonly prices?: () => PriceTable
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
}

const resyncMs = 10 * 60_000

/** The operator: its controllers in the shell, wired to the caches they read and the objects they write. */
export class AmxOperator extends ControllerOperator {
  readonly #options: AmxOperatorOptions

  constructor(options: AmxOperatorOptions) {
    super(options)
    this.#options = options
  }

  protected override async init(): Promise<void> {
    const { store, setup, operatorVersion, watchNamespaces, prices, now = Date.now } = this.#options
    const { runtime } = this
    // One namespace is watched by itself; of several, the rest of the cluster is seen and left alone.
    const caches = createCaches(runtime, watchNamespaces.length === 1 ? watchNamespaces[0] : undefined)
    const runs = runtime.resource<MetadataRun>(resources.runs)
    const jobs = runtime.resource<resources.JobObject>(resources.jobs)
    const decisions = runtime.resource<ReviewDecision>(resources.decisions)
    const metrics = createRunMetrics(runtime.metrics.registry, caches.runs)
    const { events } = runtime
    const watched = (source: Source) => within(watchNamespaces, source)

    const notified = createPushSource()
    runtime.controller({
      name: 'run',
      reconcile: createRunReconcile({
        caches,
        runs,
        jobs,
        store,
        events,
        metrics,
        setup,
        operatorVersion,
        ...(prices !== undefined && { prices }),
        now,
      }),
      sources: runSources(caches, notified).map(watched),
      workers: 8,
      resyncMs,
    })
    runtime.controller({
      name: 'review',
      reconcile: createReviewReconcile({
        ...{ caches, decisions, store, events, now },
        readAdmission: createAdmissionReader(runtime.transport, now),
      }),
      sources: [watched(sourceOf(caches.decisions)), watched(decisionsOfRuns(caches))],
    })
    runtime.controller({
      name: 'context',
      reconcile: createContextReconcile({
        ...{ caches, jobs, store, events, setup, now },
        sources: runtime.resource<ContextSource>(resources.contextSources),
      }),
      sources: contextSources(caches).map(watched),
      resyncMs,
    })
    const tested = {
      ...{ caches, jobs, store, events, setup, now },
      databaseProfiles: runtime.resource<DatabaseProfile>(resources.databaseProfiles),
      llmProfiles: runtime.resource<LLMProfile>(resources.llmProfiles),
    }
    for (const kind of ['DatabaseProfile', 'LLMProfile'] as const) {
      runtime.controller({
        name: kind === 'LLMProfile' ? 'llm-profile' : 'database-profile',
        reconcile: createProfileReconcile(kind, tested),
        sources: profileSources(caches, kind).map(watched),
        resyncMs,
      })
    }
    runtime.controller({
      name: 'schedule',
      reconcile: createScheduleReconcile({
        ...{ caches, runs, store, events, now },
        schedules: runtime.resource<MetadataSchedule>(resources.schedules),
        metrics: createScheduleMetrics(runtime.metrics.registry),
      }),
      sources: [
        watched(sourceOf(caches.schedules)),
        watched(sourceOf(caches.runs, ({ object }) => keysOfSchedule(caches, object))),
      ],
      resyncMs,
    })
    runtime.controller({
      name: 'archive',
      reconcile: createArchiveReconcile({ caches, runs, jobs, store, events, now }),
      sources: [watched(sourceOf(caches.runs))],
    })
    runtime.whileLeading((signal) =>
      listenToStore(
        store,
        (uid) => {
          const key = keyOfRun(caches, uid)
          if (key !== null) notified.push(key)
        },
        this.#options.logger,
        signal,
      ),
    )
  }
}

/** Everything whose change may concern a run. */
function runSources(caches: Caches, notified: PushSource): Source[] {
  const waiting = (namespace: string | undefined) =>
    caches.runs
      .list(namespace)
      .filter(({ status }) => status?.phase === 'Pending')
      .map(({ metadata }) => objectKey(metadata.namespace, metadata.name))
  return [
    sourceOf(caches.runs, ({ type, key, object }) =>
      // A run of type Apply may wait for its source to appear.
      type === 'Added' && object.status === undefined ? [key, ...waiting(object.metadata.namespace)] : [key],
    ),
    sourceOf(caches.jobs, controllerOwner(apiGroup, 'MetadataRun')),
    sourceOf(caches.pods, ({ object }) => keysOfUid(caches, object.metadata.labels?.[label.runUid])),
    sourceOf(caches.decisions, ({ object }) => [objectKey(object.metadata.namespace, object.spec.runRef.name)]),
    ...([caches.databaseProfiles, caches.llmProfiles, caches.contextSources] as Store[]).map((profiles) =>
      sourceOf(profiles, ({ type, object }) => (type === 'Deleted' ? [] : waiting(object.metadata.namespace))),
    ),
    notified,
  ]
}

/** Everything whose change may concern a ContextSource. */
function contextSources(caches: Caches): Source[] {
  const ofUid = (uid: string | undefined) => {
    const key = uid === undefined ? null : keyOfSource(caches, uid)
    return key === null ? [] : [key]
  }
  return [
    sourceOf(caches.contextSources),
    sourceOf(caches.indexJobs, controllerOwner(apiGroup, 'ContextSource')),
    sourceOf(caches.indexPods, ({ object }) => ofUid(object.metadata.labels?.[label.sourceUid])),
  ]
}

/** Everything whose change may concern a profile of a kind; of runs, that they came to rest. */
function profileSources(caches: Caches, kind: 'DatabaseProfile' | 'LLMProfile'): Source[] {
  return [
    kind === 'LLMProfile' ? sourceOf(caches.llmProfiles) : sourceOf(caches.databaseProfiles),
    sourceOf(caches.runs, ({ object: run }) =>
      run.status?.phase === 'AwaitingReview'
        ? profilesOf(kind, run).map((name) => objectKey(run.metadata.namespace, name))
        : [],
    ),
    sourceOf(caches.testJobs, controllerOwner(apiGroup, kind)),
    // A pod is labelled with the uid alone: the Job it is of has the name, as an annotation and as its owner.
    sourceOf(caches.testPods, ({ object }) => keysOfProfile(caches, kind, object.metadata.labels?.[label.profileUid])),
  ]
}

function keysOfProfile(caches: Caches, kind: 'DatabaseProfile' | 'LLMProfile', uid: string | undefined): string[] {
  if (uid === undefined) return []
  const jobs = caches.testJobs.byIndex('profileUid', uid)
  return jobs.slice(0, 1).flatMap(({ metadata }) => {
    const owner = metadata.ownerReferences?.find((known) => known.kind === kind)
    return owner === undefined ? [] : [objectKey(metadata.namespace, owner.name)]
  })
}

/** A decision may name a run that is not there yet. */
function decisionsOfRuns(caches: Caches): Source {
  return sourceOf(caches.runs, ({ type, key }) =>
    type === 'Added'
      ? caches.decisions.byIndex('run', key).map(({ metadata }) => objectKey(metadata.namespace, metadata.name))
      : [],
  )
}

function keysOfUid(caches: Caches, uid: string | undefined): string[] {
  const key = uid === undefined ? null : keyOfRun(caches, uid)
  return key === null ? [] : [key]
}

/** A source without what is in other namespaces. */
function within(namespaces: readonly string[], source: Source): Source {
  if (namespaces.length === 0) return source
  const isWatched = (key: string) => namespaces.some((namespace) => key.startsWith(`${namespace}/`))
  return {
    connect: (enqueue) => source.connect((key, priority) => (isWatched(key) ? enqueue(key, priority) : undefined)),
    keys: () => source.keys().filter(isWatched),
  }
}
