import { type IncomingMessage, request as plainRequest } from 'node:http'
import { type RequestOptions, request as tlsRequest } from 'node:https'

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: URL
  /** Sign-in and trust: certificates, headers, agent. */
  readonly security: RequestOptions
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
  readonly signal: AbortSignal
  /** Longest time without a byte. */
  readonly idleMs: number
}

export interface HttpAnswer {
  readonly status: number
  /** How long the server asks to wait before the next try; null when it does not. */
  readonly retryAfterMs: number | null
  readonly stream: IncomingMessage
}

/** One HTTP exchange up to the answer's headers. Rejects with the socket's error, or the signal's reason. */
export function httpCall({ method, url, security, headers, body, signal, idleMs }: HttpCall): Promise<HttpAnswer> {
  const start = url.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve, reject) => {
    const call = start(
      url,
      {
        ...security,
        method,
        signal,
        timeout: idleMs,
        headers: { accept: 'application/json', ...security.headers, ...headers },
      } as RequestOptions,
      (stream) => resolve({ status: stream.statusCode ?? 0, retryAfterMs: retryAfterMs(stream), stream }),
    )
    call.once('timeout', () => call.destroy(new Error(`no answer within ${idleMs / 1000} s`)))
    call.once('error', (error) => reject(signal.aborted ? signal.reason : error))
    call.end(body)
  })
}

/** The whole body as text. */
export async function bodyText(stream: IncomingMessage): Promise<string> {
  stream.setEncoding('utf8')
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}

/** The body line by line, as it comes. */
export async function* bodyLines(stream: IncomingMessage): AsyncGenerator<string> {
  stream.setEncoding('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

function retryAfterMs({ headers }: IncomingMessage): number | null {
  const seconds = Number(headers['retry-after'])
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null
}
