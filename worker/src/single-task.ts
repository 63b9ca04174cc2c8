import type { AmxError, WorkerSummary } from '@amx/api'
import pino, { type Logger } from 'pino'
import type { WorkerEnvironment } from './environment.ts'
import { createServerClient } from './server-client.ts'
import { leaveTerminationMessage, shorten } from './termination-message.ts'

/** A pod that does one thing, such as indexing a source or testing a profile, instead of claiming units. */
export interface SingleTask {
  readonly logger: Logger
  readonly server: ReturnType<typeof createServerClient>
  /** Logs how it ended and leaves that as the pod's last words. */
  end(outcome: WorkerSummary['outcome'], error: AmxError | null, figures: TaskFigures): void
}

/** What it came to: things done, and calls made to models. */
export interface TaskFigures {
  readonly done: number
  readonly calls: number
}

/** Begins the one task of a pod; its time runs from here. */
export function beginSingleTask(
  stage: WorkerSummary['stage'],
  environment: WorkerEnvironment,
  env: NodeJS.ProcessEnv,
): SingleTask {
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
  return {
    logger,
    server,
    end(outcome, error, { done, calls }) {
      const summary: WorkerSummary = {
        ...{ stage, outcome, stop: null, units: { done, failed: 0 }, statements: 0, calls },
        durationMs: Math.round(performance.now() - started),
        error: error === null ? null : shorten(error.report()),
      }
      // The stage stands on every line already.
      const { stage: _, ...facts } = summary
      logger.info(facts, 'worker ended')
      leaveTerminationMessage(environment.terminationMessagePath, summary)
    },
  }
}
