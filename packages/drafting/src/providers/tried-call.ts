import { setTimeout as sleep } from 'node:timers/promises'
import type { CallRetry, ModelSettings } from '@amx/api'
import { type CallFailure, stopped, timedOut, unreachable } from './call-failure.ts'
import type { CallResult, ModelReply } from './model-reply.ts'
import { longestDelayMs, retryAfterMs, retryDelayMs } from './retry-delay.ts'

/** One try of a request. Gives how the server answered; throws when there was no answer. */
export type Try = (signal: AbortSignal) => Promise<ModelReply | CallFailure>

/** Hears of a try that failed for a passing cause; gives the least wait before another, in milliseconds. */
export type OnRetry = (retry: CallRetry) => Promise<number>

/** Tries until the request is answered, refused for good, stopped by the signal, or out of tries. Does not throw. */
export async function triedCall(
  attempt: Try,
  model: ModelSettings,
  signal: AbortSignal,
  onRetry: OnRetry = async () => 0,
): Promise<CallResult> {
  const { limits, provider } = model
  const context = { provider, model: model.model, timeoutMs: limits.timeoutMs }

  async function once(): Promise<ModelReply | CallFailure> {
    const limit = AbortSignal.timeout(limits.timeoutMs)
    try {
      return await attempt(AbortSignal.any([signal, limit]))
    } catch (thrown) {
      if (signal.aborted) return stopped(context)
      return limit.aborted ? timedOut(context, thrown) : unreachable(context, thrown)
    }
  }

  for (let tries = 1; ; tries += 1) {
    const result = await once()
    if (!('kind' in result)) return { tries, reply: result }
    if (result.kind !== 'Again') return { tries, failure: result }
    const again = tries <= limits.retries
    const cause = result.error.code === 'AMX-3004' ? 'RateLimited' : 'Fault'
    const roomInMs = await onRetry({ cause, retryAfterMs: retryAfterMs(result.headers), again })
    if (!again) return { tries, failure: result }
    const waitMs = Math.max(retryDelayMs(tries, result.headers), Math.min(longestDelayMs, roomInMs))
    await sleep(waitMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return { tries, failure: stopped(context) }
  }
}
