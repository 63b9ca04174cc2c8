import { type MetadataRun, originLabel, origins, reasons, ttlAfterFinishedMs } from '@amx/api'
import type { RunDecision } from './decision.ts'
import { rest } from './decision.ts'
import { gitOpsTracker } from './gitops-tracking.ts'
import { neverStarted } from './next-attempt.ts'
import type { Intent, RunObserved } from './run-observed.ts'

const longestWaitMs = 24 * 3_600_000

/** What is left to do about a run that ended: leftover Jobs that never started, and its own removal when it is due. */
export function decideFinished({ run, jobs, nowMs }: RunObserved): RunDecision {
  const status = run.status
  const succeeded = status?.conditions?.find((condition) => condition.type === 'Succeeded')
  const intents: Intent[] = jobs
    .filter((job) => job.state === 'Active' && !job.deleting && neverStarted(job))
    .map((job) => ({ kind: 'DeleteJob', name: job.name }))

  let requeueAfterMs: number | null = null
  if (retention(run).kind === 'Collect' && status?.completionTime !== undefined) {
    const dueMs = Date.parse(status.completionTime) + ttlAfterFinishedMs(run)
    if (nowMs >= dueMs) intents.push({ kind: 'DeleteRun' })
    else requeueAfterMs = Math.min(dueMs - nowMs, longestWaitMs)
  }
  return rest(status?.phase ?? 'Succeeded', succeeded?.reason ?? reasons.succeeded, succeeded?.message ?? '', {
    intents,
    requeueAfterMs,
  })
}

/** Whether a finished run is ours to delete for its age. */
export type Retention =
  | { readonly kind: 'Collect' }
  | { readonly kind: 'Keep'; readonly reason: string; readonly message: string }

/** Only runs made by a schedule, Studio or the plugin are deleted, and never one that a GitOps tool would make again. */
export function retention(run: MetadataRun): Retention {
  const tracker = gitOpsTracker(run.metadata)
  if (tracker !== null) {
    const message = `Kept after ttlAfterFinished: ${tracker} tracks this object and would create it again.`
    return { kind: 'Keep', reason: reasons.trackedByGitOps, message }
  }
  const origin = run.metadata.labels?.[originLabel]
  if (origin === undefined || !origins.some((known) => known === origin)) {
    const message = 'Kept after ttlAfterFinished: a person made this object, so a person deletes it.'
    return { kind: 'Keep', reason: reasons.notOurs, message }
  }
  return { kind: 'Collect' }
}
