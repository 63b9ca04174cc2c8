import type { ModelSettings } from '@amx/api'
import { APIConnectionError, APIError, OpenAI } from 'openai'
import { baseURLOf } from './base-urls.ts'
import { type CallFailure, detailOf, type FailureContext, httpFailure } from './call-failure.ts'
import type { PooledFetch } from './pooled-fetch.ts'
import { type JsonRecord, recordOf } from './read-record.ts'

/** The official client over the connections of a pool. It makes one try; tries and time limits are ours. */
export function createOpenAIClient(model: ModelSettings, apiKey: string | undefined, pool: PooledFetch): OpenAI {
  return new OpenAI({
    // The SDK wants a key; servers without authentication ignore it.
    apiKey: apiKey ?? 'none',
    baseURL: baseURLOf(model),
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: model.limits.timeoutMs + 1_000,
    fetch: pool.fetch,
  })
}

/** What the client threw as the server's refusal; throws it on when the server did not answer. */
export function sdkFailure(thrown: unknown, context: FailureContext): CallFailure {
  if (!(thrown instanceof APIError) || thrown instanceof APIConnectionError || thrown.status === undefined) throw thrown
  return refusalOf(thrown, context)
}

function refusalOf(thrown: APIError, context: FailureContext): CallFailure {
  return httpFailure(
    {
      status: thrown.status ?? 0,
      headers: thrown.headers,
      requestId: thrown.requestID ?? null,
      code: `${thrown.code ?? ''} ${thrown.type ?? ''}`,
      param: thrown.param ?? '',
      detail: detailOf(thrown),
      moderation: moderationOf(recordOf(thrown.error)),
      cause: thrown,
    },
    context,
  )
}

/** The reasons of OpenRouter's moderation, which refuses with 403 as a wrong key would be. */
export function moderationOf(error: JsonRecord): string {
  const { reasons } = recordOf(error['metadata'])
  return Array.isArray(reasons) ? reasons.filter((reason) => typeof reason === 'string').join(', ') : ''
}
