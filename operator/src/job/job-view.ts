import type { WorkerSummary } from '@amx/api'
import type { JobObject, PodObject } from '../cluster/resources.ts'
import type { JobView, PodView } from '../run/run-observed.ts'
import { annotation, label, stageLabel } from './job-labels.ts'
import { stuckReason } from './stuck-pod.ts'

/** What decisions need of a Job and its pods; null for a Job that is not one of ours. */
export function jobView(job: JobObject, pods: readonly PodObject[], nowMs: number): JobView | null {
  const { metadata } = job
  const stage = stageLabel(metadata.labels)
  if (stage === null) return null
  const { state, message, atMs } = jobEnd(job)
  return {
    name: metadata.name,
    stage,
    attempt: count(metadata.labels?.[label.attempt], 1),
    state,
    failuresBefore: count(metadata.annotations?.[annotation.failures], 0),
    progressBefore: count(metadata.annotations?.[annotation.progress], 0),
    createdAtMs: Date.parse(metadata.creationTimestamp ?? '') || nowMs,
    finishedAtMs: state === 'Active' ? null : (atMs ?? nowMs),
    deleting: metadata.deletionTimestamp !== undefined,
    message,
    pods: pods.filter((pod) => isOf(pod, metadata.uid)).map((pod) => podView(pod, nowMs)),
  }
}

/** Whether and how a Job ended, in its own words; `atMs` is null where it does not say when. */
export function jobEnd(job: JobObject): Pick<JobView, 'state' | 'message'> & { readonly atMs: number | null } {
  const ended = job.status?.conditions?.find(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
  )
  if (ended === undefined) return { state: 'Active', message: '', atMs: null }
  return {
    state: ended.type === 'Complete' ? 'Complete' : 'Failed',
    message: ended.message ?? '',
    atMs: Date.parse(ended.lastTransitionTime ?? '') || null,
  }
}

/** What decisions need of a pod. */
export function podView(pod: PodObject, nowMs: number): PodView {
  const terminated = pod.status?.containerStatuses?.find(({ name }) => name === 'worker')?.state?.terminated
  const message = terminated?.message ?? ''
  const summary = parseSummary(message)
  return {
    name: pod.metadata.name,
    state: podState(pod.status?.phase),
    stuck: stuckReason(pod, nowMs),
    exitCode: terminated?.exitCode ?? null,
    summary,
    lastWords: summary === null && message.trim() !== '' ? message : lostWords(pod),
  }
}

/** Whether a pod is of the Job with this uid. */
export function isOf(pod: PodObject, jobUid: string | undefined): boolean {
  return pod.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === jobUid) ?? false
}

function podState(phase: string | undefined): PodView['state'] {
  return phase === 'Running' || phase === 'Succeeded' || phase === 'Failed' ? phase : 'Pending'
}

/** What Kubernetes says about a pod that failed without a container's words, such as one of a lost node. */
function lostWords({ status }: PodObject): string | null {
  if (status?.phase !== 'Failed') return null
  const words = [status.reason, status.message].filter((part) => part !== undefined && part !== '').join(': ')
  return words === '' ? null : words
}

/** The summary a worker left as its termination message; null when it left other words, such as the end of its log. */
function parseSummary(message: string): WorkerSummary | null {
  if (!message.startsWith('{')) return null
  try {
    const parsed: unknown = JSON.parse(message)
    return isSummary(parsed) ? parsed : null
  } catch {
    return null
  }
}

function isSummary(value: unknown): value is WorkerSummary {
  if (typeof value !== 'object' || value === null) return false
  if (!('outcome' in value) || !('stage' in value) || !('error' in value)) return false
  const { error } = value
  if (error === null) return true
  return typeof error === 'object' && 'code' in error && 'message' in error && 'remedy' in error
}

function count(text: string | undefined, otherwise: number): number {
  const value = Number(text)
  return text !== undefined && Number.isFinite(value) ? value : otherwise
}
