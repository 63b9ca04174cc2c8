import { AmxError, type ErrorReport, isErrorCode, type Stage, workerExitCodes } from '@amx/api'
import type { JobView, PodView } from './run-observed.ts'

/** Failures of a stage in a row, without progress in between, that end the run. */
export const maximumFailures = 6

const firstBackoffMs = 1_000

/** What a stage with open work needs next. */
export type NextAttempt =
  | { readonly kind: 'Start'; readonly attempt: number; readonly failures: number; readonly release: readonly string[] }
  | { readonly kind: 'Working'; readonly job: JobView }
  | { readonly kind: 'Backoff'; readonly job: JobView; readonly waitMs: number; readonly error: ErrorReport }
  | { readonly kind: 'Fatal'; readonly error: ErrorReport }

export interface StageProgress {
  readonly stage: Stage
  readonly jobs: readonly JobView[]
  /** Highest attempt the run's status knows of, 0 when none: a Job may be gone from the cluster. */
  readonly knownAttempt: number
  /** A number that grows with every unit of the stage that is done. */
  readonly progress: number
  readonly nowMs: number
}

/** Decides whether a stage goes on, starts (again), waits, or has failed for good. */
export function nextAttempt({ stage, jobs, knownAttempt, progress, nowMs }: StageProgress): NextAttempt {
  const latest = latestJob(jobs, stage)
  if (latest === null || latest.deleting || latest.attempt < knownAttempt) {
    const attempt = Math.max(knownAttempt, latest?.attempt ?? 0) + 1
    return { kind: 'Start', attempt, failures: 0, release: holders(latest) }
  }
  if (latest.state === 'Active') return { kind: 'Working', job: latest }

  const fatal = fatalError(latest)
  if (fatal !== null) return { kind: 'Fatal', error: fatal }
  const start = { kind: 'Start', attempt: latest.attempt + 1, release: holders(latest) } as const
  const stopped = latest.pods.some((pod) => pod.summary?.outcome === 'Stopped' && pod.summary.stop !== null)
  const progressed = progress > latest.progressBefore
  if (latest.state === 'Complete' && (stopped || progressed)) return { ...start, failures: 0 }

  const failures = progressed ? 1 : latest.failuresBefore + 1
  const error = jobError(latest)
  if (failures >= maximumFailures) {
    const exhausted = new AmxError('AMX-4004', { stage, attempts: String(failures), detail: error.message })
    return { kind: 'Fatal', error: exhausted.report() }
  }
  const readyAtMs = (latest.finishedAtMs ?? nowMs) + firstBackoffMs * 2 ** (failures - 1)
  if (nowMs < readyAtMs) return { kind: 'Backoff', job: latest, waitMs: readyAtMs - nowMs, error }
  return { ...start, failures }
}

/** The newest Job of a stage, or null. */
export function latestJob(jobs: readonly JobView[], stage: Stage): JobView | null {
  return jobs
    .filter((job) => job.stage === stage)
    .reduce<JobView | null>((latest, job) => (latest === null || job.attempt > latest.attempt ? job : latest), null)
}

/** Whether no pod of a Job has begun to work. */
export function neverStarted(job: JobView): boolean {
  return job.pods.every((pod) => pod.state === 'Pending')
}

/** The error a Job ended with: its worker's own, else what Kubernetes says about it. */
export function jobError(job: JobView): ErrorReport {
  for (const pod of job.pods) {
    const reported = reportedError(pod)
    if (reported !== null) return reported
  }
  return new AmxError('AMX-4002', { job: job.name, detail: describeEnd(job) }).report()
}

function fatalError(job: JobView): ErrorReport | null {
  if (job.state !== 'Failed') return null
  const fatal = job.pods.find((pod) => pod.exitCode === workerExitCodes.fatal)
  if (fatal === undefined) return null
  return reportedError(fatal) ?? new AmxError('AMX-4002', { job: job.name, detail: describeEnd(job) }).report()
}

function reportedError(pod: PodView): ErrorReport | null {
  const error = pod.summary?.error
  if (error === null || error === undefined) return null
  const code = isErrorCode(error.code) ? error.code : 'AMX-9001'
  return { code, message: error.message, remedy: error.remedy }
}

function describeEnd(job: JobView): string {
  const ended = job.pods.find((pod) => pod.exitCode !== null)
  if (ended === undefined) return job.message || 'its pod was lost'
  const last = lastLine(ended.lastWords ?? '')
  const words = last === '' || isOrdinaryLog(last) ? '' : `: ${last}`
  return `the worker ended with exit code ${ended.exitCode}${words}`
}

function lastLine(text: string): string {
  const lines = text.trim().split('\n')
  return (lines.at(-1) ?? '').slice(0, 200)
}

/** Whether the end of a log is a line of the worker's own that tells of no fault: it says nothing about the end. */
function isOrdinaryLog(line: string): boolean {
  return /^\{"level":[123]0,/.test(line)
}

function holders(job: JobView | null): string[] {
  return job === null ? [] : job.pods.map((pod) => pod.name)
}
