import type { PriceTable } from '@amx/api'
import type { ServerStore } from '@amx/store'
import { Router } from 'express'
import type { CallerAuthority } from '../auth/caller.ts'
import { requestSignal } from '../http/request-signal.ts'
import { answerEstimate, usageQuery } from './money-routes.ts'
import { listRuns, type Permitted } from './permitted.ts'

export interface SpendingRouteOptions {
  readonly store: () => ServerStore
  readonly authority: CallerAuthority
  readonly stopping: AbortSignal
  readonly prices: () => PriceTable
}

/** What was spent, what would be, and by which prices. */
export function spendingRoutes(options: SpendingRouteOptions, permitted: Permitted): Router {
  const { authority, store } = options
  const router = Router()
  const money = () => ({ now: new Date(), prices: options.prices() })
  router.get(
    '/namespaces/:namespace/usage',
    permitted(listRuns, ({ namespace, request, signal }) =>
      store().readUsage(usageQuery(request, namespace, money()), signal),
    ),
  )
  router.get('/usage', async (request, response) => {
    const signal = requestSignal(response, options.stopping)
    await authority.require(await authority.authenticate(request), { ...listRuns, namespace: '' })
    response.json(await store().readUsage(usageQuery(request, null, money()), signal))
  })
  router.post(
    '/namespaces/:namespace/estimate',
    permitted(listRuns, ({ namespace, request, signal }) =>
      answerEstimate(request.body, namespace, { store: store(), prices: options.prices() }, signal),
    ),
  )
  router.get('/prices', async (request, response) => {
    await authority.authenticate(request)
    response.json(options.prices())
  })
  return router
}
