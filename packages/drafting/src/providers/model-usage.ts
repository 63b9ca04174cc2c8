import type { Usage } from '@amx/api'

/** The `usage` member of a chat completion, as far as it is read. */
export interface ReportedUsage {
  readonly prompt_tokens?: unknown
  readonly completion_tokens?: unknown
  readonly total_tokens?: unknown
  readonly prompt_tokens_details?: { readonly cached_tokens?: unknown } | null
  readonly completion_tokens_details?: { readonly reasoning_tokens?: unknown } | null
}

/** The tokens of a call; null when the reply does not say, or says what cannot be: unknown is not zero. */
export function modelUsage(reported: ReportedUsage | null | undefined): Usage | null {
  if (reported === null || reported === undefined) return null
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: total } = reported
  const cachedInputTokens = reported.prompt_tokens_details?.cached_tokens ?? 0
  const reasoningTokens = reported.completion_tokens_details?.reasoning_tokens ?? 0
  if (!isCount(inputTokens) || !isCount(outputTokens) || !isCount(cachedInputTokens) || !isCount(reasoningTokens))
    return null
  // Every call has a prompt, and parts are no more than the whole.
  if (inputTokens === 0 || cachedInputTokens > inputTokens || reasoningTokens > outputTokens) return null
  if (total !== undefined && total !== null && (!isCount(total) || total < inputTokens + outputTokens)) return null
  return { inputTokens, cachedInputTokens, outputTokens, reasoningTokens }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
