import { backoffMs } from '../backoff/backoff.ts'

/** One failed attempt at a call. */
export interface FailedAttempt {
  readonly method: string
  /** Attempts made so far, this one included. */
  readonly attempts: number
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  readonly retryAfterMs: number | undefined
  /** Milliseconds left of the call's time limit. */
  readonly remainingMs: number
}

const mostAttempts = 4
const tooManyRequests = 429
const unavailable = 503
const transientStatuses: ReadonlySet<number> = new Set([0, 500, 502, 503, 504])

/**
 * Milliseconds to wait before the next attempt, or undefined to give up. 429, and 503 that says when to come back, were
 * refused before anything was done, so every method is repeated after the time the server asked for; other failures of
 * the server or the network only for reads. Never waits beyond the call's time limit.
 */
export function retryDelayMs(attempt: FailedAttempt, random: () => number = Math.random): number | undefined {
  if (attempt.attempts >= mostAttempts) return undefined
  const delayMs = wantedDelayMs(attempt, random)
  if (delayMs === undefined || delayMs >= attempt.remainingMs) return undefined
  return delayMs
}

function wantedDelayMs(attempt: FailedAttempt, random: () => number): number | undefined {
  const refused =
    attempt.status === tooManyRequests || (attempt.status === unavailable && attempt.retryAfterMs !== undefined)
  const repeatable = refused || (isRead(attempt.method) && transientStatuses.has(attempt.status))
  if (!repeatable) return undefined
  if (attempt.retryAfterMs !== undefined) return attempt.retryAfterMs + Math.round(100 * random())
  return backoffMs({ firstMs: 100, limitMs: 2_000, factor: 3, jitter: 0.5 }, attempt.attempts, random)
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}
