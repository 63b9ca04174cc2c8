import type { Usage } from '@amx/api'

/** The `usage` member of a chat completion, as far as it is read. Routes differ in where they put cached tokens. */
export interface ReportedUsage {
  readonly prompt_tokens?: unknown
  readonly completion_tokens?: unknown
  readonly total_tokens?: unknown
  readonly prompt_tokens_details?: {
    readonly cached_tokens?: unknown
    /** OpenRouter's. */
    readonly cache_write_tokens?: unknown
  } | null
  readonly completion_tokens_details?: { readonly reasoning_tokens?: unknown } | null
  /** DeepSeek's. */
  readonly prompt_cache_hit_tokens?: unknown
  /** Kimi's. */
  readonly cached_tokens?: unknown
  /** OpenRouter's: US dollars of the call. */
  readonly cost?: unknown
}

/** The tokens of a call; null when the reply does not say, or says what cannot be: unknown is not zero. */
export function modelUsage(reported: ReportedUsage | null | undefined): Usage | null {
  if (reported === null || reported === undefined) return null
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: total } = reported
  const cachedInputTokens =
    reported.prompt_tokens_details?.cached_tokens ?? reported.prompt_cache_hit_tokens ?? reported.cached_tokens ?? 0
  const reasoningTokens = reported.completion_tokens_details?.reasoning_tokens ?? 0
  const usage = checkedUsage({ inputTokens, cachedInputTokens, outputTokens, reasoningTokens })
  if (usage === null) return null
  if (total !== undefined && total !== null && (!isCount(total) || total < usage.inputTokens + usage.outputTokens))
    return null
  return usage
}

/** The counts as usage; null when they cannot be. */
export function checkedUsage(counts: Readonly<Record<keyof Usage, unknown>>): Usage | null {
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = counts
  if (!isCount(inputTokens) || !isCount(outputTokens) || !isCount(cachedInputTokens) || !isCount(reasoningTokens))
    return null
  // Every call has a prompt, and parts are no more than the whole.
  if (inputTokens === 0 || cachedInputTokens > inputTokens || reasoningTokens > outputTokens) return null
  return { inputTokens, cachedInputTokens, outputTokens, reasoningTokens }
}

/** The dollars a route reports as decimal text, to the nano-dollar; null when it reports none that can be. */
export function reportedUsd(cost: unknown): string | null {
  if (typeof cost !== 'number' || !Number.isFinite(cost) || cost < 0) return null
  return cost.toFixed(9).replace(/\.?0+$/, '')
}

/** A token count; 0 when the value is none. */
export function countOf(value: unknown): number {
  return isCount(value) ? value : 0
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
