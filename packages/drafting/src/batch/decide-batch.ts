// A batch: Collecting -> Submitting -> Working -> Ended (answers taken in) | Failed (the provider took none of it).
// Collecting and Submitting are of one process; from the moment a batch is written down it outlives it: the next process finds
// it Working, or asks the provider whether it ever arrived.

/** Requests that wait to be sent together. */
export interface Collected {
  readonly requests: number
  readonly bytes: number
  readonly firstAtMs: number
  readonly lastAtMs: number
}

/** Below what OpenAI (50,000 requests, 200 MB) and Anthropic (100,000 requests, 256 MB) take in one batch. */
export const batchLimits = { requests: 10_000, bytes: 100_000_000 } as const

/** How long a batch waits for more, and for its first look. */
export interface BatchPace {
  /** Nothing came for this long: what is collected is sent. */
  readonly quietMs: number
  /** Until the provider is first asked how far a batch is; each further wait is half as long again, up to a minute. */
  readonly firstPollMs: number
}

export const usualPace: BatchPace = { quietMs: 5_000, firstPollMs: 2_000 }

const longestCollectMs = 120_000

/** Milliseconds until what is collected is sent, 0 for now: when it is full, when nothing came for a while, or after two minutes. */
export function sendInMs(collected: Collected, nowMs: number, { quietMs }: BatchPace = usualPace): number {
  if (collected.requests >= batchLimits.requests || collected.bytes >= batchLimits.bytes) return 0
  const due = Math.min(collected.lastAtMs + quietMs, collected.firstAtMs + longestCollectMs)
  return Math.max(0, due - nowMs)
}

const longestPollMs = 60_000

/** Milliseconds before the provider is asked for the n-th time (from 0) how far a batch is. */
export function pollInMs(polls: number, { firstPollMs }: BatchPace = usualPace): number {
  return Math.min(longestPollMs, Math.round(firstPollMs * 1.5 ** polls))
}
