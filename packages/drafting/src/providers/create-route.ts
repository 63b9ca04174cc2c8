import { randomUUID } from 'node:crypto'
import { AmxError, canonicalJson, digestOf, type ModelSettings, type RouteMemory } from '@amx/api'
import { type BatchSender, type BatchSenderOptions, createBatchSender } from '../batch/batch-sender.ts'
import type { CallLedger } from '../drafting.ts'
import type { ModelAnswer, ModelQuestion, ModelRoute } from '../model-route.ts'
import { fitsTokens } from '../prompt/token-count.ts'
import { adaptLimits } from './adapt-limits.ts'
import type { CallFailure } from './call-failure.ts'
import { contextWindowTokens } from './context-window.ts'
import { memoryOf, nothingSeen, rememberedLimits, seenIn } from './learnt-memory.ts'
import type { CallResult } from './model-reply.ts'
import { outcomeOf } from './outcome-of.ts'
import { reasoningOutputCeiling } from './reasoning-model.ts'
import { firstOutputTokens, planRequest, type RequestPlan } from './request-plan.ts'
import { routeCapabilities } from './route-capabilities.ts'
import { type UsedReply, usedReply } from './stored-reply.ts'
import { type OnRetry, triedCall } from './tried-call.ts'
import type { Wire } from './wire.ts'

/** What is known of the server before, and who hears what is learnt. */
export interface Learning {
  readonly memory: RouteMemory | null
  readonly onLearnt: (memory: RouteMemory) => void
}

/** Tokens that providers put around messages. */
const spareTokens = 64

type Exchange = { readonly callId: string } & ({ readonly reply: UsedReply } | { readonly failure: CallFailure })

// The questions that every batch of columns begins with. What follows an answer is asked at once: there is little of it, and in a
// batch of its own each step could take another day.
const batchedPurposes: ReadonlySet<ModelQuestion['purpose']> = new Set<ModelQuestion['purpose']>([
  'draft',
  'variation',
  'documents',
  'code',
])

type Batching = Pick<BatchSenderOptions<object>, 'journal' | 'pace'>

export interface RouteOptions {
  readonly learning?: Learning
  /** Present when first questions go out in the provider's batches. */
  readonly batching?: Batching
}

/**
 * A route to a model over a wire format: fits questions to what the route does, and learns what its server does not take.
 * Throws AMX-1002 when it is to send batches and the provider has none.
 */
export function createRoute<Body extends object>(
  model: ModelSettings,
  wire: Wire<Body>,
  { learning = { memory: null, onLearnt: () => {} }, batching }: RouteOptions = {},
): ModelRoute {
  const capabilities = routeCapabilities(model)
  const learnt = rememberedLimits(learning.memory, capabilities)
  const batches = batching === undefined ? null : batchSenderOf(model, wire, batching)
  const windowTokens = contextWindowTokens(model)
  let seen = learning.memory?.seen ?? nothingSeen
  let told = learning.memory === null ? null : canonicalJson(learning.memory)

  function tell(): void {
    const memory = memoryOf(learnt, seen)
    const text = canonicalJson(memory)
    if (text === told) return
    told = text
    learning.onLearnt(memory)
  }

  function exchanged(callId: string, result: CallResult, plan: RequestPlan): Exchange {
    if ('failure' in result) return { callId, failure: result.failure }
    seen = seenIn(result.reply, plan, seen)
    tell()
    return { callId, reply: result.reply }
  }

  /** One call: announced, made, accounted for, and only then looked at. */
  async function exchange(
    question: ModelQuestion,
    plan: RequestPlan,
    ledger: CallLedger,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const body = wire.bodyOf(question, plan)
    const requestDigest = digestOf(body)
    const startedMs = performance.now()
    const sender = batchedPurposes.has(question.purpose) ? batches : null
    const account = (callId: string, billing: { readonly batch?: boolean }) => (result: CallResult) =>
      ledger.end(callId, outcomeOf(result, performance.now() - startedMs, model, billing))
    const taken = sender === null ? null : await sender.taken(requestDigest)
    if (sender !== null && taken !== null) {
      const result = await sender.send({ callId: taken, body: null, account: account(taken, { batch: true }) }, signal)
      return exchanged(taken, result, plan)
    }
    const callId = randomUUID()
    const { provider } = model
    const permit = await ledger.begin({
      callId,
      purpose: question.purpose,
      provider,
      model: model.model,
      requestDigest,
      messages: question.messages.map(({ role, content }) => ({ role, content })),
    })
    if (permit.cachedReply !== null) return { callId, reply: usedReply(permit.cachedReply) }
    if (sender !== null)
      return exchanged(
        callId,
        await sender.send({ callId, body, account: account(callId, { batch: true }) }, signal),
        plan,
      )
    const onRetry: OnRetry = async (retry) => (await ledger.retried?.(callId, retry, signal)) ?? 0
    const result = await triedCall((limited) => wire.sendOnce(body, limited), model, signal, onRetry)
    await account(callId, {})(result)
    return exchanged(callId, result, plan)
  }

  return {
    async ask(question, ledger, signal) {
      const callIds: string[] = []
      const first = firstOutputTokens(question, capabilities)
      // Room for thoughts must not take what the question needs.
      const least = question.leastOutputTokens ?? question.outputTokens
      let outputTokens = Math.min(first, Math.max(least, Math.floor(windowTokens / 2)))
      const room = windowTokens - outputTokens - spareTokens
      const asked = [...question.messages.map(({ content }) => content), JSON.stringify(question.schema)]
      if (!(await fitsTokens(asked, room)))
        return {
          kind: 'TooLong',
          what: 'Question',
          reason: `the question does not fit the ${windowTokens} tokens of ${model.model} beside a reply of ${outputTokens}`,
          callIds,
        }
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
          if (failure.kind === 'TooLong')
            return { kind: 'TooLong', what: 'Question', reason: reasonOf(failure.error), callIds }
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
        return { kind: 'TooLong', what: 'Reply', reason: reasonOf(new AmxError('AMX-3008', { limit })), callIds }
      }
    },
    cancel: () => batches?.cancel(),
    async close() {
      await batches?.close()
      await wire.close()
    },
  }
}

function batchSenderOf<Body extends object>(
  model: ModelSettings,
  wire: Wire<Body>,
  batching: Batching,
): BatchSender<Body> {
  if (wire.batch === undefined)
    throw new AmxError('AMX-1002', { field: `spec.generation.batchAPI with provider ${model.provider}` })
  return createBatchSender({
    model,
    provider: wire.batch,
    ...batching,
    accountOrphan: (callId, result) => batching.journal.account(callId, outcomeOf(result, 0, model, { batch: true })),
  })
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
