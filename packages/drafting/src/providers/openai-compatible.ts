import { randomUUID } from 'node:crypto'
import { AmxError, type CallOutcome, digestOf, type ModelSettings } from '@amx/api'
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions'
import type { CallLedger } from '../drafting.ts'
import type { ModelAnswer, ModelQuestion, ModelRoute } from '../model-route.ts'
import { costOf } from '../money/cost-of.ts'
import type { CallFailure } from './call-failure.ts'
import { type ChatReply, type ChatResult, createChatTransport } from './chat-transport.ts'
import { modelUsage } from './model-usage.ts'
import { isReasoningModel, reasoningOutputCeiling, reasoningOutputFloor } from './reasoning-model.ts'

type ResponseFormat = 'json_schema' | 'json_object' | 'text'

/** What this server takes, as learnt from its refusals; what it refused once is not sent again. */
interface Capabilities {
  format: ResponseFormat
  temperature: 'Sent' | 'Left'
  tokenField: 'max_tokens' | 'max_completion_tokens'
  outputCap: number
}

type Exchange = { readonly callId: string } & (
  | { readonly reply: Pick<ChatReply, 'content' | 'refusal' | 'finishReason'> }
  | { readonly failure: CallFailure }
)

/** The route of OpenAI and of every server that speaks its chat completions. */
export function createOpenAICompatibleRoute(model: ModelSettings, apiKey: string | undefined): ModelRoute {
  const transport = createChatTransport(model, apiKey)
  const reasons = isReasoningModel(model.model)
  const capabilities: Capabilities = {
    format: 'json_schema',
    temperature: reasons ? 'Left' : 'Sent',
    tokenField: reasons ? 'max_completion_tokens' : 'max_tokens',
    outputCap: Number.POSITIVE_INFINITY,
  }

  function bodyOf(question: ModelQuestion, outputTokens: number): ChatCompletionCreateParamsNonStreaming {
    const { generation, messages, schema } = question
    const effort = generation.reasoning.effort
    return {
      model: model.model,
      messages: messages.map(({ role, content }) => ({ role, content })),
      [capabilities.tokenField]: Math.min(outputTokens, capabilities.outputCap),
      ...(capabilities.temperature === 'Sent' ? { temperature: generation.temperature } : {}),
      ...(reasons && isEffort(effort) ? { reasoning_effort: effort } : {}),
      ...formatOf(capabilities.format, schema),
    }
  }

  /** One call: announced, made, accounted for, and only then looked at. */
  async function exchange(
    question: ModelQuestion,
    outputTokens: number,
    ledger: CallLedger,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const callId = randomUUID()
    const body = bodyOf(question, outputTokens)
    const { provider } = model
    const permit = await ledger.begin({
      callId,
      purpose: question.purpose,
      provider,
      model: model.model,
      requestDigest: digestOf(body),
      messages: question.messages.map(({ role, content }) => ({ role, content })),
    })
    if (permit.cachedReply !== null) return { callId, reply: { ...permit.cachedReply, refusal: null } }
    const startedMs = performance.now()
    const result = await transport.send(body, signal)
    await ledger.end(callId, outcomeOf(result, performance.now() - startedMs, model))
    return 'reply' in result ? { callId, reply: result.reply } : { callId, failure: result.failure }
  }

  return {
    async ask(question, ledger, signal) {
      const callIds: string[] = []
      let outputTokens = reasons ? Math.max(reasoningOutputFloor, question.outputTokens) : question.outputTokens
      let raised: 'No' | 'Yes' = 'No'
      // Ends: every failure either changes a capability for good, or returns, or throws.
      for (;;) {
        signal.throwIfAborted()
        const before = { ...capabilities }
        const made = await exchange(question, outputTokens, ledger, signal)
        callIds.push(made.callId)
        if ('failure' in made) {
          const { failure } = made
          // Accounted for; whoever stopped the call has the word now.
          signal.throwIfAborted()
          if (failure.kind === 'TooLong') return { kind: 'TooLong', reason: reasonOf(failure.error), callIds }
          if (adapted(capabilities, before, failure)) continue
          throw failure.error
        }
        const { reply } = made
        if (reply.refusal !== null || reply.finishReason === 'content_filter') return refused(reply, callIds)
        if (reply.finishReason !== 'length') return { kind: 'Text', text: reply.content, callIds }
        const more = Math.min(reasoningOutputCeiling, outputTokens * 4, capabilities.outputCap)
        if (reply.content.trim() === '' && reasons && raised === 'No' && more > outputTokens) {
          raised = 'Yes'
          outputTokens = more
          continue
        }
        const limit = String(Math.min(outputTokens, capabilities.outputCap))
        return { kind: 'TooLong', reason: reasonOf(new AmxError('AMX-3008', { limit })), callIds }
      }
    },
    close: () => transport.close(),
  }
}

const nothingReceived = {
  outcome: 'Failed',
  reply: null,
  usage: null,
  costUsd: null,
  priceTable: null,
  requestId: null,
} as const

function outcomeOf(result: ChatResult, latencyMs: number, model: ModelSettings): CallOutcome {
  const { tries } = result
  if ('failure' in result) {
    const { error, requestId } = result.failure
    return { ...nothingReceived, requestId, latencyMs, tries, error: error.report() }
  }
  const { content, refusal, finishReason, requestId } = result.reply
  const usage = modelUsage(result.reply.usage)
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
    reply: { content: refusal ?? content, finishReason },
    usage,
    ...costOf(usage, model),
    requestId,
    latencyMs,
    tries,
    error,
  }
}

/** Changes what is sent from now on so that this failure cannot come again; false when nothing can be changed. */
function adapted(capabilities: Capabilities, sent: Capabilities, failure: CallFailure): boolean {
  switch (failure.kind) {
    case 'ResponseFormat': {
      // Another call may have learnt it meanwhile: then this one only goes again.
      if (sent.format === 'text') return false
      const next = sent.format === 'json_schema' ? 'json_object' : 'text'
      if (capabilities.format === sent.format) capabilities.format = next
      return true
    }
    case 'Temperature':
      if (sent.temperature === 'Left') return false
      capabilities.temperature = 'Left'
      return true
    case 'TokenField':
      if (capabilities.tokenField === sent.tokenField)
        capabilities.tokenField = sent.tokenField === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens'
      return sent.tokenField === 'max_tokens'
    case 'TokenLimit':
      if (failure.tokenLimit === null || failure.tokenLimit >= sent.outputCap) return false
      capabilities.outputCap = Math.min(capabilities.outputCap, failure.tokenLimit)
      return true
    default:
      return false
  }
}

function refused(reply: Pick<ChatReply, 'refusal'>, callIds: readonly string[]): ModelAnswer {
  return {
    kind: 'Refused',
    reason: reasonOf(new AmxError('AMX-3007', { detail: reply.refusal?.trim() || 'content filter' })),
    callIds,
  }
}

function reasonOf(error: AmxError): string {
  return `${error.code}: ${error.message}`
}

function formatOf(
  format: ResponseFormat,
  schema: object,
): Pick<ChatCompletionCreateParamsNonStreaming, 'response_format'> {
  if (format === 'json_schema')
    return {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'descriptions', strict: true, schema: { ...schema } },
      },
    }
  return format === 'json_object' ? { response_format: { type: 'json_object' } } : {}
}

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const

function isEffort(text: string): text is (typeof efforts)[number] {
  return efforts.some((effort) => effort === text)
}
