import {
  AmxError,
  type Condition,
  type DatabaseProfile,
  digestOf,
  type LLMProfile,
  type ProfileTestPart,
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
import { refusedWrite } from '../cluster/refused-write.ts'
import type { JobObject } from '../cluster/resources.ts'
import { withKind } from '../cluster/with-kind.ts'
import type { WorkerSetup } from '../job/build-job.ts'
import { buildTestJob, testOf } from '../job/build-test-job.ts'
import { label } from '../job/job-labels.ts'
import { isOf, jobEnd, podView } from '../job/job-view.ts'
import { sentence } from '../run/decision.ts'
import { statusPatch } from '../run/status-patch.ts'
import { decideTest, type ProfileObserved, type TestIntent, type TestJobView, type TestPlan } from './decide-test.ts'
import { type Profile, partSecrets, planTests, testIntervalMs, testRequest } from './plan-tests.ts'
import { profileStatus } from './profile-status.ts'
import { runUse } from './run-use.ts'

export interface ProfileControllerParts {
  readonly caches: Caches
  readonly databaseProfiles: ResourceClient<DatabaseProfile>
  readonly llmProfiles: ResourceClient<LLMProfile>
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
}

/** The controller of one kind of profiles: each is tested by Jobs, one per credential, and its status says what they found. */
export function createProfileReconcile(kind: Profile['kind'], parts: ProfileControllerParts) {
  return async function reconcileProfile(
    { key }: ReconcileRequest,
    context: ReconcileContext,
  ): Promise<ReconcileResult | undefined> {
    const profile = cached(key)
    if (profile === null) return forget(key, context)
    if (profile.object.metadata.deletionTimestamp !== undefined) return undefined
    const plan = planTests(profile)
    const session: Session = { created: new Map(), deleted: new Set() }
    for (let round = 0; round < mostRounds; round += 1) {
      // The Jobs first: one that is over reported before, so the store shows it.
      const jobs = jobsOf(profile, session)
      const store = await observe(profile, plan, context)
      const decision = decideTest(observed(profile, plan, jobs, store))
      const observation = store.kind === 'Known' ? store.observation : null
      if (decision.intents.length === 0) {
        await write(profile, { profile, plan, decision, observation, nowMs: parts.now() }, context)
        const { requeueAfterMs } = decision
        return requeueAfterMs === null ? undefined : { requeueAfterMs: Math.ceil(requeueAfterMs) }
      }
      const obstacle = await carryOutAll(decision.intents, profile, plan, session, context)
      if (obstacle !== null) {
        // What was found before holds: nothing is known to have changed about the profile.
        const standing = { ...decision, message: sentence(obstacle.report()) }
        await write(profile, { profile, plan, decision: standing, observation, nowMs: parts.now() }, context)
        return { requeueAfterMs: obstacleRetryMs }
      }
    }
    throw new AmxError('AMX-9001', { detail: `${kind} ${profile.object.metadata.name} does not come to rest` })
  }

  function cached(key: ReconcileRequest['key']): Profile | null {
    if (kind === 'LLMProfile') {
      const object = parts.caches.llmProfiles.get(key)
      return object === undefined ? null : { kind, object }
    }
    const object = parts.caches.databaseProfiles.get(key)
    return object === undefined ? null : { kind, object }
  }

  /** Its Jobs go with it; so do its rows, unless the store is away just then: nobody would read them. */
  async function forget(key: ReconcileRequest['key'], context: ReconcileContext): Promise<undefined> {
    const [namespace = '', name = ''] = key.split('/')
    await parts.store.deleteProfileTests({ kind, namespace, name }, context.signal).catch((thrown: unknown) => {
      if (toAmxError(thrown).code !== 'AMX-9002') throw thrown
    })
    return undefined
  }

  async function observe(
    { object }: Profile,
    plan: TestPlan,
    context: ReconcileContext,
  ): Promise<ProfileObserved['store']> {
    if (plan.kind !== 'Test') return { kind: 'Known', observation: { nowMs: parts.now(), newest: null, failures: 0 } }
    try {
      const observation = await parts.store.observeProfileTests(object.metadata.uid, context.signal)
      return { kind: 'Known', observation }
    } catch (thrown) {
      const error = toAmxError(thrown)
      if (error.code !== 'AMX-9002') throw thrown
      return { kind: 'Unavailable', error: error.report() }
    }
  }

  function observed(
    profile: Profile,
    plan: TestPlan,
    jobs: readonly TestJobView[],
    store: ProfileObserved['store'],
  ): ProfileObserved {
    const { metadata, status } = profile.object
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')
    const sinceMs =
      status?.observedGeneration === metadata.generation && ready?.status === 'Unknown'
        ? Date.parse(ready.lastTransitionTime)
        : parts.now()
    return {
      ...{ plan, store, jobs },
      request: testRequest(profile),
      ...runUse(profile, parts.caches.runs.list(metadata.namespace)),
      untestedMs: parts.now() - sinceMs,
      everyMs: plan.kind === 'Test' ? testIntervalMs(profile) : null,
      spread: Number.parseInt(digestOf(metadata.uid).slice(-4), 16) / 0xffff,
    }
  }

  function jobsOf({ object: { metadata } }: Profile, session: Session): TestJobView[] {
    const byName = new Map(session.created)
    for (const job of parts.caches.testJobs.byIndex('profileUid', metadata.uid)) byName.set(job.metadata.name, job)
    const pods = parts.caches.testPods.byIndex('profileUid', metadata.uid)
    return [...byName.values()].flatMap((job): TestJobView[] => {
      const test = testOf(job.metadata.labels)
      if (test === null) return []
      const { state, message } = jobEnd(job)
      const createdAtMs = Date.parse(job.metadata.creationTimestamp ?? '') || parts.now()
      return [
        {
          ...{ name: job.metadata.name, ...test, state, message, ageMs: parts.now() - createdAtMs },
          deleting: job.metadata.deletionTimestamp !== undefined || session.deleted.has(job.metadata.name),
          pods: pods.filter((pod) => isOf(pod, job.metadata.uid)).map((pod) => podView(pod, parts.now())),
        },
      ]
    })
  }

  /** Carries intents out; gives what stood in the way of one and a person can clear. */
  async function carryOutAll(
    intents: readonly TestIntent[],
    profile: Profile,
    plan: TestPlan,
    session: Session,
    context: ReconcileContext,
  ): Promise<AmxError | null> {
    for (const intent of intents) {
      context.logger.info({ kind, profile: profile.object.metadata.name, intent: intent.kind }, 'carry out')
      try {
        await carryOut(intent, profile, plan, session, context)
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
    intent: TestIntent,
    profile: Profile,
    plan: TestPlan,
    session: Session,
    { signal, ...context }: ReconcileContext,
  ): Promise<void> {
    const { uid, namespace, name } = profile.object.metadata
    switch (intent.kind) {
      case 'BeginTest':
        if (plan.kind !== 'Test') return
        await parts.store.beginProfileTest(
          {
            ...{ uid, kind, namespace, name, number: intent.number, request: intent.request },
            ...{ specDigest: plan.specDigest, parts: plan.parts },
          },
          signal,
        )
        return
      case 'CreateJob': {
        const built = buildTestJob(testJob(profile, intent), parts.setup)
        const isOurs = (existing: JobObject) => existing.metadata.labels?.[label.profileUid] === uid
        const { object } = await parts.jobs.create(built, { signal, isOurs })
        session.created.set(object.metadata.name, object)
        context.wrote(parts.caches.testJobs, object.metadata.resourceVersion)
        return
      }
      case 'DeleteJob':
        await parts.jobs.delete(objectKey(namespace, intent.name), { signal })
        session.deleted.add(intent.name)
        return
      case 'FailPart':
        await parts.store.failProfileTest(
          { profileUid: uid, number: intent.number, part: intent.part },
          intent.error,
          signal,
        )
    }
  }

  function testJob(profile: Profile, { number, part }: { readonly number: number; readonly part: ProfileTestPart }) {
    const { uid, namespace, name } = profile.object.metadata
    return { profile: { kind, namespace, name, uid }, part, number, secrets: partSecrets(profile, part) }
  }

  async function write(
    profile: Profile,
    standing: Parameters<typeof profileStatus>[0],
    context: ReconcileContext,
  ): Promise<void> {
    const { status: before, metadata } = profile.object
    const status = profileStatus(standing)
    const change = statusPatch(before, status)
    if (change === null) return
    const key = objectKey(metadata.namespace, metadata.name)
    const { signal } = context
    if (kind === 'LLMProfile') {
      const written = await parts.llmProfiles.patchStatus(key, change, { signal })
      context.wrote(parts.caches.llmProfiles, written.metadata.resourceVersion)
    } else {
      const written = await parts.databaseProfiles.patchStatus(key, change, { signal })
      context.wrote(parts.caches.databaseProfiles, written.metadata.resourceVersion)
    }
    tell(profile, before?.conditions ?? [], status.conditions ?? [])
  }

  /** Events for what became of a profile: never for a test that found what was known. */
  function tell({ object }: Profile, before: readonly Condition[], after: readonly Condition[]): void {
    for (const { type, status, reason, message } of after) {
      const old = before.find((known) => known.type === type)
      if (status === 'Unknown' || (old?.status === status && old.reason === reason)) continue
      // Whoever names no writer wants none.
      if (type === 'Writable' && status === 'False' && old === undefined && reason === 'NoWriter') continue
      const note = message.slice(0, 1_000)
      parts.events.record({
        ...{ regarding: withKind(object, kind), type: status === 'True' ? 'Normal' : 'Warning', reason, note },
      })
    }
  }
}
