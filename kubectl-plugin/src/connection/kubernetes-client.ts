import { setTimeout as delay } from 'node:timers/promises'
import { AmxError, apiVersion, type ErrorCode, type Kind, plurals } from '@amx/api'
import { bodyLines, bodyText, type HttpAnswer, httpCall } from './http-call.ts'
import type { Identity } from './identity.ts'

/** An object of any kind as the API server gives it. */
export interface KubernetesObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly creationTimestamp?: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly labels?: Readonly<Record<string, string>>
  }
}

export interface WatchEvent<Item> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: Item
}

/** The Kubernetes API as the caller sees it. Every call throws AMX-10xx for a refusal and AMX-4001 when there is no answer. */
export interface KubernetesClient {
  get<Answer>(path: string, accept?: string): Promise<Answer>
  /** What is no JSON, such as a log. */
  getText(path: string): Promise<string>
  create<Answer>(path: string, body: object): Promise<Answer>
  mergePatch<Answer>(path: string, patch: object): Promise<Answer>
  remove(path: string): Promise<void>
  /** Changes of a collection until the server ends the watch or the signal does. */
  watch<Item>(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<Item>>
}

/** Path of a collection of the product, or of one object of it; `namespace` null means all of them. */
export function resourcePath(kind: Kind, namespace: string | null, name?: string): string {
  const place = namespace === null ? '' : `namespaces/${encodeURIComponent(namespace)}/`
  return `apis/${apiVersion}/${place}${plurals[kind]}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

const watchIdleMs = 120_000

export function createKubernetesClient(identity: Identity, timeoutMs: number, signal: AbortSignal): KubernetesClient {
  async function call(
    method: Method,
    path: string,
    rest: {
      readonly headers?: Record<string, string>
      readonly body?: object
      readonly signal: AbortSignal
      readonly idleMs: number
    },
  ): Promise<HttpAnswer> {
    const headers = {
      ...identity.impersonation,
      ...(rest.body && { 'content-type': 'application/json' }),
      ...rest.headers,
    }
    const answer = await httpCall({
      method,
      url: new URL(path, identity.apiServer),
      security: identity.security,
      headers,
      ...(rest.body && { body: JSON.stringify(rest.body) }),
      signal: rest.signal,
      idleMs: rest.idleMs,
    }).catch((error: unknown) => {
      throw rest.signal.aborted && signal.aborted
        ? error
        : new AmxError('AMX-4001', { detail: (error as Error).message }, { cause: error })
    })
    if (answer.status < 400) return answer
    if (answer.status === 429 && answer.retryAfterMs !== null) {
      answer.stream.resume()
      await delay(answer.retryAfterMs, undefined, { signal: rest.signal }).catch(() => {
        throw new AmxError('AMX-4001', { detail: 'the API server asks everybody to wait (429)' })
      })
      return call(method, path, rest)
    }
    throw refusal(answer.status, await bodyText(answer.stream))
  }

  async function once<Answer>(
    method: Method,
    path: string,
    rest: { headers?: Record<string, string>; body?: object } = {},
  ) {
    return JSON.parse(await text(method, path, rest)) as Answer
  }

  async function text(
    method: Method,
    path: string,
    rest: { headers?: Record<string, string>; body?: object },
  ): Promise<string> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const { stream } = await call(method, path, { ...rest, signal: bounded, idleMs: timeoutMs })
    return bodyText(stream)
  }

  return {
    get: (path, accept) => once('GET', path, accept === undefined ? {} : { headers: { accept } }),
    getText: (path) => text('GET', path, { headers: { accept: '*/*' } }),
    create: (path, body) => once('POST', path, { body }),
    mergePatch: (path, body) =>
      once('PATCH', path, { body, headers: { 'content-type': 'application/merge-patch+json' } }),
    async remove(path) {
      await text('DELETE', path, {})
    },
    async *watch<Item>(path: string, query: Readonly<Record<string, string>>, watchSignal: AbortSignal) {
      const parameters = new URLSearchParams({ ...query, watch: 'true', allowWatchBookmarks: 'true' })
      const bounded = AbortSignal.any([signal, watchSignal])
      let began = false
      try {
        const { stream } = await call('GET', `${path}?${parameters}`, { signal: bounded, idleMs: watchIdleMs })
        began = true
        for await (const line of bodyLines(stream)) if (line !== '') yield JSON.parse(line) as WatchEvent<Item>
      } catch (error) {
        // A watch that breaks off is begun again by whoever reads it, and one that nobody waits for any more has ended.
        if (signal.aborted || !(began || watchSignal.aborted)) throw error
      }
    },
  }
}

/** The error of a Kubernetes `Status`, in the API server's own words. */
function refusal(status: number, body: string): AmxError {
  const message = statusMessage(body) ?? `the API server answered ${status}`
  const code = codes[status] ?? (status >= 500 || status === 429 ? 'AMX-4001' : 'AMX-1014')
  const error = new AmxError(code, { detail: message })
  return AmxError.fromReport({ code, message: code === 'AMX-4001' ? error.message : message, remedy: error.remedy })
}

const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'AMX-1010',
  403: 'AMX-1012',
  404: 'AMX-1013',
  409: 'AMX-1009',
  413: 'AMX-1018',
  422: 'AMX-1014',
}

function statusMessage(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { message?: string }).message
  } catch {
    return undefined
  }
}
