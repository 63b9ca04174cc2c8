import { Agent, type IncomingHttpHeaders, request as requestOverHttp } from 'node:http'
import { request as requestOverTls, Agent as TlsAgent } from 'node:https'
import { text } from 'node:stream/consumers'

export interface TextRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** null for none. */
  readonly body: string | null
}

export interface TextResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Connections to one server that last. */
export interface Exchange {
  /** Sends a request and reads its whole answer. Rejects when the connection breaks or the signal is aborted. */
  send(request: TextRequest, signal: AbortSignal): Promise<TextResponse>
  close(): void
}

/**
 * HTTP for many small requests, with less than half of the processor time that `fetch` takes: it counts where a pod accounts for
 * hundreds of calls within seconds.
 */
export function openExchange(): Exchange {
  const settings = { keepAlive: true, maxSockets: 64, scheduling: 'lifo' } as const
  const agent = new Agent(settings)
  const tlsAgent = new TlsAgent(settings)

  return {
    send({ method, url, headers, body }, signal) {
      return new Promise((resolve, reject) => {
        const bytes = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }
        const options = { method, headers: { ...headers, ...bytes }, signal }
        const sent = url.startsWith('https:')
          ? requestOverTls(url, { ...options, agent: tlsAgent })
          : requestOverHttp(url, { ...options, agent })
        sent.once('error', reject)
        sent.once('response', (response) => {
          const { statusCode: status = 0, headers: answered } = response
          text(response).then((read) => resolve({ status, headers: answered, text: read }), reject)
        })
        sent.end(body ?? undefined)
      })
    },
    close() {
      agent.destroy()
      tlsAgent.destroy()
    },
  }
}
