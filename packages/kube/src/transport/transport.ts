import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Configuration,
  createConfiguration,
  type KubeConfig,
  ResponseContext,
  ServerConfiguration,
  wrapHttpLibrary,
} from '@kubernetes/client-node'
import { type Dispatcher, request as send } from 'undici'
import { startTimeLimit, type TimeLimit, withSignal } from '../clock/time-limit.ts'
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts'
import { KubeError, kubeErrorFromResponse } from './kube-error.ts'
import { type ConnectionUse, MemoisedKubeConfig } from './memoised-kube-config.ts'
import { retryDelayMs } from './retry-policy.ts'

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
export type QueryValue = string | number | boolean | undefined

/** One call to the API server. */
export interface RequestOptions {
  /** @default 'GET' */
  readonly method?: HttpMethod
  /** Path from the server's root, escaped (see `resourcePath`). */
  readonly path: string
  readonly query?: Readonly<Record<string, QueryValue>>
  /** Written as JSON. */
  readonly body?: unknown
  /** @default 'application/json' */
  readonly contentType?: string
  /** Several values of a name are several headers. */
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly signal?: AbortSignal | undefined
  /** Limit for the whole call, attempts and waits included. @default 30000 */
  readonly timeoutMs?: number
}

/** An answer that is read as it arrives. */
export interface StreamResponse {
  readonly body: AsyncIterable<Uint8Array>
  /** Ends the stream and gives its connection up. */
  close(): void
}

/** Calls to one API server over few, lasting connections. Every call has a time limit. */
export interface Transport {
  readonly server: string
  /** The parsed JSON answer; undefined when it is empty. Throws KubeError. */
  request<T>(options: RequestOptions): Promise<T>
  /** Opens an answer without end, such as a watch; the time limit holds until its headers arrive. Throws KubeError. */
  stream(options: RequestOptions): Promise<StreamResponse>
  /** An API object of client-node that calls through this transport: same connections, limits, retries and counts. */
  client<T>(apiType: new (configuration: Configuration) => T): T
  /** Closes every connection. Calls under way fail. */
  close(): Promise<void>
}

export interface TransportOptions {
  readonly metrics?: RuntimeMetrics | undefined
  /** @default 'amx-kube' */
  readonly userAgent?: string
  /** @default 30000 */
  readonly timeoutMs?: number
  readonly random?: () => number
}

interface RawCall {
  readonly method: string
  readonly url: URL
  readonly headers: Record<string, string | string[]>
  readonly body: string | Buffer | undefined
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number
}

interface RawAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly bytes: Buffer
}

const defaultTimeoutMs = 30_000

/** Opens a transport to the configuration's current cluster. No connection is made before the first call. */
export function createTransport(kubeConfig: KubeConfig, options: TransportOptions = {}): Transport {
  const config = MemoisedKubeConfig.from(kubeConfig)
  const server = config.getCurrentCluster()?.server.replace(/\/+$/, '') ?? ''
  const host = server === '' ? '' : new URL(server).host
  const callLimitMs = options.timeoutMs ?? defaultTimeoutMs
  const random = options.random ?? Math.random

  function count(method: string, code: string): void {
    options.metrics?.restRequests.inc({ method, host, code })
  }

  async function attempt(call: RawCall, use: ConnectionUse, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    // A credential plugin is a program of its own, which may hang like any other.
    const connection = await withSignal(config.connection(use), signal)
    const response = await send(call.url, {
      method: call.method as Dispatcher.HttpMethod,
      dispatcher: connection.dispatcher,
      headers: { 'user-agent': options.userAgent ?? 'amx-kube', ...call.headers, ...connection.headers },
      body: call.body ?? null,
      signal,
      headersTimeout: call.timeoutMs,
      // A call is bounded by its signal. A watch may be quiet: its owner watches over it.
      bodyTimeout: 0,
    }).catch((error: unknown) => {
      count(call.method, '<error>')
      throw error
    })
    count(call.method, String(response.statusCode))
    return response
  }

  async function exchange(call: RawCall): Promise<RawAnswer> {
    using limit = startTimeLimit({ limitMs: call.timeoutMs, parents: [call.signal] })
    const { signal } = limit
    const deadlineMs = Date.now() + call.timeoutMs
    for (let attempts = 1; ; attempts++) {
      let outcome: RawAnswer | KubeError
      try {
        const response = await attempt(call, 'calls', signal)
        const bytes = Buffer.from(await response.body.arrayBuffer())
        outcome = { status: response.statusCode, headers: flatHeaders(response.headers), bytes }
        if (outcome.status < 400) return outcome
      } catch (error) {
        outcome = connectionError(call, error, limit)
        if (signal.aborted) throw outcome
      }
      const retryAfterMs = outcome instanceof KubeError ? undefined : retryAfterOf(call, outcome)
      const delayMs = retryDelayMs(
        { method: call.method, attempts, status: outcome.status, retryAfterMs, remainingMs: deadlineMs - Date.now() },
        random,
      )
      if (delayMs === undefined) {
        if (outcome instanceof KubeError) throw outcome
        return outcome
      }
      await sleep(delayMs, undefined, { signal }).catch((error: unknown) => {
        throw connectionError(call, error, limit)
      })
    }
  }

  function rawCall(request: RequestOptions): RawCall {
    const headers: Record<string, string | string[]> = { accept: 'application/json', ...request.headers }
    if (request.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json'
    return {
      method: request.method ?? 'GET',
      url: urlOf(server, request),
      headers,
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      signal: request.signal,
      timeoutMs: request.timeoutMs ?? callLimitMs,
    }
  }

  return {
    server,
    async request<T>(request: RequestOptions): Promise<T> {
      const call = rawCall(request)
      const answer = await exchange(call)
      const text = answer.bytes.toString('utf8')
      if (answer.status >= 400) throw responseError(call, answer, text)
      return (text === '' ? undefined : parseJson(call, text)) as T
    },
    async stream(request) {
      const call = rawCall(request)
      // It ends with the caller's signal or with close(). The listener goes when the stream does.
      const ending = new AbortController()
      const onAbort = (): void => ending.abort()
      call.signal?.addEventListener('abort', onAbort, { once: true })
      function close(): void {
        call.signal?.removeEventListener('abort', onAbort)
        ending.abort()
      }
      using limit = startTimeLimit({ limitMs: call.timeoutMs, parents: [call.signal] })
      limit.signal.addEventListener('abort', onAbort, { once: true })
      if (limit.signal.aborted) onAbort()
      try {
        const response = await attempt(call, 'watches', ending.signal)
        if (response.statusCode < 400) {
          limit.signal.removeEventListener('abort', onAbort)
          return { body: response.body, close }
        }
        const bytes = Buffer.from(await response.body.arrayBuffer())
        const answer = { status: response.statusCode, headers: flatHeaders(response.headers), bytes }
        throw responseError(call, answer, bytes.toString('utf8'))
      } catch (error) {
        close()
        throw error instanceof KubeError ? error : connectionError(call, error, limit)
      }
    },
    client(apiType) {
      const httpApi = wrapHttpLibrary({
        async send(context) {
          const body = context.getBody()
          const answer = await exchange({
            method: context.getHttpMethod().toString(),
            url: new URL(context.getUrl()),
            headers: context.getHeaders(),
            body: typeof body === 'string' || Buffer.isBuffer(body) ? body : undefined,
            signal: context.getSignal(),
            timeoutMs: callLimitMs,
          })
          return new ResponseContext(answer.status, answer.headers, {
            text: async () => answer.bytes.toString('utf8'),
            binary: async () => answer.bytes,
            stream: () => new Blob([new Uint8Array(answer.bytes)]).stream() as unknown as null,
          })
        },
      })
      return new apiType(createConfiguration({ baseServer: new ServerConfiguration(server, {}), httpApi }))
    },
    close: () => config.close(),
  }
}

function urlOf(server: string, request: RequestOptions): URL {
  const url = new URL(`${server}${request.path}`)
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url
}

function nameOf(call: RawCall): string {
  return `${call.method} ${call.url.pathname}`
}

function retryAfterOf(call: RawCall, answer: RawAnswer): number | undefined {
  return responseError(call, answer, answer.bytes.toString('utf8')).retryAfterMs
}

function responseError(call: RawCall, answer: RawAnswer, text: string): KubeError {
  return kubeErrorFromResponse(nameOf(call), answer.status, answer.headers['retry-after'], text)
}

function connectionError(call: RawCall, error: unknown, limit: TimeLimit): KubeError {
  const name = nameOf(call)
  if (limit.isOver) {
    const message = `${name}: no answer within ${call.timeoutMs} ms`
    return new KubeError({ status: 0, reason: 'Timeout', message, cause: error })
  }
  if (call.signal?.aborted) {
    return new KubeError({ status: 0, reason: 'Aborted', message: `${name}: given up by the caller`, cause: error })
  }
  const words = error instanceof Error ? error.message || error.name : String(error)
  return new KubeError({ status: 0, reason: 'ConnectionFailed', message: `${name}: ${words}`, cause: error })
}

function parseJson(call: RawCall, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const message = `${nameOf(call)}: the answer is not JSON: ${text.slice(0, 200)}`
    throw new KubeError({ status: 0, reason: 'MalformedAnswer', message, cause: error })
  }
}

function flatHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return result
}
