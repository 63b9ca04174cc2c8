import type { ModelSettings } from '@amx/api'
import type { ResponseCreateParamsNonStreaming } from 'openai/resources/responses/responses'
import { createOpenAIBatch } from '../batch/openai-batch.ts'
import { type CallFailure, type FailureContext, httpFailure, malformed } from './call-failure.ts'
import type { ModelReply } from './model-reply.ts'
import { checkedUsage } from './model-usage.ts'
import { createOpenAIClient, sdkFailure } from './openai-client.ts'
import { createPooledFetch } from './pooled-fetch.ts'
import { type JsonRecord, recordOf, recordsOf, textOf } from './read-record.ts'
import type { RequestPlan } from './request-plan.ts'
import type { ReplyFormat } from './route-capabilities.ts'
import type { Wire } from './wire.ts'

type ResponseBody = ResponseCreateParamsNonStreaming

/** OpenAI's Responses: as its chat completions, and they show in outline what a model thought. */
export function createOpenAIResponsesWire(model: ModelSettings, apiKey: string | undefined): Wire<ResponseBody> {
  const { limits, provider } = model
  const pool = createPooledFetch(limits)
  const context: FailureContext = { provider, model: model.model, timeoutMs: limits.timeoutMs }
  const client = createOpenAIClient(model, apiKey, pool)

  return {
    bodyOf({ messages, schema }, plan) {
      const rules = messages.filter(({ role }) => role === 'system').map(({ content }) => content)
      return {
        model: model.model,
        instructions: rules.join('\n\n'),
        input: messages.filter(({ role }) => role !== 'system').map(({ role, content }) => ({ role, content })),
        max_output_tokens: plan.outputTokens,
        // What was asked and answered is stored with the run, not with the provider.
        store: false,
        ...(plan.temperature === null ? {} : { temperature: plan.temperature }),
        ...reasoningOf(plan),
        ...formatOf(plan.format, schema),
      }
    },
    async sendOnce(body, signal) {
      try {
        return replyOf(recordOf(await client.responses.create(body, { signal })), context)
      } catch (thrown) {
        return sdkFailure(thrown, context)
      }
    },
    batch: createOpenAIBatch(client, '/v1/responses', model, (body, requestId) => ({
      ...replyOf(body, context),
      requestId,
    })),
    close: pool.close,
  }
}

function reasoningOf({ effort, thoughts }: RequestPlan): Pick<ResponseBody, 'reasoning'> {
  if (effort === null && thoughts === 'Left') return {}
  return {
    reasoning: {
      ...(effort === null ? {} : { effort }),
      ...(thoughts === 'Asked' ? { summary: 'auto' as const } : {}),
    },
  }
}

function formatOf(format: ReplyFormat, schema: object): Pick<ResponseBody, 'text'> {
  if (format === 'json_schema')
    return { text: { format: { type: 'json_schema', name: 'descriptions', strict: true, schema: { ...schema } } } }
  return format === 'json_object' ? { text: { format: { type: 'json_object' } } } : {}
}

function replyOf(response: JsonRecord, context: FailureContext): ModelReply | CallFailure {
  const requestId = textOf(response['_request_id'])
  const { code, message } = recordOf(response['error'])
  if (response['status'] === 'failed') {
    const status = code === 'rate_limit_exceeded' ? 429 : 500
    const detail = textOf(message) ?? 'the response failed'
    return httpFailure({ status, headers: undefined, requestId, code: String(code ?? ''), param: '', detail }, context)
  }
  const output = recordsOf(response['output'])
  if (output.length === 0 && response['status'] !== 'incomplete')
    return malformed(context, 'the response has no output', requestId)
  const parts = output.filter(({ type }) => type === 'message').flatMap(({ content }) => recordsOf(content))
  const thoughts = output.filter(({ type }) => type === 'reasoning').flatMap(({ summary }) => recordsOf(summary))
  const reasoning = thoughts.flatMap(({ text }) => textOf(text) ?? []).join('\n')
  return {
    content: parts.flatMap(({ type, text }) => (type === 'output_text' ? (textOf(text) ?? []) : [])).join(''),
    refusal: parts.flatMap(({ refusal }) => textOf(refusal) ?? [])[0] ?? null,
    finishReason: finishReasonOf(response),
    reasoning: textOf(reasoning),
    // Models that reason give none.
    logprobs: null,
    usage: usageOf(recordOf(response['usage'])),
    cacheWriteTokens: 0,
    reportedUsd: null,
    requestId,
  }
}

function finishReasonOf({ status, incomplete_details: incomplete }: JsonRecord): string {
  if (status !== 'incomplete') return 'stop'
  return recordOf(incomplete)['reason'] === 'content_filter' ? 'content_filter' : 'length'
}

function usageOf(usage: JsonRecord): ModelReply['usage'] {
  return checkedUsage({
    inputTokens: usage['input_tokens'],
    cachedInputTokens: recordOf(usage['input_tokens_details'])['cached_tokens'] ?? 0,
    outputTokens: usage['output_tokens'],
    reasoningTokens: recordOf(usage['output_tokens_details'])['reasoning_tokens'] ?? 0,
  })
}
