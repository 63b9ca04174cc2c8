import type { LimiterAnswer, LimiterEvent, ModelLimits } from '@amx/store'

/** What is known about the use of one LLMProfile. Plain JSON, so that replicas can share it. */
export interface LimiterState {
  /** The moment to which the buckets are filled, in milliseconds of the limiter's clock. */
  readonly atMs: number
  /** Calls that may begin now; below zero is debt. null where they are not limited. */
  readonly requests: number | null
  /** Tokens that may be used now; below zero is debt. null where they are not limited. */
  readonly tokens: number | null
  /** Calls at once that the provider was found to take, at most what the profile allows. */
  readonly ceiling: number
  /** The provider asked for no call before this moment. */
  readonly closedUntilMs: number
  /** What a call used of late; null before the first ended. */
  readonly tokensPerCall: number | null
}

/** Taken for a call of which nothing is known yet: a batch of ten columns with its answer. */
const unknownCallTokens = 4_000
/** Weight of the last call in {@link LimiterState.tokensPerCall}. */
const lastCallWeight = 0.2
/** The longest pause that a provider can ask for at once: a call that waits longer is tried, and says so when it fails. */
const longestPauseMs = 60_000
/** Places lost with each refused call: a round of calls that are all refused halves the ceiling. */
const placesPerRefusal = 0.5

export interface LimiterStep {
  readonly state: LimiterState
  readonly answer: LimiterAnswer
}

/** A limiter that was told nothing yet: full buckets, the ceiling at the profile's limit. */
export function freshLimiter(limits: ModelLimits, nowMs: number): LimiterState {
  return {
    atMs: nowMs,
    requests: limits.requestsPerMinute > 0 ? requestBucket(limits).size : null,
    tokens: limits.tokensPerMinute > 0 ? tokenBucket(limits).size : null,
    ceiling: limits.concurrency,
    closedUntilMs: 0,
    tokensPerCall: null,
  }
}

/**
 * The limiter after an event. Requests and tokens per minute are token buckets that hold one second's worth, since providers
 * enforce their limits by the second as well, and go below zero with what cannot wait. The ceiling follows the provider's
 * refusals: half a place less for each, and for each answer as much back that a full round of them gives a sixteenth of the
 * profile's limit. So a ceiling halves in a round of refusals, and stays whole while fewer than one call in eight is refused.
 */
export function stepLimiter(
  before: LimiterState,
  limits: ModelLimits,
  event: LimiterEvent,
  nowMs: number,
): LimiterStep {
  const state = limiterAt(before, limits, nowMs)
  const tokensEach = Math.round(state.tokensPerCall ?? unknownCallTokens)
  switch (event.type) {
    case 'Claim':
      return admit(state, limits, event, tokensEach)
    case 'GiveBack':
      return step(charged(state, -event.requests, -event.tokens), tokensEach, null)
    case 'CallBegun': {
      if (event.room === 'OfUnit') return step(state, tokensEach, closedMs(state) || null)
      const next = charged(state, 1, tokensEach)
      return step(next, tokensEach, Math.max(closedMs(next), debtMs(next, limits)) || null)
    }
    case 'CallEnded':
      return step(ended(state, limits, event), tokensEach, null)
    case 'Retry':
      return retried(state, limits, event, tokensEach)
  }
}

function step(state: LimiterState, tokensEach: number, waitMs: number | null): LimiterStep {
  return { state, answer: { granted: 0, tokensEach, waitMs } }
}

interface Bucket {
  readonly size: number
  readonly perMs: number
}

/** Never more than the limit in any minute: what the full bucket gives at once is taken off the rate. */
function requestBucket({ requestsPerMinute }: ModelLimits): Bucket {
  const size = Math.max(1, Math.floor(requestsPerMinute / 60))
  return { size, perMs: (requestsPerMinute - size + 1) / 60_000 }
}

function tokenBucket({ tokensPerMinute }: ModelLimits): Bucket {
  return { size: tokensPerMinute / 60, perMs: tokensPerMinute / 60_000 }
}

/** The limiter at a moment: buckets filled up, the ceiling within the limit of now. */
export function limiterAt(state: LimiterState, limits: ModelLimits, nowMs: number): LimiterState {
  const elapsedMs = Math.max(0, nowMs - state.atMs)
  const fill = (level: number | null, limit: number, bucket: Bucket) => {
    if (limit <= 0) return null
    return level === null ? bucket.size : Math.min(bucket.size, level + elapsedMs * bucket.perMs)
  }
  return {
    ...state,
    atMs: Math.max(nowMs, state.atMs),
    requests: fill(state.requests, limits.requestsPerMinute, requestBucket(limits)),
    tokens: fill(state.tokens, limits.tokensPerMinute, tokenBucket(limits)),
    ceiling: Math.max(1, Math.min(state.ceiling, limits.concurrency)),
  }
}

function charged(state: LimiterState, requests: number, tokens: number): LimiterState {
  return {
    ...state,
    requests: state.requests === null ? null : state.requests - requests,
    tokens: state.tokens === null ? null : state.tokens - tokens,
  }
}

function admit(
  state: LimiterState,
  limits: ModelLimits,
  { wanted, live }: Extract<LimiterEvent, { type: 'Claim' }>,
  tokensEach: number,
): LimiterStep {
  const places = Math.min(wanted, Math.floor(state.ceiling) - live)
  if (places <= 0) return step(state, tokensEach, null)
  const pauseMs = closedMs(state)
  if (pauseMs > 0) return step(state, tokensEach, pauseMs)
  const byRequests = state.requests === null ? places : Math.floor(state.requests + 1e-9)
  const byTokens = state.tokens === null ? places : Math.ceil(state.tokens / Math.max(1, tokensEach))
  const granted = Math.max(0, Math.min(places, byRequests, byTokens))
  const next = charged(state, granted, granted * tokensEach)
  // Debt is paid when a call can begin: one whole request, and any token at all.
  const waitMs = granted < places ? Math.max(1, debtMs(charged(next, 1, 1), limits)) : null
  return { state: next, answer: { granted, tokensEach, waitMs } }
}

function ended(
  state: LimiterState,
  limits: ModelLimits,
  { reservedTokens, usedTokens, outcome }: Extract<LimiterEvent, { type: 'CallEnded' }>,
): LimiterState {
  const settled = charged(state, 0, (usedTokens ?? 0) - reservedTokens)
  const growth = Math.max(1, limits.concurrency / 16) / state.ceiling
  return {
    ...settled,
    ceiling: outcome === 'Answered' ? Math.min(limits.concurrency, state.ceiling + growth) : state.ceiling,
    tokensPerCall:
      usedTokens === null
        ? state.tokensPerCall
        : state.tokensPerCall === null
          ? usedTokens
          : state.tokensPerCall + (usedTokens - state.tokensPerCall) * lastCallWeight,
  }
}

function retried(
  state: LimiterState,
  limits: ModelLimits,
  { cause, retryAfterMs, again }: Extract<LimiterEvent, { type: 'Retry' }>,
  tokensEach: number,
): LimiterStep {
  const pauseMs = Math.min(longestPauseMs, retryAfterMs ?? 0)
  const limited: LimiterState =
    cause === 'Fault'
      ? state
      : {
          ...state,
          ceiling: Math.max(1, state.ceiling - placesPerRefusal),
          closedUntilMs: Math.max(state.closedUntilMs, state.atMs + pauseMs),
        }
  if (!again) return step(limited, tokensEach, null)
  const next = charged(limited, 1, 0)
  return step(next, tokensEach, Math.max(closedMs(next), debtMs(next, limits)) || null)
}

function closedMs(state: LimiterState): number {
  return Math.max(0, state.closedUntilMs - state.atMs)
}

/** Milliseconds until neither bucket is below zero. */
function debtMs({ requests, tokens }: LimiterState, limits: ModelLimits): number {
  const requestsMs = requests === null ? 0 : -requests / requestBucket(limits).perMs
  const tokensMs = tokens === null ? 0 : -tokens / tokenBucket(limits).perMs
  return Math.max(0, Math.ceil(requestsMs), Math.ceil(tokensMs))
}
