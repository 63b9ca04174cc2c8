import type { CallRetry } from '@amx/api'

/** What an LLMProfile allows, over all runs and pods that use it. 0 per minute is no limit. */
export interface ModelLimits {
  readonly concurrency: number
  readonly requestsPerMinute: number
  readonly tokensPerMinute: number
}

/** What a limiter hears of the calls of one LLMProfile. */
export type LimiterEvent =
  /** Units are to be handed out, `live` being leased already. One that is let through has the room of its first call. */
  | { readonly type: 'Claim'; readonly wanted: number; readonly live: number }
  /** Room that was given and is not used: fewer units were ready, or the reply was there already. */
  | { readonly type: 'GiveBack'; readonly requests: number; readonly tokens: number }
  /** A call begins: with the room of its unit, or beyond it, which is debt that others wait for. */
  | { readonly type: 'CallBegun'; readonly room: 'OfUnit' | 'Beyond' }
  /** A call ended; tokens are null when it used none or nobody knows how many. */
  | {
      readonly type: 'CallEnded'
      readonly reservedTokens: number
      readonly usedTokens: number | null
      readonly outcome: 'Answered' | 'Failed'
    }
  /** A try failed for a passing cause. */
  | ({ readonly type: 'Retry' } & CallRetry)

export interface LimiterAnswer {
  /** Units let through. */
  readonly granted: number
  /** Tokens that each of them, or the call that begins, was let through with. */
  readonly tokensEach: number
  /** Milliseconds until there is room for what was asked; null when no time brings it, or it was granted. */
  readonly waitMs: number | null
}

/** The shared limiter of model calls. Keys are namespace and LLMProfile. Never rejects: without it, work goes on. */
export interface ModelLimiter {
  tell(llmKey: string, limits: ModelLimits, event: LimiterEvent): Promise<LimiterAnswer>
}

/** Limits nothing but the units leased at once. */
export const concurrencyOnly: ModelLimiter = {
  async tell(_llmKey, { concurrency }, event) {
    const granted = event.type === 'Claim' ? Math.max(0, Math.min(event.wanted, concurrency - event.live)) : 0
    return { granted, tokensEach: 0, waitMs: null }
  },
}

/** The limits of a run's model, read from its settings. */
export interface LimitsRow {
  readonly llm_key: string | null
  readonly provider: string | null
  readonly concurrency: number | null
  readonly requests_per_minute: number | null
  readonly tokens_per_minute: number | null
}

/** Of `amx.runs r`. */
export const limitsColumns = `r.llm_key, r.settings #>> '{model,provider}' as provider,
  (r.settings #>> '{model,limits,concurrency}')::integer as concurrency,
  (r.settings #>> '{model,limits,requestsPerMinute}')::integer as requests_per_minute,
  (r.settings #>> '{model,limits,tokensPerMinute}')::float8 as tokens_per_minute`

/** The limits a run's calls are held to; the built-in drafter makes none, so only its units at once count. */
export function limitsOf(row: LimitsRow): ModelLimits {
  const calls = row.provider !== 'BuiltIn'
  return {
    concurrency: row.concurrency ?? 1,
    requestsPerMinute: calls ? (row.requests_per_minute ?? 0) : 0,
    tokensPerMinute: calls ? (row.tokens_per_minute ?? 0) : 0,
  }
}

/** Whether calls have to be counted by the minute. */
export function isRated({ requestsPerMinute, tokensPerMinute }: ModelLimits): boolean {
  return requestsPerMinute > 0 || tokensPerMinute > 0
}
