import { AmxError, type PriceTable, versionHeader } from '@amx/api'
import type { ServerStore } from '@amx/store'
import express, { type Express } from 'express'
import type { Logger } from 'pino'
import { createCallerAuthority } from './auth/caller.ts'
import { createSessions } from './auth/sessions.ts'
import { createWorkerAuthenticator } from './auth/worker-identity.ts'
import { createContextSearch } from './context/search-context.ts'
import { createVectorCache } from './context/vector-cache.ts'
import { problemMiddleware } from './http/problem.ts'
import type { ClusterApi } from './kubernetes/cluster-api.ts'
import type { ServerMetrics } from './metrics.ts'
import { auditRoutes } from './routes/audit-routes.ts'
import { catalogRoutes } from './routes/catalog-routes.ts'
import { contextRoutes } from './routes/context-routes.ts'
import { contextSearchRoutes } from './routes/context-search-routes.ts'
import { decisionRoutes } from './routes/decision-routes.ts'
import { diagnosticsRoutes } from './routes/diagnostics-routes.ts'
import { historyRoutes } from './routes/history-routes.ts'
import { homePage } from './routes/home-page.ts'
import { openApiDocument } from './routes/openapi.ts'
import { permittedBy } from './routes/permitted.ts'
import { profileTestRoutes } from './routes/profile-test-routes.ts'
import { queueRoutes } from './routes/queue-routes.ts'
import { resultsRoutes } from './routes/results-routes.ts'
import { rowRoutes } from './routes/row-routes.ts'
import { sessionRoutes } from './routes/session-routes.ts'
import { signInPage, signInPolicy } from './routes/sign-in-page.ts'
import { spendingRoutes } from './routes/spending-routes.ts'
import { workerRoutes } from './routes/worker-routes.ts'

export interface AppOptions {
  readonly store: () => ServerStore
  readonly cluster: ClusterApi
  readonly workerAudience: string
  readonly stopping: AbortSignal
  readonly logger: Logger
  readonly metrics: ServerMetrics
  readonly prices: () => PriceTable
  readonly version: string
  /** What vectors of documents and code may take in memory. @default 256 */
  readonly contextCacheMiB?: number
}

/** The HTTP application, without its sockets. */
export function createApp(options: AppOptions): Express {
  const { cluster, logger, metrics, prices, stopping, store, version } = options
  const sessions = createSessions(store)
  const authority = createCallerAuthority(cluster, sessions)
  const authenticate = createWorkerAuthenticator(cluster, options.workerAudience)
  const search = createContextSearch(store, createVectorCache({ store, capacityMiB: options.contextCacheMiB ?? 256 }))
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(metrics.observeRequests)
  app.use((_request, response, next) => {
    response.set(versionHeader, version)
    next()
  })
  app.use(express.json({ limit: '16mb' }))
  app.get('/', (_request, response) => {
    response.type('html').send(homePage(version))
  })
  app.get('/sign-in', (_request, response) => {
    const headers = {
      'content-security-policy': signInPolicy,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    }
    response.set(headers).type('html').send(signInPage)
  })
  app.get('/openapi.json', (_request, response) => {
    response.json(openApiDocument(version))
  })
  app.use(
    '/worker/v1/context',
    contextRoutes({
      store,
      stopping,
      search,
      authenticateIndexer: authenticate.indexer,
      authenticateWorker: authenticate.worker,
    }),
  )
  app.use('/worker/v1/test', profileTestRoutes({ store, stopping, prices, authenticate: authenticate.tester }))
  app.use(
    '/worker/v1',
    workerRoutes({
      store,
      stopping,
      authenticate: authenticate.worker,
      prices,
      onClaimed({ stage }, units) {
        metrics.claims.inc({ stage, result: units === 0 ? 'empty' : 'units' })
        if (units > 0) metrics.unitsClaimed.inc({ stage }, units)
      },
    }),
  )
  app.use('/api/v1', contextSearchRoutes({ store, authority, search, stopping }))
  const permitted = permittedBy(authority, stopping)
  app.use('/api/v1', sessionRoutes({ authority, sessions, stopping }))
  app.use('/api/v1', diagnosticsRoutes({ store, authority, stopping, version }, permitted))
  app.use('/api/v1', catalogRoutes(store, permitted))
  app.use('/api/v1', auditRoutes(store, permitted))
  app.use('/api/v1', queueRoutes(store, permitted))
  app.use('/api/v1', decisionRoutes({ store, cluster }, permitted))
  app.use('/api/v1', spendingRoutes({ store, authority, stopping, prices }, permitted))
  app.use('/api/v1', historyRoutes({ store, prices }, permitted))
  app.use('/api/v1', rowRoutes(store, permitted))
  app.use('/api/v1', resultsRoutes({ store, logger, version }, permitted))
  app.use((request) => {
    throw new AmxError('AMX-1091', { call: `${request.method} ${request.path}` })
  })
  app.use(problemMiddleware(logger))
  return app
}
