import { AmxError, type ErrorReport, toAmxError } from '@amx/api'
import type { NextFunction, Request, Response } from 'express'
import type { Logger } from 'pino'

/** An RFC 9457 problem document with the code and the remedy of the error catalogue. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorReport['code']
  readonly remedy: string
}

/** Any thrown value as a problem. */
export function problemOf(thrown: unknown): Problem {
  const error = toAmxError(bodyFault(thrown) ?? thrown)
  return {
    type: `https://amx.dev/errors/${error.code}`,
    title: error.entry.reason,
    status: error.entry.httpStatus,
    detail: error.message,
    code: error.code,
    remedy: error.remedy,
  }
}

export function sendProblem(response: Response, problem: Problem): void {
  // A service that is away for a moment is asked again soon: the worker keeps its work meanwhile.
  if (problem.status === 503) response.setHeader('retry-after', '1')
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

/** The last middleware: every error that reaches it becomes a problem; ours are logged with their stack. */
export function problemMiddleware(logger: Logger) {
  return (thrown: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const problem = problemOf(thrown)
    if (problem.status >= 500)
      logger.error({ err: thrown, path: request.path, code: problem.code }, 'the request could not be answered')
    if (response.headersSent) response.destroy()
    else sendProblem(response, problem)
  }
}

/** Faults of the body parser carry a status of their own; they are the caller's. */
function bodyFault(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !('status' in thrown) || !('type' in thrown)) return undefined
  if (thrown.status === 413)
    return new AmxError('AMX-1018', { what: 'the request body', size: 'too many bytes', limit: '16 MiB' })
  return new AmxError('AMX-1014', { problem: `the request body cannot be read: ${thrown.message}` }, { cause: thrown })
}
