import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'

/** A refusal by the API server. Thrown by every call. */
export class KubeApiError extends Error {
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    super(message)
    this.name = 'KubeApiError'
    this.status = status
    this.reason = reason
  }
}

/** A kept connection turned out to be closed. Thrown by a first try only; the second one opens a new connection. */
class ClosedConnectionError extends Error {}

/** Whether a call failed because the object is gone, or another one has its name by now. */
export function isGone(error: unknown): boolean {
  if (!(error instanceof KubeApiError)) return false
  return error.status === 404 || (error.status === 409 && error.message.includes('UID in precondition'))
}

/** Whether a call failed because of what it said. */
export function isInvalid(error: unknown): boolean {
  return error instanceof KubeApiError && (error.status === 400 || error.status === 422)
}

export interface ApiRequest {
  body?: object
  contentType?: string
  signal?: AbortSignal
  timeoutMs?: number
}

export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: T
}

/** The API server over kept connections, one pool for calls and one for watches. */
export interface KubeApi {
  url: string
  caPem: string
  /** One call. Throws KubeApiError for a refusal, the network's error otherwise. */
  call<T>(method: string, path: string, options?: ApiRequest): Promise<T>
  /** The events of one watch request until it ends. Throws like `call`, and after 90 s without a word. */
  watch<T>(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent<T>>
  close(): void
}

interface KubeConfigFile {
  'current-context': string
  contexts: { name: string; context: { cluster: string; user: string } }[]
  clusters: { name: string; cluster: Record<string, string> }[]
  users: { name: string; user: Record<string, string> }[]
}

/** Connects as the current context of a kubeconfig file says: client certificate or token, data or files. */
export async function openKubeApi(kubeconfigPath: string): Promise<KubeApi> {
  const config = parse(await readFile(kubeconfigPath, 'utf8')) as KubeConfigFile
  const context = config.contexts.find(({ name }) => name === config['current-context'])?.context
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster
  const user = config.users.find(({ name }) => name === context?.user)?.user
  const url = cluster?.['server']
  if (cluster === undefined || user === undefined || url === undefined) {
    throw new Error(`${kubeconfigPath}: the current context names no known cluster and user`)
  }
  const pem = (values: Record<string, string>, key: string): Promise<string | undefined> =>
    pemOf(values, key, dirname(kubeconfigPath))
  const caPem = (await pem(cluster, 'certificate-authority')) ?? ''
  const tls = {
    ca: caPem || undefined,
    cert: await pem(user, 'client-certificate'),
    key: await pem(user, 'client-key'),
    keepAlive: true,
  }
  const calls = new Agent({ ...tls, maxSockets: 64 })
  const watches = new Agent({ ...tls, maxSockets: Number.POSITIVE_INFINITY })
  const authorization = user['token'] === undefined ? {} : { authorization: `Bearer ${user['token']}` }

  async function open(agent: Agent, method: string, path: string, options: ApiRequest): Promise<IncomingMessage> {
    try {
      return await send(agent, method, path, options)
    } catch (error) {
      // The API server ended an idle connection while the request was on its way: it has not seen the request.
      if (error instanceof ClosedConnectionError) return send(agent, method, path, options)
      throw error
    }
  }

  function send(agent: Agent, method: string, path: string, options: ApiRequest): Promise<IncomingMessage> {
    const payload = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body))
    return new Promise((resolveResponse, reject) => {
      const request = httpsRequest(
        `${url}${path}`,
        {
          method,
          agent,
          signal: options.signal,
          headers: {
            accept: 'application/json',
            'user-agent': 'amx-process-node',
            ...authorization,
            ...(payload === undefined
              ? {}
              : { 'content-type': options.contentType ?? 'application/json', 'content-length': payload.length }),
          },
        },
        resolveResponse,
      )
      request.setTimeout(options.timeoutMs ?? 30_000, () => request.destroy(new Error(`${method} ${path}: no answer`)))
      request.on('error', (error: NodeJS.ErrnoException) => {
        reject(request.reusedSocket && error.code === 'ECONNRESET' ? new ClosedConnectionError(error.message) : error)
      })
      request.end(payload)
    })
  }

  return {
    url,
    caPem,
    async call<T>(method: string, path: string, options: ApiRequest = {}): Promise<T> {
      const response = await open(calls, method, path, options)
      const text = await textOf(response)
      if (response.statusCode === undefined || response.statusCode >= 400) throw refusal(response, text)
      return (text === '' ? {} : JSON.parse(text)) as T
    },
    async *watch<T>(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
      const response = await open(watches, 'GET', path, { signal, timeoutMs: 90_000 })
      if (response.statusCode !== 200) throw refusal(response, await textOf(response))
      let rest = ''
      response.setEncoding('utf8')
      for await (const chunk of response) {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) if (line !== '') yield JSON.parse(line) as WatchEvent<T>
      }
    },
    close() {
      calls.destroy()
      watches.destroy()
    },
  }
}

async function pemOf(values: Record<string, string>, key: string, folder: string): Promise<string | undefined> {
  const data = values[`${key}-data`]
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
  const path = values[key]
  return path === undefined ? undefined : readFile(resolve(folder, path), 'utf8')
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function refusal(response: IncomingMessage, text: string): KubeApiError {
  const status = response.statusCode ?? 0
  try {
    const answer = JSON.parse(text) as { reason?: string; message?: string }
    return new KubeApiError(status, answer.reason ?? '', answer.message ?? text)
  } catch {
    return new KubeApiError(status, '', text || `status ${status}`)
  }
}
