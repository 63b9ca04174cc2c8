import { type MetadataRun, type PriceTable, toAmxError } from '@amx/api'
import { objectKey, type ResourceClient } from '@amx/kube'
import type { OperatorStore, SourceRun } from '@amx/store'
import type { Caches } from '../cluster/caches.ts'
import type { JobObject } from '../cluster/resources.ts'
import { label } from '../job/job-labels.ts'
import { jobView } from '../job/job-view.ts'
import type { RunSession } from './carry-out.ts'
import { isFinal } from './decision.ts'
import { prepareRun, type References } from './prepare-run.ts'
import type { JobView, Preparation, StoreView } from './run-observed.ts'

export interface RunObserverParts {
  readonly caches: Caches
  readonly jobs: ResourceClient<JobObject>
  readonly store: OperatorStore
  readonly operatorVersion: string
  readonly prices?: () => PriceTable
  readonly now: () => number
}

/** Looks at everything a decision about a run is made from. */
export interface RunObserver {
  store(run: MetadataRun, signal: AbortSignal): Promise<StoreView>
  jobs(run: MetadataRun, session: RunSession, signal: AbortSignal): Promise<JobView[]>
  /** Throws AMX-9002 when the source run cannot be looked up. */
  preparation(run: MetadataRun, signal: AbortSignal): Promise<Preparation>
  applyBeingDecided(run: MetadataRun): boolean
}

export function createRunObserver(parts: RunObserverParts): RunObserver {
  async function store(run: MetadataRun, signal: AbortSignal): Promise<StoreView> {
    try {
      const observation = await parts.store.observeRun(run.metadata.uid, signal)
      return observation === null ? { kind: 'NotBegun' } : { kind: 'Begun', run: observation }
    } catch (thrown) {
      const error = toAmxError(thrown)
      if (error.code !== 'AMX-9002') throw thrown
      return { kind: 'Unavailable', error: error.report() }
    }
  }

  async function jobs(run: MetadataRun, session: RunSession, signal: AbortSignal): Promise<JobView[]> {
    const { uid, namespace } = run.metadata
    const byName = new Map(session.createdJobs)
    for (const job of parts.caches.jobs.byIndex('runUid', uid)) byName.set(job.metadata.name, job)
    for (const known of run.status?.jobs ?? []) {
      if (byName.has(known.name) || (known.state !== 'Running' && known.state !== 'Pending')) continue
      // At work when last seen and not in the cache: gone, or the cache is behind. The server knows.
      const job = await parts.jobs.get(objectKey(namespace, known.name), { signal }).catch(notFoundAsNull)
      if (job !== null && job.metadata.labels?.[label.runUid] === uid) byName.set(known.name, job)
    }
    const pods = parts.caches.pods.byIndex('runUid', uid)
    return [...byName.values()].flatMap((job) => {
      const view = jobView(job, pods, parts.now())
      if (view === null) return []
      return [session.deletedJobs.has(view.name) ? { ...view, deleting: true } : view]
    })
  }

  async function preparation(run: MetadataRun, signal: AbortSignal): Promise<Preparation> {
    const { namespace } = run.metadata
    const references: References = {
      databaseProfile: (name) => parts.caches.databaseProfiles.get(objectKey(namespace, name)) ?? null,
      llmProfile: (name) => parts.caches.llmProfiles.get(objectKey(namespace, name)) ?? null,
      run: (name) => parts.caches.runs.get(objectKey(namespace, name)) ?? null,
      contextSource: (name) => parts.caches.contextSources.get(objectKey(namespace, name)) ?? null,
      source: await source(run, signal),
      ...(parts.prices !== undefined && { prices: parts.prices }),
      nowMs: parts.now(),
    }
    return prepareRun(run, references, parts.operatorVersion)
  }

  /** Of a source that is in the cluster and still at work only that very run counts, not an older one of its name. */
  async function source(run: MetadataRun, signal: AbortSignal): Promise<SourceRun | null> {
    const name = run.spec.source?.runRef?.name
    if (name === undefined) return null
    const { namespace } = run.metadata
    const inCluster = parts.caches.runs.get(objectKey(namespace, name))
    const open = inCluster !== undefined && !isFinal(inCluster.status?.phase)
    const same =
      inCluster === undefined ? null : await parts.store.findSource(namespace, name, inCluster.metadata.uid, signal)
    return same ?? (open ? null : await parts.store.findSource(namespace, name, null, signal))
  }

  function applyBeingDecided({ metadata, spec }: MetadataRun): boolean {
    if (spec.apply?.policy === 'OnAccept') return false
    return parts.caches.decisions
      .byIndex('run', objectKey(metadata.namespace, metadata.name))
      .filter(({ spec: { apply, runRef } }) => apply === true && (runRef.uid ?? metadata.uid) === metadata.uid)
      .map(({ status }) => status?.conditions?.find(({ type }) => type === 'Recorded')?.status)
      .some((status) => status !== 'True' && status !== 'False')
  }

  return { store, jobs, preparation, applyBeingDecided }
}

function notFoundAsNull(error: unknown): null {
  if (error instanceof Error && 'status' in error && error.status === 404) return null
  throw error
}
