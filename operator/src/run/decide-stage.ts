import { AmxError, type ErrorReport, type MetadataRun, type RunPhase, reasons, type Stage } from '@amx/api'
import { capital, fail, type RunDecision, reasonOf, rest, sentence } from './decision.ts'
import { nextAttempt } from './next-attempt.ts'
import type { Intent, JobView, RunObserved } from './run-observed.ts'

const podGraceMs = 30_000

/** What a stage with open work does to the run: `decision` says how it stands, its intents what to do about the Job. */
export interface StageWork {
  readonly stage: Stage
  /** A number that grows with every unit of the stage that is done. */
  readonly progress: number
}

/**
 * Keeps the Jobs of stages with open work going: starts them, replaces those that failed, and says in words why one is not
 * getting on. `message` is what the run is doing when nothing is wrong.
 */
export function decideStages(
  observed: RunObserved,
  works: readonly StageWork[],
  normal: { readonly phase: RunPhase; readonly reason: string; readonly message: string },
  stages: RunDecision['stages'],
): RunDecision {
  const intents: Intent[] = []
  let requeueAfterMs: number | null = null
  let trouble: { reason: string; message: string; error: ErrorReport } | null = null

  for (const { stage, progress } of works) {
    const next = nextAttempt({
      stage,
      jobs: observed.jobs,
      knownAttempt: knownAttempt(observed.run, stage),
      progress,
      nowMs: observed.nowMs,
    })
    switch (next.kind) {
      case 'Fatal':
        return fail(next.error, stages)
      case 'Start':
        for (const holder of next.release) intents.push({ kind: 'ReleaseUnits', stage, holder })
        intents.push({ kind: 'CreateJob', stage, attempt: next.attempt, failures: next.failures, progress })
        break
      case 'Backoff': {
        requeueAfterMs = Math.min(requeueAfterMs ?? next.waitMs, next.waitMs)
        const seconds = Math.ceil(next.waitMs / 1000)
        const message = `${capital(next.error.message)}. The ${stage} stage is tried again in ${seconds} s. (${next.error.code})`
        trouble ??= { reason: reasons.retrying, message, error: next.error }
        break
      }
      case 'Working': {
        const error = stuckError(next.job, observed.nowMs)
        if (error !== null) trouble ??= { reason: reasonOf(error), message: sentence(error), error }
      }
    }
  }

  if (trouble === null || intents.length > 0) {
    return rest(normal.phase, normal.reason, normal.message, { intents, stages, requeueAfterMs })
  }
  return rest(normal.phase, trouble.reason, trouble.message, {
    stages,
    requeueAfterMs,
    lastError: trouble.error,
    warning: { reason: trouble.reason, message: trouble.message },
  })
}

function stuckError(job: JobView, nowMs: number): ErrorReport | null {
  if (job.pods.length === 0 && nowMs - job.createdAtMs > podGraceMs) {
    // A quota or a policy that refuses the pod shows in the events of the Job alone.
    const detail = `no pod was made for it yet; \`kubectl describe job ${job.name}\` shows why`
    return new AmxError('AMX-4003', { job: job.name, detail }).report()
  }
  const stuck = job.pods.find((pod) => pod.stuck !== null)?.stuck
  if (stuck === null || stuck === undefined) return null
  const words = `${stuck.reason}: ${stuck.message}`
  if (/secret.*(not found|non-existent|does not exist)/i.test(stuck.message)) {
    return new AmxError('AMX-1016', { secret: `the pod of Job "${job.name}" cannot start: ${words}` }).report()
  }
  return new AmxError('AMX-4003', { job: job.name, detail: words }).report()
}

function knownAttempt(run: MetadataRun, stage: Stage): number {
  const known = (run.status?.jobs ?? []).filter((job) => job.stage === stage)
  return known.reduce((highest, job) => Math.max(highest, job.attempt), 0)
}
