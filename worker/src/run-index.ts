import { toAmxError, workerExitCodes } from '@amx/api'
import type { WorkerEnvironment } from './environment.ts'
import { beginSingleTask } from './single-task.ts'
import { indexContext } from './stages/index-stage.ts'

/**
 * Indexes one ContextSource and gives the exit code. A failure is told to the server, which shows it in the source's status; only
 * where the server cannot be told, the exit code asks for another try.
 */
export async function runIndex(
  environment: WorkerEnvironment,
  env: NodeJS.ProcessEnv,
  draining: AbortSignal,
): Promise<number> {
  const { logger, server, end } = beginSingleTask('index', environment, env)
  let documents = 0
  let indexId: string | null = null
  const summed = () => ({ done: documents, calls: 0 })

  try {
    const assignment = await server.contextAssignment(draining)
    indexId = assignment.indexId
    const { namespace, name } = assignment.source
    logger.info({ namespace, name, kind: assignment.kind, indexId }, 'indexing begins')
    const figures = await indexContext(assignment, environment, server, logger, draining)
    documents = figures.documents
    logger.info(figures, figures.unchanged ? 'the source did not change' : 'the source is indexed')
    end('Done', null, summed())
    return workerExitCodes.done
  } catch (thrown) {
    if (draining.aborted) {
      end('Stopped', null, summed())
      return workerExitCodes.interrupted
    }
    const error = toAmxError(thrown)
    logger.error({ err: thrown, code: error.code }, error.message)
    end('Failed', error, summed())
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
