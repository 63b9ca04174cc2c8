import { AmxError } from '@amx/api'

/** What to do about a failed try. */
export type FailureKind =
  /** Try the same again after a while. */
  | 'Again'
  /** The request is too long for the model: ask for less. */
  | 'TooLong'
  /** The provider will not answer this question. */
  | 'Refused'
  /** The server takes no such response format, temperature, log-probabilities, reasoning or limit, or does not show thoughts: change the request. */
  | 'ResponseFormat'
  | 'Temperature'
  | 'Logprobs'
  | 'Reasoning'
  | 'Thoughts'
  | 'TokenField'
  | 'TokenLimit'
  /** No server behind the route takes all of these settings together: leave one out. */
  | 'Parameters'
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
}

/** An answer that refuses a request, as its route words it. */
export interface HttpRefusal {
  readonly status: number
  readonly headers: Headers | undefined
  readonly requestId: string | null
  /** The error's type and code, as far as the route has them. */
  readonly code: string
  /** The parameter it is about; empty when it names none. */
  readonly param: string
  readonly detail: string
  /** Reasons of a moderation that flagged the prompt; empty when none did. */
  readonly moderation?: string
  readonly cause?: unknown
}

/** A try that ran into its time limit. */
export function timedOut({ provider, timeoutMs }: FailureContext, cause: unknown): CallFailure {
  return failure('Again', new AmxError('AMX-3006', { provider, timeout: `${timeoutMs / 1_000} s` }, { cause }))
}

/** A try that got no answer: a connection refused, reset or closed. */
export function unreachable({ provider }: FailureContext, thrown: unknown): CallFailure {
  return failure('Again', new AmxError('AMX-3005', { provider, detail: detailOf(thrown) }, { cause: thrown }))
}

/** A try that was stopped from outside. */
export function stopped({ provider }: FailureContext): CallFailure {
  return failure('Final', new AmxError('AMX-3005', { provider, detail: 'the call was stopped before an answer came' }))
}

/** An answer that is no answer: tried again. */
export function malformed({ provider }: FailureContext, detail: string, requestId: string | null = null): CallFailure {
  return { ...failure('Again', new AmxError('AMX-3011', { provider, detail })), requestId }
}

/** A refusal over HTTP as what it means for the call. */
export function httpFailure(refusal: HttpRefusal, { provider, model }: FailureContext): CallFailure {
  const { status, headers, requestId, code, cause } = refusal
  const detail = shortened(refusal.detail)
  const facts = { provider, model, detail }
  const of = (kind: FailureKind, name: ConstructorParameters<typeof AmxError>[0]): CallFailure => ({
    kind,
    error: new AmxError(name, facts, { cause }),
    headers,
    requestId,
    tokenLimit: kind === 'TokenLimit' ? limitNamed(detail) : null,
  })
  const moderation = refusal.moderation ?? ''
  if (moderation !== '' || /content_filter|content_policy/.test(code))
    return {
      ...of('Refused', 'AMX-3007'),
      error: new AmxError('AMX-3007', { detail: moderation === '' ? detail : `${detail} (${moderation})` }, { cause }),
    }
  if (status === 402 || /insufficient_quota|billing|exceeded_current_quota/.test(code)) return of('Final', 'AMX-3002')
  if (
    status < 500 &&
    /credit balance is too low|reached your specified .*usage limits|insufficient balance/i.test(detail)
  )
    return of('Final', 'AMX-3002')
  if (status === 401 || status === 403) return of('Final', 'AMX-3001')
  if (status === 404 && /no endpoints found that (?:can handle|support)/i.test(detail))
    return of('Parameters', 'AMX-3010')
  if (status === 404) return of('Final', 'AMX-3003')
  if (status === 429) return of('Again', /overloaded/.test(code) ? 'AMX-3011' : 'AMX-3004')
  if (status === 408 || status === 409 || status === 425) return of('Again', 'AMX-3011')
  if (status >= 500) return of('Again', 'AMX-3011')
  if (/model not exist|is not a valid model|model\b.{0,200}\b(?:does not exist|not found)/i.test(detail))
    return of('Final', 'AMX-3003')
  return of(rejectionKind(refusal, detail), 'AMX-3010')
}

/** What a thrown value says, with what lies behind it, at most 500 characters. */
export function detailOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return shortened(String(thrown))
  const cause = thrown.cause instanceof Error ? causeOf(thrown.cause) : ''
  const text = thrown.message.trim() || thrown.name
  return cause === '' || text.includes(cause) ? shortened(text) : shortened(`${text.replace(/\.$/, '')}: ${cause}`)
}

function failure(kind: FailureKind, error: AmxError): CallFailure {
  return { kind, error, headers: undefined, requestId: null, tokenLimit: null }
}

function rejectionKind({ status, code, param }: HttpRefusal, detail: string): FailureKind {
  if (
    /context_length_exceeded/.test(code) ||
    /context length|context window|context limit|prompt is too long|token length too long|model token limit|too many (?:input )?tokens/i.test(
      detail,
    ) ||
    status === 413
  )
    return 'TooLong'
  const said = `${param} ${detail}`
  if (/logprobs/i.test(said)) return 'Logprobs'
  if (
    /response_format|json_schema|json_object|output_config\.format|output_format|structured output|\btools?\b|tool_choice|invalid (?:json schema in )?format/i.test(
      said,
    )
  )
    return 'ResponseFormat'
  if (param === 'temperature' || /\btemperature\b/i.test(detail)) return 'Temperature'
  if (/reasoning[._ ]summar/i.test(said)) return 'Thoughts'
  if (/reasoning|thinking|effort|\bthink\b/i.test(said)) return 'Reasoning'
  if (
    /use '?max_completion_tokens|max_tokens'? is not supported|max_completion_tokens'? (?:is not supported|not permitted)/i.test(
      detail,
    )
  )
    return 'TokenField'
  if (/max_(?:completion_)?tokens/i.test(said) && limitNamed(detail) !== null) return 'TokenLimit'
  return 'Final'
}

function limitNamed(detail: string): number | null {
  const named =
    /(?:at most|less than or equal to|maximum(?: value)?(?: is| of)?|<=) (\d{3,7})/i.exec(detail)?.[1] ??
    // max_tokens: 32768 > 8192, which is the maximum allowed number of output tokens for …
    /> (\d{3,7}), which is the maximum/i.exec(detail)?.[1] ??
    // the valid range of max_tokens is [1, 8192]
    /range of max_tokens is \[\d+, ?(\d{3,7})\]/i.exec(detail)?.[1]
  return named === undefined ? null : Number(named)
}

function causeOf(cause: Error): string {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const inner = cause.cause instanceof Error ? causeOf(cause.cause) : ''
  return inner || [cause.message, code].filter((part) => part !== '').join(' ') || cause.name
}

function shortened(text: string): string {
  return text.length > 500 ? `${text.slice(0, 499)}…` : text
}
