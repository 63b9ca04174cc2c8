import { AmxError } from '@amx/api'
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'

/** What to do about a failed try. */
export type FailureKind =
  /** Try the same again after a while. */
  | 'Again'
  /** The request is too long for the model: ask for less. */
  | 'TooLong'
  /** The server takes no such response format, temperature or limit: change the request. */
  | 'ResponseFormat'
  | 'Temperature'
  | 'TokenField'
  | 'TokenLimit'
  /** Nothing helps but a person. */
  | 'Final'

export interface CallFailure {
  readonly kind: FailureKind
  readonly error: AmxError
  readonly headers: Headers | undefined
  readonly requestId: string | null
  /** `TokenLimit`: the most output tokens the server takes. */
  readonly tokenLimit: number | null
}

export interface FailureContext {
  readonly provider: string
  readonly model: string
  readonly timeoutMs: number
  /** Whether the try ran into its time limit. */
  readonly timedOut: () => boolean
}

/** A thrown value of a try as what it means for the call. */
export function callFailure(thrown: unknown, context: FailureContext): CallFailure {
  const { provider, model, timeoutMs } = context
  const plain = { headers: undefined, requestId: null, tokenLimit: null }
  if (context.timedOut() || thrown instanceof APIConnectionTimeoutError)
    return {
      ...plain,
      kind: 'Again',
      error: new AmxError('AMX-3006', { provider, timeout: `${timeoutMs / 1_000} s` }, { cause: thrown }),
    }
  if (!(thrown instanceof APIError) || thrown instanceof APIConnectionError || thrown.status === undefined)
    return {
      ...plain,
      kind: 'Again',
      error: new AmxError('AMX-3005', { provider, detail: detailOf(thrown) }, { cause: thrown }),
    }
  const { status, headers, requestID } = thrown
  const facts = { provider, model, detail: detailOf(thrown) }
  const of = (kind: FailureKind, code: ConstructorParameters<typeof AmxError>[0]): CallFailure => ({
    kind,
    error: new AmxError(code, facts, { cause: thrown }),
    headers,
    requestId: requestID ?? null,
    tokenLimit: kind === 'TokenLimit' ? limitNamed(facts.detail) : null,
  })
  const code = `${thrown.code ?? ''} ${thrown.type ?? ''}`
  if (status === 402 || /insufficient_quota|billing/.test(code)) return of('Final', 'AMX-3002')
  if (status === 401 || status === 403) return of('Final', 'AMX-3001')
  if (status === 404) return of('Final', 'AMX-3003')
  if (status === 429) return of('Again', 'AMX-3004')
  if (status === 408 || status === 409 || status === 425) return of('Again', 'AMX-3011')
  if (status >= 500) return of('Again', 'AMX-3011')
  return of(rejectionKind(thrown, facts.detail), 'AMX-3010')
}

function rejectionKind(error: APIError, detail: string): FailureKind {
  const param = error.param ?? ''
  if (
    error.code === 'context_length_exceeded' ||
    /context length|context window|prompt is too long|too many (?:input )?tokens/i.test(detail) ||
    error.status === 413
  )
    return 'TooLong'
  if (/response_format|json_schema|json_object|structured output/i.test(`${param} ${detail}`)) return 'ResponseFormat'
  if (param === 'temperature' || /\btemperature\b/i.test(detail)) return 'Temperature'
  if (
    /use '?max_completion_tokens|max_tokens'? is not supported|max_completion_tokens'? (?:is not supported|not permitted)/i.test(
      detail,
    )
  )
    return 'TokenField'
  if (/max_(?:completion_)?tokens/i.test(`${param} ${detail}`) && limitNamed(detail) !== null) return 'TokenLimit'
  return 'Final'
}

function limitNamed(detail: string): number | null {
  const named = /(?:at most|less than or equal to|maximum(?: value)?(?: is| of)?|<=) (\d{3,7})/i.exec(detail)?.[1]
  return named === undefined ? null : Number(named)
}

function detailOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const cause = thrown.cause instanceof Error ? causeOf(thrown.cause) : ''
  const text = thrown.message.trim() || thrown.name
  return cause === '' || text.includes(cause) ? shortened(text) : shortened(`${text.replace(/\.$/, '')}: ${cause}`)
}

function causeOf(cause: Error): string {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const inner = cause.cause instanceof Error ? causeOf(cause.cause) : ''
  return inner || [cause.message, code].filter((part) => part !== '').join(' ') || cause.name
}

function shortened(text: string): string {
  return text.length > 500 ? `${text.slice(0, 499)}…` : text
}
