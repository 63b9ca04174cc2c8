import { AmxError, type ContextSourceSearchResult } from '@amx/api'
import { embedForSearch } from '@amx/retrieval'
import type { ServerStore } from '@amx/store'
import { type Request, type Response, Router } from 'express'
import type { CallerAuthority } from '../auth/caller.ts'
import type { SearchContext } from '../context/search-context.ts'
import { pathText, queryLimit, queryText } from '../http/query.ts'
import { requestSignal } from '../http/request-signal.ts'

export interface ContextSearchRouteOptions {
  readonly store: () => ServerStore
  readonly authority: CallerAuthority
  readonly search: SearchContext
  readonly stopping: AbortSignal
}

const longestQuery = 1_000

/** What a person finds in a ContextSource, as a draft would: for whoever may get `contextsources/search`. */
export function contextSearchRoutes({ store, authority, search, stopping }: ContextSearchRouteOptions): Router {
  const router = Router()
  router.get(
    '/namespaces/:namespace/contextsources/:name/search',
    async (request: Request, response: Response): Promise<void> => {
      const signal = requestSignal(response, stopping)
      const caller = await authority.authenticate(request)
      const [namespace, name] = [pathText(request, 'namespace'), pathText(request, 'name')]
      await authority.require(caller, {
        verb: 'get',
        resource: 'contextsources',
        subresource: 'search',
        namespace,
        name,
      })
      const text = queryText(request, 'q')
      if (text === undefined || text.length > longestQuery)
        throw new AmxError('AMX-1014', { problem: `query parameter "q" needs 1 to ${longestQuery} characters` })
      const limit = queryLimit(request, { usual: 5, most: 50 })
      const index = await store().findSearchableIndex(namespace, name, signal)
      if (index === null)
        throw new AmxError('AMX-1013', { what: `an index of ContextSource "${name}" in namespace "${namespace}"` })
      const [results = []] = await search([index], [{ text, vector: embedForSearch(text) }], limit, signal)
      const answer: ContextSourceSearchResult = { results }
      if (!response.destroyed) response.json(answer)
    },
  )
  return router
}
