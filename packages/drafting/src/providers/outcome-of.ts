import { AmxError, type CallOutcome, costOf, type ModelSettings } from '@amx/api'
import type { CallResult } from './model-reply.ts'
import { storedReply } from './stored-reply.ts'

const nothingReceived = {
  reply: null,
  usage: null,
  costUsd: null,
  priceTable: null,
} as const

/** What the ledger is told of a call: what came, what was used, and what that cost at the rates of now. */
export function outcomeOf(
  result: CallResult,
  latencyMs: number,
  model: ModelSettings,
  billing: { readonly batch?: boolean } = {},
): CallOutcome {
  const { tries } = result
  if ('failure' in result) {
    const { error, requestId, kind } = result.failure
    const outcome = kind === 'Refused' ? 'Refused' : 'Failed'
    return { ...nothingReceived, outcome, requestId, latencyMs, tries, error: error.report() }
  }
  const { reply } = result
  const { refusal, finishReason, usage, cacheWriteTokens, reportedUsd, requestId } = reply
  const outcome =
    refusal !== null || finishReason === 'content_filter'
      ? 'Refused'
      : finishReason === 'length'
        ? 'Truncated'
        : 'Succeeded'
  const error =
    outcome === 'Refused'
      ? new AmxError('AMX-3007', { detail: refusal ?? 'content filter' }).report()
      : outcome === 'Truncated'
        ? new AmxError('AMX-3008', { limit: String(usage?.outputTokens ?? 'the limit of') }).report()
        : null
  return {
    outcome,
    reply: storedReply(reply),
    usage,
    ...costOf(usage, model, { ...billing, cacheWriteTokens, reportedUsd }),
    requestId,
    latencyMs,
    tries,
    error,
  }
}
