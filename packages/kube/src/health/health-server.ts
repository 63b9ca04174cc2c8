import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'

/** The outcome of one question about the process; the text says what is wrong. */
export type HealthCheck = () => readonly string[]

export interface HealthOptions {
  /** 0 takes any free port. */
  readonly port: number
  /** @default '0.0.0.0', so that the kubelet reaches it */
  readonly host?: string
  /** What keeps the process from being well: then the kubelet restarts it. */
  readonly live: HealthCheck
  /** What the process still waits for before it is of use. */
  readonly ready: HealthCheck
  readonly metrics: { readonly registry: Registry; scrape(): Promise<string> }
}

export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

/** Serves `/healthz`, `/readyz` and `/metrics` on one port; rejects when the port cannot be had. */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'only GET\n')
    if (path === '/healthz' || path === '/livez') return answerCheck(response, options.live)
    if (path === '/readyz') return answerCheck(response, options.ready)
    if (path !== '/metrics') return answer(response, 404, 'healthz, readyz or metrics\n')
    return options.metrics.scrape().then(
      (text) => answer(response, 200, text, options.metrics.registry.contentType),
      (error: unknown) => answer(response, 500, `${String(error)}\n`),
    )
  })
  server.requestTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host ?? '0.0.0.0', () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function answerCheck(response: ServerResponse, check: HealthCheck): ServerResponse {
  const problems = check()
  if (problems.length === 0) return answer(response, 200, 'ok\n')
  return answer(response, 503, `${problems.join('\n')}\n`)
}

function answer(response: ServerResponse, status: number, text: string, contentType = 'text/plain'): ServerResponse {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' })
  return response.end(text)
}
