import {
  catalogue,
  defaults,
  type MetadataRun,
  type ReviewDecision,
  type ReviewDecisionStatus,
  reasons,
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
import type { DecisionCounts, OperatorStore, RecordDecisionRequest, RecordDecisionResult } from '@amx/store'
import type { Caches } from '../cluster/caches.ts'
import { withKind } from '../cluster/with-kind.ts'
import { type Judgement, reasonOf, sentence } from '../run/decision.ts'
import { profileNames } from '../run/prepare-run.ts'
import { statusPatch } from '../run/status-patch.ts'
import { type Admission, whyUnchecked } from './admission-in-force.ts'
import { decideDecision, deletableInMs, isDecided } from './decision-policy.ts'

export interface ReviewControllerParts {
  readonly caches: Caches
  readonly decisions: ResourceClient<ReviewDecision>
  readonly store: OperatorStore
  readonly events: EventRecorder
  /** The policy that checks at creation who decides. */
  readonly readAdmission: (signal: AbortSignal) => Promise<Admission>
  readonly now: () => number
}

const storeRetryMs = 5_000
const longestWaitMs = 24 * 3_600_000

/** The controller of ReviewDecisions: each is recorded in the store as one transaction, or refused with the reason. */
export function createReviewReconcile(parts: ReviewControllerParts) {
  return async function reconcileDecision(
    { key }: ReconcileRequest,
    context: ReconcileContext,
  ): Promise<ReconcileResult | undefined> {
    const decision = parts.caches.decisions.get(key)
    if (decision === undefined || decision.metadata.deletionTimestamp !== undefined) return undefined
    if (isDecided(decision)) return retain(decision, context)

    const run = parts.caches.runs.get(objectKey(decision.metadata.namespace, decision.spec.runRef.name)) ?? null
    const readOnlyProfile = run === null || !decision.spec.apply ? null : await findReadOnlyProfile(run, context.signal)
    const isThere = run !== null && (decision.spec.runRef.uid ?? run.metadata.uid) === run.metadata.uid
    const stored = isThere ? null : await storedRun(decision, context.signal)
    const unchecked = whyUnchecked(decision.metadata, await parts.readAdmission(context.signal))
    const step = decideDecision({ decision, unchecked, run, stored, readOnlyProfile, nowMs: parts.now() })
    switch (step.kind) {
      case 'Wait':
        await write(
          decision,
          { status: 'Unknown', reason: reasonOf(step.error), message: sentence(step.error) },
          {},
          context,
        )
        return { requeueAfterMs: step.waitMs }
      case 'Refuse':
        return refuse(decision, step.reason, sentence(step.error), context)
      case 'Record':
        return record(decision, step.runUid, context)
    }
  }

  async function record(
    decision: ReviewDecision,
    runUid: string,
    context: ReconcileContext,
  ): Promise<ReconcileResult | undefined> {
    let result: RecordDecisionResult
    try {
      result = await parts.store.recordDecision(recordRequest(decision, runUid), context.signal)
    } catch (thrown) {
      const error = toAmxError(thrown)
      if (error.code !== 'AMX-9002') throw thrown
      const message = 'The store does not answer; the decision is recorded once it is back.'
      await write(decision, { status: 'Unknown', reason: catalogue['AMX-9002'].reason, message }, {}, context)
      return { requeueAfterMs: storeRetryMs }
    }
    if (result.kind === 'Refused') return refuse(decision, result.reason, sentence(result.error), context)
    const message = `${counted(result.counts)}.`
    const judgement: Judgement = { status: 'True', reason: reasons.recorded, message }
    await write(decision, judgement, { counts: { ...result.counts }, recordedTime: result.recordedAt }, context)
    parts.events.record({
      regarding: withKind(decision, 'ReviewDecision'),
      type: 'Normal',
      reason: reasons.recorded,
      note: message,
    })
    return undefined
  }

  async function refuse(
    decision: ReviewDecision,
    reason: string,
    message: string,
    context: ReconcileContext,
  ): Promise<undefined> {
    const text = `Nothing was recorded. ${message}`
    await write(decision, { status: 'False', reason, message: text }, {}, context)
    parts.events.record({ regarding: withKind(decision, 'ReviewDecision'), type: 'Warning', reason, note: text })
    return undefined
  }

  async function retain(decision: ReviewDecision, context: ReconcileContext): Promise<ReconcileResult | undefined> {
    const waitMs = deletableInMs(decision, parts.now())
    if (waitMs === null) return undefined
    if (waitMs > 0) return { requeueAfterMs: Math.min(waitMs, longestWaitMs) }
    const { namespace, name, uid } = decision.metadata
    await parts.decisions.delete(objectKey(namespace, name), { signal: context.signal, uid })
    return undefined
  }

  async function write(
    decision: ReviewDecision,
    judgement: Judgement,
    more: ReviewDecisionStatus,
    context: ReconcileContext,
  ): Promise<void> {
    const { namespace, name, generation } = decision.metadata
    const old = decision.status?.conditions?.find(({ type }) => type === 'Recorded')
    const since = old?.status === judgement.status ? old.lastTransitionTime : new Date(parts.now()).toISOString()
    const condition = {
      type: 'Recorded',
      ...judgement,
      message: judgement.message.slice(0, 1_000),
      observedGeneration: generation,
      lastTransitionTime: since,
    }
    const change = statusPatch(decision.status, { observedGeneration: generation, conditions: [condition], ...more })
    if (change === null) return
    const written = await parts.decisions.patchStatus(objectKey(namespace, name), change, { signal: context.signal })
    context.wrote(parts.caches.decisions, written.metadata.resourceVersion)
  }

  /** The run a decision means by its uid, where its object was deleted: its rows, and its part of the queue, are there still. */
  async function storedRun({ metadata, spec }: ReviewDecision, signal: AbortSignal) {
    const { name, uid } = spec.runRef
    if (uid === undefined) return null
    return parts.store.findSource(metadata.namespace, name, uid, signal).catch(unavailableAsNull)
  }

  async function findReadOnlyProfile(run: MetadataRun, signal: AbortSignal): Promise<string | null> {
    const { namespace, uid } = run.metadata
    const readOnly = (await namesOf(run, uid, signal)).find((name) => {
      const profile = parts.caches.databaseProfiles.get(objectKey(namespace, name))
      return profile !== undefined && profile.spec.writerSecretRef === undefined
    })
    return readOnly ?? null
  }

  /** A run that goes on from another names its targets in its settings alone. */
  async function namesOf(run: MetadataRun, uid: string, signal: AbortSignal): Promise<readonly string[]> {
    if (run.spec.targets !== undefined) return profileNames(run)
    const settings = await parts.store.readSettings(uid, signal).catch(unavailableAsNull)
    return settings?.targets.map(({ profileName }) => profileName) ?? []
  }
}

/** Without the store a decision is not recorded either; that is said when it is tried. */
function unavailableAsNull(thrown: unknown): null {
  if (toAmxError(thrown).code === 'AMX-9002') return null
  throw thrown
}

function recordRequest({ metadata, spec }: ReviewDecision, runUid: string): RecordDecisionRequest {
  const { draftDigest, reviewer, comment = '', apply = defaults.decision.apply, items, filter } = spec
  return {
    uid: metadata.uid,
    name: metadata.name,
    runUid,
    draftDigest,
    reviewer: reviewer.username,
    comment,
    apply,
    ...(items !== undefined && { items }),
    ...(filter !== undefined && { filter }),
  }
}

function counted(counts: DecisionCounts): string {
  const parts = Object.entries(counts).flatMap(([verdict, count]) => (count > 0 ? [`${count} ${verdict}`] : []))
  return parts.length === 0 ? 'Recorded; no row matched' : `Recorded: ${parts.join(', ')}`
}
