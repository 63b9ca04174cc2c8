import type { Stage } from '@amx/api'
import type { StageJob } from './build-job.ts'

/** Labels of a Job and of its pods. The server trusts a pod for the run that its Job is labelled with and owned by. */
export const label = {
  run: 'amx.dev/run',
  runUid: 'amx.dev/run-uid',
  source: 'amx.dev/context-source',
  sourceUid: 'amx.dev/context-source-uid',
  profile: 'amx.dev/profile',
  profileUid: 'amx.dev/profile-uid',
  stage: 'amx.dev/stage',
  attempt: 'amx.dev/attempt',
} as const

/** What the next attempt needs to know about this one; kept on the Job, so that it outlives the operator. */
export const annotation = { run: 'amx.dev/run', failures: 'amx.dev/failures', progress: 'amx.dev/progress' } as const

export function jobLabels({ run, stage, attempt }: StageJob): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'amx-worker',
    'app.kubernetes.io/part-of': 'amx',
    'app.kubernetes.io/component': stage,
    'app.kubernetes.io/managed-by': 'amx-operator',
    // A name may be longer than a label's value; the whole of it stands in the annotation and in the owner reference.
    [label.run]: run.name.slice(0, 63).replace(/[-.]+$/, ''),
    [label.runUid]: run.uid,
    [label.stage]: stage,
    [label.attempt]: String(attempt),
  }
}

export function jobAnnotations({ run, failures, progress }: StageJob): Record<string, string> {
  return {
    [annotation.run]: run.name,
    [annotation.failures]: String(failures),
    [annotation.progress]: String(progress),
  }
}

/** The stage an object is labelled with, or null. */
export function stageLabel(labels: Readonly<Record<string, string>> | undefined): Stage | null {
  const stage = labels?.[label.stage]
  return stage === 'profile' || stage === 'draft' || stage === 'apply' ? stage : null
}
