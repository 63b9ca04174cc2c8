import { setTimeout as sleep } from 'node:timers/promises'
import { AmxError, type ModelSettings } from '@amx/api'
import { OpenAI } from 'openai'
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions'
import { Agent, fetch as pooledFetch } from 'undici'
import { type CallFailure, callFailure } from './call-failure.ts'
import type { ReportedUsage } from './model-usage.ts'
import { retryDelayMs } from './retry-delay.ts'

/** A completed try. */
export interface ChatReply {
  readonly content: string
  readonly refusal: string | null
  readonly finishReason: string
  readonly usage: ReportedUsage | null
  readonly requestId: string | null
}

/** How a request ended, after however many tries. */
export type ChatResult = { readonly tries: number } & (
  | { readonly reply: ChatReply }
  | { readonly failure: CallFailure }
)

export interface ChatTransport {
  /** Sends a request until it is answered, refused for good, stopped by the signal, or out of tries. Does not throw. */
  send(body: ChatCompletionCreateParamsNonStreaming, signal: AbortSignal): Promise<ChatResult>
  close(): Promise<void>
}

/** Chat completions over lasting connections, one pool per drafter. */
export function createChatTransport(model: ModelSettings, apiKey: string | undefined): ChatTransport {
  const { limits, provider } = model
  // Time limits are ours, per try; the pool must not have others.
  const agent = new Agent({
    connections: limits.concurrency,
    keepAliveTimeout: 60_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const client = new OpenAI({
    // The SDK wants a key; servers without authentication ignore it.
    apiKey: apiKey ?? 'none',
    baseURL: model.baseURL ?? 'https://api.openai.com/v1',
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: limits.timeoutMs + 1_000,
    fetch: lastingFetch(agent),
  })

  async function sendOnce(
    body: ChatCompletionCreateParamsNonStreaming,
    signal: AbortSignal,
  ): Promise<ChatReply | CallFailure> {
    const limit = AbortSignal.timeout(limits.timeoutMs)
    try {
      const completion = await client.chat.completions.create(body, { signal: AbortSignal.any([signal, limit]) })
      const choice = completion.choices?.[0]
      if (choice === undefined) return malformed(provider, 'the reply has no choice')
      return {
        content: choice.message?.content ?? '',
        refusal: choice.message?.refusal ?? null,
        finishReason: choice.finish_reason ?? 'stop',
        usage: completion.usage ?? null,
        requestId: completion._request_id ?? null,
      }
    } catch (thrown) {
      if (signal.aborted) return stopped(provider)
      return callFailure(thrown, {
        provider,
        model: model.model,
        timeoutMs: limits.timeoutMs,
        timedOut: () => limit.aborted,
      })
    }
  }

  return {
    async send(body, signal) {
      for (let tries = 1; ; tries += 1) {
        const result = await sendOnce(body, signal)
        if (!('kind' in result)) return { tries, reply: result }
        if (result.kind !== 'Again' || tries > limits.retries) return { tries, failure: result }
        await sleep(retryDelayMs(tries, result.headers), undefined, { signal }).catch(() => {})
        if (signal.aborted) return { tries, failure: stopped(provider) }
      }
    },
    close: () => agent.destroy(),
  }
}

function stopped(provider: string): CallFailure {
  const error = new AmxError('AMX-3005', { provider, detail: 'the call was stopped before an answer came' })
  return { kind: 'Final', error, headers: undefined, requestId: null, tokenLimit: null }
}

function malformed(provider: string, detail: string): CallFailure {
  return {
    kind: 'Again',
    error: new AmxError('AMX-3011', { provider, detail }),
    headers: undefined,
    requestId: null,
    tokenLimit: null,
  }
}

function lastingFetch(agent: Agent): typeof fetch {
  // The pool's own fetch and the global one share an interface but not their declared types.
  const pooled: unknown = (input: Parameters<typeof pooledFetch>[0], init: Parameters<typeof pooledFetch>[1]) =>
    pooledFetch(input, { ...init, dispatcher: agent })
  return pooled as typeof fetch
}
