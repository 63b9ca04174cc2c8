import type { NextFunction, Request, Response } from 'express'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** The server's Prometheus metrics. */
export interface ServerMetrics {
  readonly registry: Registry
  readonly claims: Counter<'stage' | 'result'>
  readonly unitsClaimed: Counter<'stage'>
  readonly observeRequests: (request: Request, response: Response, next: NextFunction) => void
}

export function createServerMetrics(): ServerMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const claims = new Counter({
    name: 'amx_claims_total',
    help: 'Claims of workers by stage, with or without work to hand out.',
    labelNames: ['stage', 'result'],
    registers: [registry],
  })
  const unitsClaimed = new Counter({
    name: 'amx_units_claimed_total',
    help: 'Units of work handed to workers.',
    labelNames: ['stage'],
    registers: [registry],
  })
  const durations = new Histogram({
    name: 'amx_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer; long polls and event streams included.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 30],
    registers: [registry],
  })
  return {
    registry,
    claims,
    unitsClaimed,
    observeRequests(request, response, next) {
      const end = durations.startTimer({ method: request.method })
      response.once('close', () => {
        const route: unknown = request.route?.path
        const path = typeof route === 'string' ? `${request.baseUrl}${route}` : 'other'
        end({ route: path, status: String(response.statusCode) })
      })
      next()
    },
  }
}
