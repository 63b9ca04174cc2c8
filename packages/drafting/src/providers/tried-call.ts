import { setTimeout as sleep } from 'node:timers/promises'
import type { ModelSettings } from '@amx/api'
import { type CallFailure, stopped, timedOut, unreachable } from './call-failure.ts'
import type { CallResult, ModelReply } from './model-reply.ts'
import { retryDelayMs } from './retry-delay.ts'

/** One try of a request. Gives how the server answered; throws when there was no answer. */
export type Try = (signal: AbortSignal) => Promise<ModelReply | CallFailure>

/** Tries until the request is answered, refused for good, stopped by the signal, or out of tries. Does not throw. */
export async function triedCall(attempt: Try, model: ModelSettings, signal: AbortSignal): Promise<CallResult> {
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
    if (result.kind !== 'Again' || tries > limits.retries) return { tries, failure: result }
    await sleep(retryDelayMs(tries, result.headers), undefined, { signal }).catch(() => {})
    if (signal.aborted) return { tries, failure: stopped(context) }
  }
}
