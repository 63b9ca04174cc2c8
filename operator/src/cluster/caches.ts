import {
  type ContextSource,
  type DatabaseProfile,
  type LLMProfile,
  type MetadataRun,
  type MetadataSchedule,
  type ReviewDecision,
  scheduleLabel,
} from '@amx/api'
import { objectKey, type Runtime, type Store } from '@amx/kube'
import { label } from '../job/job-labels.ts'
import { scheduleLabelValue } from '../schedule/run-names.ts'
import * as resources from './resources.ts'
import { trimmedRun } from './trimmed-run.ts'

/** What the operator knows of the cluster, kept by watches. */
export interface Caches {
  readonly runs: Store<MetadataRun>
  readonly schedules: Store<MetadataSchedule>
  readonly decisions: Store<ReviewDecision>
  readonly databaseProfiles: Store<DatabaseProfile>
  readonly llmProfiles: Store<LLMProfile>
  readonly jobs: Store<resources.JobObject>
  readonly pods: Store<resources.PodObject>
  readonly contextSources: Store<ContextSource>
  readonly indexJobs: Store<resources.JobObject>
  readonly indexPods: Store<resources.PodObject>
  readonly testJobs: Store<resources.JobObject>
  readonly testPods: Store<resources.PodObject>
}

/** Caches of everything the controllers read; `namespace` narrows them to one. */
export function createCaches(runtime: Runtime, namespace: string | undefined): Caches {
  const ofRuns = { namespace, labelSelector: label.runUid, indexes: { runUid } }
  const ofSources = { namespace, labelSelector: label.sourceUid, indexes: { sourceUid } }
  const ofProfiles = { namespace, labelSelector: label.profileUid, indexes: { profileUid } }
  return {
    runs: runtime.reflector<MetadataRun>(resources.runs, {
      namespace,
      indexes: { uid: (run) => [run.metadata.uid], schedule: scheduleOfRun },
      transform: trimmedRun,
    }).store,
    schedules: runtime.reflector<MetadataSchedule>(resources.schedules, {
      namespace,
      indexes: { label: ({ metadata }) => [objectKey(metadata.namespace, scheduleLabelValue(metadata.name))] },
    }).store,
    decisions: runtime.reflector<ReviewDecision>(resources.decisions, { namespace, indexes: { run: decidedRun } })
      .store,
    databaseProfiles: runtime.reflector<DatabaseProfile>(resources.databaseProfiles, { namespace }).store,
    llmProfiles: runtime.reflector<LLMProfile>(resources.llmProfiles, { namespace }).store,
    jobs: runtime.reflector<resources.JobObject>(resources.jobs, ofRuns).store,
    pods: runtime.reflector<resources.PodObject>(resources.pods, ofRuns).store,
    contextSources: runtime.reflector<ContextSource>(resources.contextSources, {
      namespace,
      indexes: { uid: (source) => [source.metadata.uid] },
    }).store,
    indexJobs: runtime.reflector<resources.JobObject>(resources.jobs, ofSources).store,
    indexPods: runtime.reflector<resources.PodObject>(resources.pods, ofSources).store,
    testJobs: runtime.reflector<resources.JobObject>(resources.jobs, ofProfiles).store,
    testPods: runtime.reflector<resources.PodObject>(resources.pods, ofProfiles).store,
  }
}

/** The runs that a schedule made. */
export function runsOfSchedule(
  caches: Pick<Caches, 'runs'>,
  { metadata }: Pick<MetadataSchedule, 'metadata'>,
): readonly MetadataRun[] {
  return caches.runs.byIndex('schedule', objectKey(metadata.namespace, scheduleLabelValue(metadata.name)))
}

/** The keys of the schedule that made a run; none when a person made it, or the schedule is gone. */
export function keysOfSchedule(caches: Pick<Caches, 'schedules'>, run: MetadataRun): string[] {
  return scheduleOfRun(run).flatMap((label) =>
    caches.schedules.byIndex('label', label).map(({ metadata }) => objectKey(metadata.namespace, metadata.name)),
  )
}

function scheduleOfRun({ metadata }: MetadataRun): string[] {
  const value = metadata.labels?.[scheduleLabel]
  return value === undefined ? [] : [objectKey(metadata.namespace, value)]
}

/** The key of the run with this uid, or null when the cluster has none. */
export function keyOfRun(caches: Pick<Caches, 'runs'>, uid: string): string | null {
  const [run] = caches.runs.byIndex('uid', uid)
  return run === undefined ? null : objectKey(run.metadata.namespace, run.metadata.name)
}

function runUid(object: resources.JobObject | resources.PodObject): string[] {
  const uid = object.metadata.labels?.[label.runUid]
  return uid === undefined ? [] : [uid]
}

/** The key of the ContextSource with this uid, or null when the cluster has none. */
export function keyOfSource(caches: Pick<Caches, 'contextSources'>, uid: string): string | null {
  const [source] = caches.contextSources.byIndex('uid', uid)
  return source === undefined ? null : objectKey(source.metadata.namespace, source.metadata.name)
}

function sourceUid(object: resources.JobObject | resources.PodObject): string[] {
  const uid = object.metadata.labels?.[label.sourceUid]
  return uid === undefined ? [] : [uid]
}

function profileUid(object: resources.JobObject | resources.PodObject): string[] {
  const uid = object.metadata.labels?.[label.profileUid]
  return uid === undefined ? [] : [uid]
}

function decidedRun({ metadata, spec }: ReviewDecision): string[] {
  return [objectKey(metadata.namespace, spec.runRef.name)]
}
