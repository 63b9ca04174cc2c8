import { randomUUID } from 'node:crypto'
import { AmxError, digestOf, type ModelSettings } from '@amx/api'
import type { CallLedger } from '../drafting.ts'
import { baseURLOf } from '../providers/base-urls.ts'
import { type CallFailure, type FailureContext, malformed } from '../providers/call-failure.ts'
import type { ModelReply } from '../providers/model-reply.ts'
import { createOpenAIClient, sdkFailure } from '../providers/openai-client.ts'
import { outcomeOf } from '../providers/outcome-of.ts'
import { createPooledFetch } from '../providers/pooled-fetch.ts'
import { triedCall } from '../providers/tried-call.ts'
import type { Embedded, Embedder } from './embedder.ts'
import { keepVectors, keptVectors } from './kept-vectors.ts'

/** Texts in one call; providers take 2,048 at most, and some small servers far fewer tokens. */
const textsPerCall = 256

/**
 * An embedder over the OpenAI embeddings API, which most servers speak. Null where the profile names no embedding model.
 * Throws AMX-1001 for a provider without such an API and without another address.
 */
export function createEmbedder(model: ModelSettings, apiKey: string | undefined): Embedder | null {
  const { embeddings } = model
  if (embeddings === undefined) return null
  const settings: ModelSettings = {
    ...model,
    model: embeddings.model,
    baseURL: embeddings.baseURL ?? ownAddress(model),
    // The profile's price is that of the model that drafts.
    price: null,
  }
  const pool = createPooledFetch(model.limits)
  const client = createOpenAIClient(settings, sameServer(model, settings) ? apiKey : undefined, pool)
  const context: FailureContext = {
    provider: model.provider,
    model: embeddings.model,
    timeoutMs: model.limits.timeoutMs,
  }
  // A fault that no further try mends is not asked for again by every batch.
  let givenUp: string | null = null

  async function sendOnce(input: string[], signal: AbortSignal): Promise<ModelReply | CallFailure> {
    try {
      const answer = await client.embeddings.create(
        { model: settings.model, input, encoding_format: 'float' },
        { signal },
      )
      const vectors = answer.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding)
      const [first] = vectors
      if (vectors.length !== input.length || vectors.some(({ length }) => length === 0 || length !== first?.length))
        return malformed(context, `${vectors.length} vectors came for ${input.length} texts, or of unlike length`)
      return {
        content: keepVectors(vectors),
        refusal: null,
        finishReason: 'stop',
        reasoning: null,
        logprobs: null,
        usage: {
          inputTokens: answer.usage?.prompt_tokens ?? 0,
          cachedInputTokens: 0,
          outputTokens: 0,
          reasoningTokens: 0,
        },
        cacheWriteTokens: 0,
        reportedUsd: null,
        requestId: null,
      }
    } catch (thrown) {
      return sdkFailure(thrown, context)
    }
  }

  async function embedPart(texts: readonly string[], ledger: CallLedger, signal: AbortSignal): Promise<Embedded> {
    const callId = randomUUID()
    const permit = await ledger.begin({
      callId,
      purpose: 'embedding',
      provider: settings.provider,
      model: settings.model,
      requestDigest: digestOf({ embeddings: settings.model, baseURL: settings.baseURL, input: texts }),
      messages: texts.map((content) => ({ role: 'input', content })),
    })
    const callIds = [callId]
    if (permit.cachedReply !== null) {
      const vectors = keptVectors(permit.cachedReply.content)
      return vectors === null ? { callIds, failure: 'the stored vectors could not be read' } : { callIds, vectors }
    }
    const startedMs = performance.now()
    const result = await triedCall(
      (limited) => sendOnce([...texts], limited),
      settings,
      signal,
      async (retry) => (await ledger.retried?.(callId, retry, signal)) ?? 0,
    )
    await ledger.end(callId, outcomeOf(result, performance.now() - startedMs, settings))
    signal.throwIfAborted()
    if ('failure' in result) {
      const { error, kind } = result.failure
      const failure = `${error.code}: ${error.message}`
      if (kind !== 'Again') givenUp = failure
      return { callIds, failure }
    }
    return { callIds, vectors: keptVectors(result.reply.content) ?? [] }
  }

  return {
    async embed(texts, ledger, signal) {
      const callIds: string[] = []
      const vectors: Float32Array[] = []
      for (let start = 0; start < texts.length; start += textsPerCall) {
        if (givenUp !== null) return { callIds, failure: givenUp }
        const part = await embedPart(texts.slice(start, start + textsPerCall), ledger, signal).catch(
          (thrown: unknown): Embedded => {
            if (!(thrown instanceof AmxError) || thrown.code !== 'AMX-1030') throw thrown
            return { callIds: [], failure: `${thrown.code}: ${thrown.message}` }
          },
        )
        callIds.push(...part.callIds)
        if ('failure' in part) return { callIds, failure: part.failure }
        vectors.push(...part.vectors)
      }
      return { callIds, vectors }
    },
    close: pool.close,
  }
}

function ownAddress(model: ModelSettings): string {
  if (model.provider === 'Anthropic' || model.provider === 'BuiltIn')
    throw new AmxError('AMX-1001', {
      field: 'spec.embeddings.baseURL',
      problem: `provider ${model.provider} has no embeddings API: name the address of a server that has one`,
    })
  const address = baseURLOf(model)
  // Ollama's own API lies at its root, the one that OpenAI's clients speak below it.
  return model.provider === 'Ollama' ? `${address}/v1` : address
}

/** The key of the profile is for its own provider: another server is asked without it. */
function sameServer(model: ModelSettings, embeddings: ModelSettings): boolean {
  if (model.provider === 'BuiltIn') return false
  return new URL(baseURLOf(model)).origin === new URL(baseURLOf(embeddings)).origin
}
