import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { openPriceFile, toAmxError } from '@amx/api'
import type { KubeConfig } from '@kubernetes/client-node'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import { createApp } from './app.ts'
import type { ServerEnvironment } from './environment.ts'
import { createHealthApp } from './health/health-app.ts'
import { createClusterApi } from './kubernetes/cluster-api.ts'
import { registerLimiterMetrics } from './limits/limiter-metrics.ts'
import { openLimiter } from './limits/open-limiter.ts'
import { createServerMetrics } from './metrics.ts'
import { openMigratedStore } from './migrated-store.ts'

export interface RunningServer {
  readonly url: string
  readonly healthUrl: string
  /** null without a TLS listener. */
  readonly tlsUrl: string | null
  /** Resolves when the store is migrated and open; rejects when it never will be. */
  readonly ready: Promise<void>
  /** Answers what is waiting, closes sockets, then the store. */
  stop(): Promise<void>
}

export interface StartServerOptions {
  readonly environment: ServerEnvironment
  readonly kubeConfig: KubeConfig
  readonly logger: Logger
}

/** Starts listening at once; requests that need the store get 503 until it is migrated. */
export async function startServer({ environment, kubeConfig, logger }: StartServerOptions): Promise<RunningServer> {
  const stopping = new AbortController()
  const metrics = createServerMetrics()
  const cluster = createClusterApi(kubeConfig)
  const limiter = openLimiter(environment.redisUrl, logger)
  registerLimiterMetrics(metrics.registry, limiter)
  const prices = openPriceFile(environment.priceFile, (error) => {
    const { code, message, remedy } = toAmxError(error)
    logger.error({ code, remedy }, `the price file was not taken: ${message}`)
  })
  const store = openMigratedStore(environment.storeUrl, limiter, prices, logger, stopping.signal)
  // Whoever waits for `ready` sees the failure; nobody else has to.
  store.ready.catch(() => {})
  const app = createApp({
    store: store.current,
    cluster,
    workerAudience: environment.workerAudience,
    stopping: stopping.signal,
    logger,
    metrics,
    prices,
    version: packageJson.version,
    ...(environment.contextCacheMiB !== undefined && { contextCacheMiB: environment.contextCacheMiB }),
  })
  const health = createHealthApp({ registry: metrics.registry, notReadyBecause: store.notReadyBecause })

  const servers = [createServer(app), createServer(health)]
  const ports = [environment.port, environment.healthPort]
  if (environment.tls !== null) {
    servers.push(tlsServer(environment.tls, app))
    ports.push(environment.tls.port)
  }
  const addresses = await Promise.all(
    servers.map((server, index) => listen(server, ports[index] ?? 0, environment.host)),
  )
  const [url = '', healthUrl = '', tlsUrl = null] = addresses.map((port, index) =>
    urlOf(index === 2 ? 'https' : 'http', environment.host, port),
  )
  return {
    url,
    healthUrl,
    tlsUrl,
    ready: store.ready,
    async stop() {
      stopping.abort()
      await Promise.all(servers.map(close))
      await Promise.all([store.close(), cluster.close()])
      await limiter.close()
    },
  }
}

function tlsServer(tls: NonNullable<ServerEnvironment['tls']>, app: RequestListener): Server {
  // A certificate is asked for, not demanded: callers with a token come over the same port.
  const options = {
    cert: tls.certificate,
    key: tls.key,
    ca: tls.clientCa,
    requestCert: true,
    rejectUnauthorized: false,
  }
  return createTlsServer(options, app)
}

function listen(server: Server, port: number, host: string): Promise<number> {
  // Longer than the keep-alive of any client and of a claim's long poll, so that no request meets a closing socket.
  server.keepAliveTimeout = 75_000
  server.headersTimeout = 80_000
  server.requestTimeout = 120_000
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

function urlOf(scheme: string, host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `${scheme}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
    // What is still open after the grace was told to stop and does not.
    setTimeout(() => server.closeAllConnections(), 5_000).unref()
  })
}
