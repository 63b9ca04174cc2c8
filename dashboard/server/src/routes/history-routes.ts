import { origins, runPhases, runSorts, runTypes, sortOrders } from '@amx/api'
import type { ServerStore } from '@amx/store'
import { Router } from 'express'
import { queryChoice, queryChoices, queryLimit, queryText, queryTime } from '../http/query.ts'
import { given, listRuns, type Permitted } from './permitted.ts'

/** Looking back over runs, also those that left the cluster. */
export function historyRoutes(store: () => ServerStore, permitted: Permitted): Router {
  const router = Router()
  router.get(
    '/namespaces/:namespace/runs',
    permitted(listRuns, ({ namespace, request, signal }) => {
      const query = {
        namespace,
        limit: queryLimit(request, { usual: 50, most: 500 }),
        phases: queryChoices(request, 'phase', runPhases),
        types: queryChoices(request, 'type', runTypes),
        ...given('after', queryText(request, 'continue')),
        ...given('search', queryText(request, 'search')),
        ...given('since', queryTime(request, 'since')),
        ...given('until', queryTime(request, 'until')),
        ...given('origin', queryChoice(request, 'origin', [...origins, 'none'])),
        ...given('sort', queryChoice(request, 'sort', runSorts)),
        ...given('order', queryChoice(request, 'order', sortOrders)),
      }
      return store().listRuns(query, signal)
    }),
  )
  return router
}
