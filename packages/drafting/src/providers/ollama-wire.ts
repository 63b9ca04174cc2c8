import type { ModelSettings } from '@amx/api'
import type { ModelQuestion } from '../model-route.ts'
import { baseURLOf } from './base-urls.ts'
import { type CallFailure, type FailureContext, httpFailure, malformed } from './call-failure.ts'
import { contextWindowTokens } from './context-window.ts'
import { logprobsOf } from './logprobs-of.ts'
import type { ModelReply } from './model-reply.ts'
import { checkedUsage } from './model-usage.ts'
import { joinedChat } from './ollama-stream.ts'
import { createPooledFetch } from './pooled-fetch.ts'
import { type JsonAnswer, postJson } from './post-json.ts'
import { recordOf, textOf } from './read-record.ts'
import type { RequestPlan } from './request-plan.ts'
import type { ReplyFormat } from './route-capabilities.ts'
import type { Wire } from './wire.ts'

/**
 * Ollama's own chat: unlike its OpenAI-compatible one it takes the size of the context, without which a long prompt is cut
 * at its beginning, and nobody is told. @see https://docs.ollama.com/api/chat
 */
export function createOllamaWire(model: ModelSettings, apiKey: string | undefined): Wire<object> {
  const { limits, provider } = model
  const windowTokens = contextWindowTokens(model)
  const pool = createPooledFetch(limits)
  const context: FailureContext = { provider, model: model.model, timeoutMs: limits.timeoutMs }
  const url = `${baseURLOf(model).replace(/\/v1$/, '')}/api/chat`
  const headers: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }

  return {
    bodyOf(question, plan) {
      return {
        model: model.model,
        messages: question.messages.map(({ role, content }) => ({ role, content })),
        // A machine of one's own can take minutes: pieces on their way keep proxies from hanging up.
        stream: true,
        ...formatOf(plan.format, question.schema),
        ...thinkOf(plan),
        ...(plan.logprobs === 'Asked' ? { logprobs: true } : {}),
        options: {
          ...(plan.temperature === null ? {} : { temperature: plan.temperature }),
          num_predict: plan.outputTokens,
          num_ctx: Math.min(windowTokens, contextTokens(question, plan.outputTokens)),
        },
      }
    },
    async sendOnce(body, signal) {
      const answer = await postJson(pool.fetch, { url, headers, body, signal })
      if (answer.status !== 200) return refusalOf(answer, context)
      const whole = typeof answer.body === 'string' ? joinedChat(answer.body) : answer.body
      return replyOf({ ...answer, body: whole }, context)
    },
    close: pool.close,
  }
}

function formatOf(format: ReplyFormat, schema: object): object {
  if (format === 'json_schema') return { format: schema }
  return format === 'json_object' ? { format: 'json' } : {}
}

/** An effort for models that have efforts, on or off for those that only think or do not; nothing for the rest. */
function thinkOf({ effort, reasons }: RequestPlan): object {
  if (effort === 'none') return { think: false }
  if (effort !== null) return { think: effort }
  return reasons === 'Yes' ? { think: true } : {}
}

/** Room for prompt and reply, in powers of two: every other size makes the server load the model anew. */
function contextTokens({ messages }: ModelQuestion, outputTokens: number): number {
  // Three characters a token leaves room in every language whose letters are one.
  const prompt = Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / 3)
  return Math.max(8_192, 2 ** Math.ceil(Math.log2(prompt + outputTokens)))
}

function replyOf(answer: JsonAnswer, context: FailureContext): ModelReply | CallFailure {
  const reply = recordOf(answer.body)
  if (reply['done'] !== true) return malformed(context, textOf(reply['error']) ?? 'the reply is not finished')
  const message = recordOf(reply['message'])
  return {
    content: textOf(message['content']) ?? '',
    refusal: null,
    // `load` is the answer to an empty prompt, and says nothing.
    finishReason: textOf(reply['done_reason']) ?? 'stop',
    reasoning: textOf(message['thinking']),
    logprobs: logprobsOf(reply['logprobs']),
    usage: checkedUsage({
      inputTokens: reply['prompt_eval_count'],
      cachedInputTokens: reply['prompt_eval_cached_count'] ?? 0,
      outputTokens: reply['eval_count'],
      reasoningTokens: 0,
    }),
    cacheWriteTokens: 0,
    reportedUsd: null,
    requestId: null,
  }
}

function refusalOf({ status, headers, body }: JsonAnswer, context: FailureContext): CallFailure {
  const said = textOf(recordOf(body)['error']) ?? (typeof body === 'string' ? body.trim() : '')
  return httpFailure(
    { status, headers, requestId: null, code: '', param: '', detail: `${status} ${said || 'no reason given'}` },
    context,
  )
}
