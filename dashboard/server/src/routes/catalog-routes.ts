import { assetKinds, canonicalAssetPath } from '@amx/api'
import type { ServerStore } from '@amx/store'
import { Router } from 'express'
import { queryChoice, queryLimit, queryText } from '../http/query.ts'
import { given, type Permitted, readResults } from './permitted.ts'

/** What is known of the databases of a namespace. */
export function catalogRoutes(store: () => ServerStore, permitted: Permitted): Router {
  const router = Router()
  router.get(
    '/namespaces/:namespace/catalog',
    permitted(readResults, ({ namespace, request, signal }) => {
      const within = queryText(request, 'within')
      const query = {
        namespace,
        limit: queryLimit(request, { usual: 200, most: 1_000 }),
        ...given('after', queryText(request, 'after')),
        ...given('database', queryText(request, 'database')),
        ...given('within', within === undefined ? undefined : canonicalAssetPath(within)),
        ...given('kind', queryChoice(request, 'kind', assetKinds)),
      }
      return store().listCatalog(query, signal)
    }),
  )
  return router
}
