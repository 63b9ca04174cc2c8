import { type AmxError, toAmxError, type WorkerSummary, workerExitCodes } from '@amx/api'
import pino from 'pino'
import type { WorkerEnvironment } from './environment.ts'
import { createServerClient } from './server-client.ts'
import { indexContext } from './stages/index-stage.ts'
import { leaveTerminationMessage, shorten } from './termination-message.ts'

/**
 * Indexes one ContextSource and gives the exit code. A failure is told to the server, which shows it in the source's status; only
 * where the server cannot be told, the exit code asks for another try.
 */
export async function runIndex(
  environment: WorkerEnvironment,
  env: NodeJS.ProcessEnv,
  draining: AbortSignal,
): Promise<number> {
  const started = performance.now()
  const logger = pino({
    level: env['AMX_LOG_LEVEL'] ?? 'info',
    base: { stage: environment.stage, pod: environment.podName },
    timestamp: pino.stdTimeFunctions.isoTime,
  })
  const server = createServerClient({
    ...environment,
    onRetry: (retry) => logger.warn(retry, 'the server did not take a request; it is tried again'),
  })
  let documents = 0
  let indexId: string | null = null

  function end(outcome: WorkerSummary['outcome'], error: AmxError | null): void {
    const summary: WorkerSummary = {
      stage: 'index',
      outcome,
      stop: null,
      units: { done: documents, failed: 0 },
      statements: 0,
      calls: 0,
      durationMs: Math.round(performance.now() - started),
      error: error === null ? null : shorten(error.report()),
    }
    // The stage stands on every line already.
    const { stage: _, ...facts } = summary
    logger.info(facts, 'worker ended')
    leaveTerminationMessage(environment.terminationMessagePath, summary)
  }

  try {
    const assignment = await server.contextAssignment(draining)
    indexId = assignment.indexId
    const { namespace, name } = assignment.source
    logger.info({ namespace, name, kind: assignment.kind, indexId }, 'indexing begins')
    const figures = await indexContext(assignment, environment, server, logger, draining)
    documents = figures.documents
    logger.info(figures, figures.unchanged ? 'the source did not change' : 'the source is indexed')
    end('Done', null)
    return workerExitCodes.done
  } catch (thrown) {
    if (draining.aborted) {
      end('Stopped', null)
      return workerExitCodes.interrupted
    }
    const error = toAmxError(thrown)
    logger.error({ err: thrown, code: error.code }, error.message)
    end('Failed', error)
    if (indexId === null) return workerExitCodes.retryable
    try {
      await server.failContext({ indexId, error: error.report() }, AbortSignal.timeout(30_000))
      return workerExitCodes.fatal
    } catch (failure) {
      logger.warn({ err: failure }, 'fault not reported; the exit code says it')
      return workerExitCodes.retryable
    }
  }
}
