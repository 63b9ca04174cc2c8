/** The body of a failure, as the API server writes it. */
export interface StatusBody {
  readonly kind?: string
  readonly status?: string
  readonly reason?: string
  readonly message?: string
  readonly code?: number
  readonly details?: {
    readonly retryAfterSeconds?: number
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[]
  }
}

/** What is known about a failed call. */
export interface KubeErrorFacts {
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** The API server's reason (`NotFound`, `Conflict`, …), or `Timeout` / `ConnectionFailed` / `Aborted` of our own. */
  readonly reason: string
  readonly message: string
  readonly retryAfterMs?: number | undefined
  readonly causes?: readonly string[] | undefined
  readonly cause?: unknown
}

/** A call to the API server that did not succeed. Thrown by every function that talks to it. */
export class KubeError extends Error {
  override readonly name = 'KubeError'
  readonly status: number
  readonly reason: string
  readonly retryAfterMs: number | undefined
  readonly causes: readonly string[]

  constructor(facts: KubeErrorFacts) {
    super(facts.message, { cause: facts.cause })
    this.status = facts.status
    this.reason = facts.reason
    this.retryAfterMs = facts.retryAfterMs
    this.causes = facts.causes ?? []
  }
}

/** The error that a failed answer stands for; understands Status objects and plain text alike. */
export function kubeErrorFromResponse(
  call: string,
  status: number,
  retryAfter: string | undefined,
  text: string,
): KubeError {
  const body = parseStatus(text)
  const words = body?.message ?? text.slice(0, 500).trim()
  return new KubeError({
    status,
    reason: body?.reason ?? `Http${status}`,
    message: `${call}: ${words === '' ? `the API server answered ${status}` : words}`,
    retryAfterMs: parseRetryAfter(retryAfter) ?? secondsToMs(body?.details?.retryAfterSeconds),
    causes: body?.details?.causes?.map((cause) => cause.reason ?? cause.message ?? '') ?? [],
  })
}

/** The error that a Status object inside a watch stands for. */
export function kubeErrorFromStatus(call: string, status: StatusBody): KubeError {
  return new KubeError({
    status: status.code ?? 500,
    reason: status.reason ?? 'Unknown',
    message: `${call}: ${status.message ?? 'the API server ended the watch'}`,
    retryAfterMs: secondsToMs(status.details?.retryAfterSeconds),
    causes: status.details?.causes?.map((cause) => cause.reason ?? cause.message ?? '') ?? [],
  })
}

/** Whether somebody else changed the object first (409, but not because it exists already). */
export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409 && error.reason !== 'AlreadyExists'
}

/** Whether the object, or its kind, is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404
}

/** Whether an object of that name is there already. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409 && error.reason === 'AlreadyExists'
}

/** Whether the resource version or continue token is too old to go on from. */
export function isGone(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone')
}

function parseRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now())
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000
}

function parseStatus(text: string): StatusBody | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as StatusBody
  } catch {
    return undefined
  }
}
