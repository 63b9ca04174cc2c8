import type { ModelSettings } from '@amx/api'
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions'
import { createOpenAIBatch } from '../batch/openai-batch.ts'
import { type CallFailure, type FailureContext, httpFailure, malformed } from './call-failure.ts'
import { logprobsOf } from './logprobs-of.ts'
import type { ModelReply } from './model-reply.ts'
import { countOf, modelUsage, type ReportedUsage, reportedUsd } from './model-usage.ts'
import { createOpenAIClient, moderationOf, sdkFailure } from './openai-client.ts'
import { createPooledFetch } from './pooled-fetch.ts'
import { type JsonRecord, recordOf, recordsOf, textOf } from './read-record.ts'
import type { RequestPlan } from './request-plan.ts'
import type { Wire } from './wire.ts'

type ChatBody = ChatCompletionCreateParamsNonStreaming

const toolName = 'descriptions'

/** Chat completions: OpenAI's, and those of DeepSeek, Kimi, OpenRouter and every server that speaks them. */
export function createOpenAIChatWire(model: ModelSettings, apiKey: string | undefined): Wire<ChatBody> {
  const { limits, provider } = model
  const pool = createPooledFetch(limits)
  const context: FailureContext = { provider, model: model.model, timeoutMs: limits.timeoutMs }
  const client = createOpenAIClient(model, apiKey, pool)

  // Which form was asked for is not known of an answer that an earlier process asked for: it is read from the answer.
  const readBatched = (body: JsonRecord, requestId: string | null) => ({
    ...replyOf(body, 'Tool', context),
    requestId,
  })

  return {
    bodyOf(question, plan) {
      const { messages, schema } = question
      return {
        model: model.model,
        messages: messages.map(({ role, content }) => ({ role, content })),
        [plan.tokenField]: plan.outputTokens,
        ...(plan.temperature === null ? {} : { temperature: plan.temperature }),
        ...(plan.logprobs === 'Asked' ? { logprobs: true } : {}),
        ...reasoningOf(model, plan),
        ...formatOf(plan, schema),
        // Without it the router leaves out, and does not tell, what a server behind it does not take.
        ...(provider === 'OpenRouter' ? { provider: { require_parameters: true } } : {}),
      }
    },
    async sendOnce(body, signal) {
      try {
        const completion = await client.chat.completions.create(body, { signal })
        return replyOf(recordOf(completion), body.tools === undefined ? 'Text' : 'Tool', context)
      } catch (thrown) {
        return sdkFailure(thrown, context)
      }
    },
    ...(provider === 'OpenAI' ? { batch: createOpenAIBatch(client, '/v1/chat/completions', model, readBatched) } : {}),
    close: pool.close,
  }
}

/** The dialects differ in how reasoning is asked for; none of these members is in every server's vocabulary. */
function reasoningOf({ provider }: ModelSettings, { effort }: RequestPlan): object {
  if (effort === null) return {}
  switch (provider) {
    case 'DeepSeek':
      return effort === 'none'
        ? { thinking: { type: 'disabled' } }
        : { thinking: { type: 'enabled' }, reasoning_effort: effort }
    case 'Kimi':
      return effort === 'none' ? { thinking: { type: 'disabled' } } : { reasoning_effort: effort }
    case 'OpenRouter':
      return { reasoning: effort === 'none' ? { enabled: false } : { effort } }
    default:
      return { reasoning_effort: effort }
  }
}

function formatOf({ format }: RequestPlan, schema: object): Partial<ChatBody> {
  switch (format) {
    case 'json_schema':
      return {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'descriptions', strict: true, schema: { ...schema } },
        },
      }
    case 'json_object':
      return { response_format: { type: 'json_object' } }
    case 'tool':
      return {
        tools: [{ type: 'function', function: { name: toolName, parameters: { ...schema } } }],
        tool_choice: { type: 'function', function: { name: toolName } },
      }
    case 'text':
      return {}
  }
}

function replyOf(whole: JsonRecord, asked: 'Text' | 'Tool', context: FailureContext): ModelReply | CallFailure {
  const requestId = textOf(whole['_request_id'])
  const [choice] = recordsOf(whole['choices'])
  // A router that has begun to answer tells a failure behind it in a reply of status 200.
  const failed = whole['error'] ?? choice?.['error']
  if (failed !== undefined && failed !== null) return failureInReply(recordOf(failed), requestId, context)
  if (choice === undefined) return malformed(context, 'the reply has no choice', requestId)
  const finishReason = textOf(choice['finish_reason']) ?? 'stop'
  if (finishReason === 'error' || finishReason === 'insufficient_system_resource')
    return malformed(context, `the reply was broken off: ${finishReason}`, requestId)
  const message = recordOf(choice['message'])
  const usage: ReportedUsage = recordOf(whole['usage'])
  const inTool = textOf(recordOf(recordOf(recordsOf(message['tool_calls'])[0])['function'])['arguments'])
  return {
    content: (asked === 'Text' ? null : inTool) ?? textOf(message['content']) ?? '',
    refusal: textOf(message['refusal']),
    finishReason: finishReason === 'tool_calls' ? 'stop' : finishReason,
    reasoning: textOf(message['reasoning_content']) ?? textOf(message['reasoning']) ?? reasoningDetails(message),
    logprobs: logprobsOf(recordOf(choice['logprobs'])['content']),
    usage: modelUsage(Object.keys(usage).length === 0 ? null : usage),
    cacheWriteTokens: countOf(usage.prompt_tokens_details?.cache_write_tokens),
    reportedUsd: context.provider === 'OpenRouter' ? reportedUsd(usage.cost) : null,
    requestId,
  }
}

/** OpenRouter's list of what was thought, where the plain text is left out. */
function reasoningDetails(message: JsonRecord): string | null {
  const parts = recordsOf(message['reasoning_details']).flatMap(
    (part) => textOf(part['text']) ?? textOf(part['summary']) ?? [],
  )
  return parts.length === 0 ? null : parts.join('\n')
}

function failureInReply(error: JsonRecord, requestId: string | null, context: FailureContext): CallFailure {
  const { code, message } = error
  return httpFailure(
    {
      status: typeof code === 'number' ? code : 502,
      headers: undefined,
      requestId,
      code: String(error['type'] ?? code ?? ''),
      param: '',
      detail: textOf(message) ?? 'the provider returned an error',
      moderation: moderationOf(error),
    },
    context,
  )
}
