import { queueSorts, sortOrders } from '@amx/api'
import type { ServerStore } from '@amx/store'
import { Router } from 'express'
import { queryChoice, queryLimit, queryText } from '../http/query.ts'
import { given, type Permitted, readResults } from './permitted.ts'
import { queueFilterOf } from './result-filter.ts'

/** Accepted texts that wait to be written. */
export function queueRoutes(store: () => ServerStore, permitted: Permitted): Router {
  const router = Router()
  router.get(
    '/namespaces/:namespace/queue',
    permitted(readResults, ({ namespace, request, signal }) => {
      const query = {
        ...queueFilterOf(request),
        namespace,
        limit: queryLimit(request, { usual: 100, most: 1_000 }),
        ...given('after', queryText(request, 'after')),
        ...given('sort', queryChoice(request, 'sort', queueSorts)),
        ...given('order', queryChoice(request, 'order', sortOrders)),
      }
      return store().listQueue(query, signal)
    }),
  )
  router.get(
    '/namespaces/:namespace/queue/facets',
    permitted(readResults, ({ namespace, request, signal }) =>
      store().listQueueFacets({ ...queueFilterOf(request), namespace }, signal),
    ),
  )
  return router
}
