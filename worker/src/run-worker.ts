import { type AmxError, type Assignment, type Stage, toAmxError, type WorkerSummary, workerExitCodes } from '@amx/api'
import { readEnvironment, type WorkerEnvironment } from './environment.ts'
import { fatalCodes } from './fatal-codes.ts'
import { createRunLog, type RunLog } from './run-log.ts'
import { createServerClient, type ServerClient } from './server-client.ts'
import type { StageProgram } from './stages/stage-program.ts'
import { leaveTerminationMessage, shorten } from './termination-message.ts'
import { runWorkLoop } from './work-loop.ts'

/** Runs one stage to its end and gives the exit code. The summary is left as the pod's termination message. */
export async function runWorker(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  draining: AbortSignal,
): Promise<number> {
  const started = performance.now()
  let environment: WorkerEnvironment
  try {
    environment = readEnvironment(args, env)
  } catch (thrown) {
    const error = toAmxError(thrown)
    process.stderr.write(`${error.code} ${error.message}. ${error.remedy}\n`)
    return workerExitCodes.fatal
  }
  if (environment.stage === 'index') return (await import('./run-index.ts')).runIndex(environment, env, draining)
  if (environment.stage === 'test') return (await import('./run-test.ts')).runTest(environment, env, draining)
  const inRun = { ...environment, stage: environment.stage }
  const log = createRunLog({
    level: env['AMX_LOG_LEVEL'] ?? 'info',
    bindings: { stage: environment.stage, run: env['AMX_RUN_UID'] ?? '', pod: environment.podName },
  })
  const server = createServerClient({
    ...environment,
    onRetry: (retry) => log.logger.warn(retry, 'the server did not take a request; it is tried again'),
  })
  const progress: Progress = { done: 0, failed: 0, statements: 0, calls: 0 }
  const end = (outcome: WorkerSummary['outcome'], stop: WorkerSummary['stop'], error: AmxError | null): void => {
    const summary: WorkerSummary = {
      stage: environment.stage,
      outcome,
      stop,
      units: { done: progress.done, failed: progress.failed },
      statements: progress.statements,
      calls: progress.calls,
      durationMs: Math.round(performance.now() - started),
      peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
      error: error === null ? null : shorten(error.report()),
    }
    // The stage stands on every line already.
    const { stage: _, ...facts } = summary
    log.logger.info(facts, 'worker ended')
    leaveTerminationMessage(environment.terminationMessagePath, summary)
  }

  try {
    const { outcome, stop } = await work(inRun, server, log, progress, draining)
    end(outcome === 'Done' ? 'Done' : 'Stopped', stop, null)
    return outcome === 'Interrupted' ? workerExitCodes.interrupted : workerExitCodes.done
  } catch (thrown) {
    if (draining.aborted) {
      end('Stopped', null, null)
      return workerExitCodes.interrupted
    }
    const error = toAmxError(thrown)
    log.logger.error({ err: thrown, code: error.code }, error.message)
    const fatal = fatalCodes.has(error.code)
    if (fatal) {
      await server
        .fail({ error: error.report() }, AbortSignal.timeout(10_000))
        .catch((failure: unknown) => log.logger.warn({ err: failure }, 'fault not reported; the exit code says it'))
    }
    end('Failed', null, error)
    return fatal ? workerExitCodes.fatal : workerExitCodes.retryable
  } finally {
    await log.close()
  }
}

/** A worker's environment in a stage of a run. */
type RunEnvironment = WorkerEnvironment & { readonly stage: Stage }

interface Progress {
  done: number
  failed: number
  statements: number
  calls: number
}

async function work(
  environment: RunEnvironment,
  server: ServerClient,
  log: RunLog,
  progress: Progress,
  draining: AbortSignal,
) {
  // The stage's libraries load while the server answers.
  const [assignment, createStage] = await Promise.all([server.assignment(draining), loadStage(environment.stage)])
  log.attach(server)
  log.logger.info({ name: assignment.run.name, namespace: assignment.run.namespace }, 'worker started')
  const stage = createStage(assignment, environment, server)
  try {
    const result = await runWorkLoop({
      server,
      logger: log.logger,
      concurrency: stage.concurrency,
      heartbeatMs: assignment.heartbeatMs,
      drainMs: environment.drainMs,
      draining,
      perform: stage.perform,
      ...(stage.isEnough === undefined ? {} : { isEnough: stage.isEnough }),
      ...(stage.onStop === undefined ? {} : { onStop: stage.onStop }),
    })
    progress.done = result.done
    progress.failed = result.failed
    return result
  } finally {
    Object.assign(progress, await stage.figures())
    await stage.close()
  }
}

type CreateStage = (assignment: Assignment, environment: WorkerEnvironment, server: ServerClient) => StageProgram

/** Loads only the libraries of the stage: the draft pod never loads a database driver, the others never load a model client. */
async function loadStage(stage: Stage): Promise<CreateStage> {
  switch (stage) {
    case 'profile':
      return (await import('./stages/profile-stage.ts')).createProfileStage
    case 'draft':
      return (await import('./stages/draft-stage.ts')).createDraftStage
    case 'apply':
      return (await import('./stages/apply-stage.ts')).createApplyStage
  }
}
