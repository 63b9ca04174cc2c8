import type { ModelSettings } from '@amx/api'
import { createAnthropicBatch } from '../batch/anthropic-batch.ts'
import type { ModelQuestion } from '../model-route.ts'
import { anthropicErrorStatus } from './anthropic-error-status.ts'
import { joinedMessage } from './anthropic-stream.ts'
import { baseURLOf } from './base-urls.ts'
import { type CallFailure, type FailureContext, httpFailure, malformed } from './call-failure.ts'
import type { ModelReply } from './model-reply.ts'
import { checkedUsage, countOf } from './model-usage.ts'
import { createPooledFetch } from './pooled-fetch.ts'
import { type JsonAnswer, postJson } from './post-json.ts'
import { type JsonRecord, recordOf, recordsOf, textOf } from './read-record.ts'
import type { RequestPlan } from './request-plan.ts'
import { type RouteCapabilities, routeCapabilities } from './route-capabilities.ts'
import type { Wire } from './wire.ts'

const toolName = 'descriptions'

/** Anthropic's Messages API. @see https://platform.claude.com/docs/en/api/messages */
export function createAnthropicWire(model: ModelSettings, apiKey: string | undefined): Wire<object> {
  const { limits, provider } = model
  const pool = createPooledFetch(limits)
  const context: FailureContext = { provider, model: model.model, timeoutMs: limits.timeoutMs }
  const { reasoning } = routeCapabilities(model)
  const url = `${baseURLOf(model).replace(/\/v1$/, '')}/v1/messages`
  const headers = { 'anthropic-version': '2023-06-01', ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }) }

  return {
    bodyOf(question, plan) {
      const format = formatOf(plan, question.schema)
      const effort =
        reasoning.control === 'Adaptive' && plan.effort !== null && plan.effort !== 'none' ? plan.effort : null
      const output = { ...(format.output ?? {}), ...(effort === null ? {} : { effort }) }
      return {
        model: model.model,
        max_tokens: plan.outputTokens,
        ...promptOf(question),
        ...(plan.temperature === null ? {} : { temperature: plan.temperature }),
        ...thinkingOf(plan, reasoning),
        ...(Object.keys(output).length === 0 ? {} : { output_config: output }),
        ...(format.tools ?? {}),
      }
    },
    async sendOnce(body, signal) {
      const sent = isLong(body) ? { ...body, stream: true } : body
      const answer = await postJson(pool.fetch, { url, headers, body: sent, signal })
      if (answer.status !== 200) return refusalOf(answer, context)
      if (typeof answer.body !== 'string') return replyOf(answer, context)
      const whole = joinedMessage(answer.body)
      if (whole?.['type'] === 'error') return refusalOf({ ...answer, status: statusOf(whole), body: whole }, context)
      return replyOf({ ...answer, body: whole }, context)
    },
    batch: createAnthropicBatch({
      model,
      url,
      headers,
      fetch: pool.fetch,
      read: (answer) => replyOf(answer, context),
      refused: (answer) => refusalOf(answer, context),
    }),
    close: pool.close,
  }
}

/** Longest reply that is worth waiting for in silence, in tokens. */
const longestSilence = 8_192

/** A reply that takes long comes in pieces: they keep connections from being taken for dead. */
function isLong(body: object): boolean {
  const { thinking, max_tokens: tokens } = recordOf(body)
  return recordOf(thinking)['type'] !== undefined || (typeof tokens === 'number' && tokens > longestSilence)
}

/** The status an error would have had, had it come before the first piece. */
function statusOf(event: JsonRecord): number {
  return anthropicErrorStatus[String(recordOf(event['error'])['type'])] ?? 500
}

/** The rules come first and are the same for every batch: they are marked for the provider's prompt cache. */
function promptOf({ messages }: ModelQuestion): object {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content)
  const rules = { type: 'text', text: system.join('\n\n'), cache_control: { type: 'ephemeral' } }
  return {
    ...(system.length === 0 ? {} : { system: [rules] }),
    messages: messages.filter(({ role }) => role !== 'system').map(({ role, content }) => ({ role, content })),
  }
}

function thinkingOf(plan: RequestPlan, { control, off }: RouteCapabilities['reasoning']): object {
  if (control === 'Budget')
    return plan.thinkingTokens === null ? {} : { thinking: { type: 'enabled', budget_tokens: plan.thinkingTokens } }
  if (control !== 'Adaptive') return {}
  // Some models think unless they are told not to; newer ones leave out what they thought unless they are asked for it.
  if (plan.effort === 'none') return off === 'Possible' ? { thinking: { type: 'disabled' } } : {}
  return plan.reasons === 'Yes' ? { thinking: { type: 'adaptive', display: 'summarized' } } : {}
}

function formatOf(plan: RequestPlan, schema: object): { readonly output?: object; readonly tools?: object } {
  if (plan.format === 'json_schema') return { output: { format: { type: 'json_schema', schema } } }
  // A model that thinks cannot be forced to use a tool; the prompt alone asks it for JSON.
  if (plan.format !== 'tool' || plan.thinkingTokens !== null) return {}
  return {
    tools: {
      tools: [{ name: toolName, description: 'Takes the descriptions.', input_schema: schema }],
      tool_choice: { type: 'tool', name: toolName },
    },
  }
}

function replyOf(answer: JsonAnswer, context: FailureContext): ModelReply | CallFailure {
  const message = recordOf(answer.body)
  const requestId = answer.headers.get('request-id')
  if (message['type'] !== 'message') return malformed(context, 'the reply is no message', requestId)
  const blocks = recordsOf(message['content'])
  const of = (type: string, member: string) =>
    blocks.filter((block) => block['type'] === type).flatMap((block) => textOf(block[member]) ?? [])
  const tool = blocks.find(({ type, name }) => type === 'tool_use' && name === toolName)
  const text = of('text', 'text').join('')
  const thinking = of('thinking', 'thinking')
  const stop = textOf(message['stop_reason']) ?? 'end_turn'
  const explanation = textOf(recordOf(message['stop_details'])['explanation'])
  return {
    content: tool === undefined ? text : JSON.stringify(tool['input']),
    refusal: stop === 'refusal' ? (explanation ?? textOf(text) ?? 'the provider stopped the reply') : null,
    finishReason: finishReasons[stop] ?? stop,
    reasoning: thinking.length === 0 ? null : thinking.join('\n'),
    logprobs: null,
    ...usageOf(message['usage']),
    reportedUsd: null,
    requestId,
  }
}

const finishReasons: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
}

/** Anthropic counts input read from and written to the cache beside the rest of the input, not as part of it. */
function usageOf(reported: unknown): Pick<ModelReply, 'usage' | 'cacheWriteTokens'> {
  const usage = recordOf(reported)
  const cacheWriteTokens = countOf(usage['cache_creation_input_tokens'])
  const cachedInputTokens = countOf(usage['cache_read_input_tokens'])
  const fresh = usage['input_tokens']
  const reasoningTokens = countOf(recordOf(usage['output_tokens_details'])['thinking_tokens'])
  return {
    usage: checkedUsage({
      inputTokens: typeof fresh === 'number' ? fresh + cacheWriteTokens + cachedInputTokens : fresh,
      cachedInputTokens,
      outputTokens: usage['output_tokens'],
      reasoningTokens,
    }),
    cacheWriteTokens,
  }
}

function refusalOf({ status, headers, body }: JsonAnswer, context: FailureContext): CallFailure {
  const { error, request_id: requestId } = recordOf(body)
  const { type, message } = recordOf(error)
  return httpFailure(
    {
      status,
      headers,
      requestId: headers.get('request-id') ?? textOf(requestId),
      code: textOf(type) ?? '',
      param: '',
      detail: `${status} ${textOf(message) ?? (typeof body === 'string' ? body : 'no reason given')}`,
    },
    context,
  )
}
