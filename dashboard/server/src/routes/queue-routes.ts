import type { ServerStore } from '@amx/store'
import { Router } from 'express'
import { queryLimit, queryText } from '../http/query.ts'
import { given, type Permitted, readResults } from './permitted.ts'

/** Accepted texts that wait to be written. */
export function queueRoutes(store: () => ServerStore, permitted: Permitted): Router {
  const router = Router()
  router.get(
    '/namespaces/:namespace/queue',
    permitted(readResults, ({ namespace, request, signal }) => {
      const limit = queryLimit(request, { usual: 100, most: 1_000 })
      const query = {
        namespace,
        limit,
        ...given('after', queryText(request, 'after')),
        ...given('runUid', queryText(request, 'runUid')),
      }
      return store().listQueue(query, signal)
    }),
  )
  return router
}
