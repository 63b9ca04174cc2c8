import { archiveFinalizer, type Condition, catalogue, type MetadataRun, toAmxError } from '@amx/api'
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
import { withKind } from '../cluster/with-kind.ts'
import { statusPatch } from '../run/status-patch.ts'
import { isCatalogCheck } from '../schedule/build-run.ts'
import { afterStoreFailure } from './archive-policy.ts'

export interface ArchiveControllerParts {
  readonly caches: Caches
  readonly runs: ResourceClient<MetadataRun>
  readonly jobs: ResourceClient<JobObject>
  readonly store: OperatorStore
  readonly events: EventRecorder
  readonly now: () => number
}

const waitingWords = 'Being deleted:'

/** The controller of deleted runs: work stops, the record in the store is closed, then the finalizer goes. */
export function createArchiveReconcile(parts: ArchiveControllerParts) {
  return async function reconcileDeleted(
    { key }: ReconcileRequest,
    context: ReconcileContext,
  ): Promise<ReconcileResult | undefined> {
    const run = parts.caches.runs.get(key)
    const deletedAt = run?.metadata.deletionTimestamp
    if (run === undefined || deletedAt === undefined) return undefined
    if (!run.metadata.finalizers?.includes(archiveFinalizer)) return undefined

    await deleteJobs(run, context)
    try {
      await parts.store.setDesiredState(run.metadata.uid, 'Cancel', context.signal)
      if (isCatalogCheck(run)) await parts.store.forgetRefresh(run.metadata.uid, context.signal)
      else await parts.store.archiveRun(run.metadata.uid, context.signal)
    } catch (thrown) {
      const error = toAmxError(thrown)
      if (error.code !== 'AMX-9002') throw thrown
      const step = afterStoreFailure(deletedAt, parts.now())
      if (step.kind === 'Retry') {
        await explainWait(run, step.until, context)
        return { requeueAfterMs: step.waitMs }
      }
      warn(run, 'The store did not answer for 10 minutes: the run is deleted and its record in the store stays open.')
    }
    await removeFinalizer(run, context)
    return undefined
  }

  async function deleteJobs(run: MetadataRun, context: ReconcileContext): Promise<void> {
    for (const { metadata } of parts.caches.jobs.byIndex('runUid', run.metadata.uid)) {
      if (metadata.deletionTimestamp !== undefined) continue
      await parts.jobs.delete(objectKey(metadata.namespace, metadata.name), { signal: context.signal })
    }
  }

  async function explainWait(cached: MetadataRun, until: string, context: ReconcileContext): Promise<void> {
    const reason = catalogue['AMX-9002'].reason
    const { namespace, name } = cached.metadata
    // The cache keeps little of a run that ended: its conditions are the server's to give.
    const run = await parts.runs.get(objectKey(namespace, name), { signal: context.signal })
    const conditions = run.status?.conditions ?? []
    if (conditions.some(({ type, message }) => type === 'Ready' && message.startsWith(waitingWords))) return
    const message = `${waitingWords} waits for the store so that the record can be closed, until ${until} at the latest.`
    const ready: Condition = { type: 'Ready', status: 'False', reason, message, lastTransitionTime: isoNow() }
    const change = statusPatch(run.status, {
      ...run.status,
      conditions: [...conditions.filter(({ type }) => type !== 'Ready'), ready],
    })
    if (change === null) return
    const written = await parts.runs.patchStatus(objectKey(namespace, name), change, { signal: context.signal })
    context.wrote(parts.caches.runs, written.metadata.resourceVersion)
    warn(run, message)
  }

  async function removeFinalizer(run: MetadataRun, context: ReconcileContext): Promise<void> {
    const finalizers = (run.metadata.finalizers ?? []).filter((name) => name !== archiveFinalizer)
    const written = await parts.runs.patchFinalizers(run, finalizers, { signal: context.signal })
    // The last finalizer takes the object with it: its resource version is then that of the deletion.
    context.wrote(parts.caches.runs, written.metadata.resourceVersion)
  }

  function warn(run: MetadataRun, note: string): void {
    const regarding = withKind(run, 'MetadataRun')
    parts.events.record({ regarding, type: 'Warning', reason: catalogue['AMX-9002'].reason, note })
  }

  function isoNow(): string {
    return new Date(parts.now()).toISOString()
  }
}
