import { randomUUID } from 'node:crypto'
import {
  AmxError,
  type CallOutcome,
  canonicalJson,
  costOf,
  digestOf,
  type ModelSettings,
  type RouteMemory,
} from '@amx/api'
import type { CallLedger } from '../drafting.ts'
import type { ModelAnswer, ModelQuestion, ModelRoute } from '../model-route.ts'
import { adaptLimits } from './adapt-limits.ts'
import type { CallFailure } from './call-failure.ts'
import { memoryOf, nothingSeen, rememberedLimits, seenIn } from './learnt-memory.ts'
import type { CallResult } from './model-reply.ts'
import { reasoningOutputCeiling } from './reasoning-model.ts'
import { firstOutputTokens, planRequest, type RequestPlan } from './request-plan.ts'
import { routeCapabilities } from './route-capabilities.ts'
import { storedReply, type UsedReply, usedReply } from './stored-reply.ts'
import { type OnRetry, triedCall } from './tried-call.ts'
import type { Wire } from './wire.ts'

/** What is known of the server before, and who hears what is learnt. */
export interface Learning {
  readonly memory: RouteMemory | null
  readonly onLearnt: (memory: RouteMemory) => void
}

type Exchange = { readonly callId: string } & ({ readonly reply: UsedReply } | { readonly failure: CallFailure })

/** A route to a model over a wire format: fits questions to what the route does, and learns what its server does not take. */
export function createRoute<Body extends object>(
  model: ModelSettings,
  wire: Wire<Body>,
  learning: Learning = { memory: null, onLearnt: () => {} },
): ModelRoute {
  const capabilities = routeCapabilities(model)
  const learnt = rememberedLimits(learning.memory, capabilities)
  let seen = learning.memory?.seen ?? nothingSeen
  let told = learning.memory === null ? null : canonicalJson(learning.memory)

  function tell(): void {
    const memory = memoryOf(learnt, seen)
    const text = canonicalJson(memory)
    if (text === told) return
    told = text
    learning.onLearnt(memory)
  }

  /** One call: announced, made, accounted for, and only then looked at. */
  async function exchange(
    question: ModelQuestion,
    plan: RequestPlan,
    ledger: CallLedger,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const callId = randomUUID()
    const body = wire.bodyOf(question, plan)
    const { provider } = model
    const permit = await ledger.begin({
      callId,
      purpose: question.purpose,
      provider,
      model: model.model,
      requestDigest: digestOf(body),
      messages: question.messages.map(({ role, content }) => ({ role, content })),
    })
    if (permit.cachedReply !== null) return { callId, reply: usedReply(permit.cachedReply) }
    const startedMs = performance.now()
    const onRetry: OnRetry = async (retry) => (await ledger.retried?.(callId, retry, signal)) ?? 0
    const result = await triedCall((limited) => wire.sendOnce(body, limited), model, signal, onRetry)
    await ledger.end(callId, outcomeOf(result, performance.now() - startedMs, model))
    if ('failure' in result) return { callId, failure: result.failure }
    seen = seenIn(result.reply, plan, seen)
    tell()
    return { callId, reply: result.reply }
  }

  return {
    async ask(question, ledger, signal) {
      const callIds: string[] = []
      let outputTokens = firstOutputTokens(question, capabilities)
      let raised: 'No' | 'Yes' = 'No'
      // Ends: every failure either changes what is sent for good, or returns, or throws.
      for (;;) {
        signal.throwIfAborted()
        const plan = planRequest(question, outputTokens, capabilities, learnt, model.model)
        const made = await exchange(question, plan, ledger, signal)
        callIds.push(made.callId)
        if ('failure' in made) {
          const { failure } = made
          // Accounted for; whoever stopped the call has the word now.
          signal.throwIfAborted()
          if (failure.kind === 'TooLong') return { kind: 'TooLong', reason: reasonOf(failure.error), callIds }
          if (failure.kind === 'Refused') return { kind: 'Refused', reason: reasonOf(failure.error), callIds }
          if (adaptLimits(learnt, capabilities, plan, failure)) continue
          throw failure.error
        }
        const { reply } = made
        if (reply.refusal !== null || reply.finishReason === 'content_filter') return refused(reply, callIds)
        if (reply.finishReason !== 'length') {
          const { content: text, reasoning, logprobs } = reply
          return { kind: 'Text', text, reasoning, logprobs, warnings: plan.warnings, callIds }
        }
        const more = Math.min(reasoningOutputCeiling, outputTokens * 4, learnt.outputCap)
        if (reply.content.trim() === '' && plan.reasons === 'Yes' && raised === 'No' && more > outputTokens) {
          raised = 'Yes'
          outputTokens = more
          continue
        }
        const limit = String(plan.outputTokens)
        return { kind: 'TooLong', reason: reasonOf(new AmxError('AMX-3008', { limit })), callIds }
      }
    },
    close: () => wire.close(),
  }
}

const nothingReceived = {
  reply: null,
  usage: null,
  costUsd: null,
  priceTable: null,
} as const

function outcomeOf(result: CallResult, latencyMs: number, model: ModelSettings): CallOutcome {
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
    ...costOf(usage, model, { cacheWriteTokens, reportedUsd }),
    requestId,
    latencyMs,
    tries,
    error,
  }
}

function refused(reply: Pick<UsedReply, 'refusal'>, callIds: readonly string[]): ModelAnswer {
  return {
    kind: 'Refused',
    reason: reasonOf(new AmxError('AMX-3007', { detail: reply.refusal?.trim() || 'content filter' })),
    callIds,
  }
}

function reasonOf(error: AmxError): string {
  return `${error.code}: ${error.message}`
}
