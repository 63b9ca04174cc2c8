import express, { type Express } from 'express'
import type { Registry } from 'prom-client'

export interface HealthOptions {
  readonly registry: Registry
  /** Why the server cannot answer now, or null when it can. */
  readonly notReadyBecause: () => Promise<string | null>
}

/** `/healthz`, `/readyz` and `/metrics`, for the port that only the cluster sees. */
export function createHealthApp({ registry, notReadyBecause }: HealthOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.get('/healthz', (_request, response) => {
    response.type('text').send('ok\n')
  })
  app.get('/readyz', async (_request, response) => {
    const reason = await notReadyBecause()
    response
      .status(reason === null ? 200 : 503)
      .type('text')
      .send(`${reason ?? 'ok'}\n`)
  })
  app.get('/metrics', async (_request, response) => {
    const text = await registry.metrics()
    response.set('content-type', registry.contentType).send(text)
  })
  return app
}
