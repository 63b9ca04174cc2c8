import { applyOutcomes, scopeKinds } from '@amx/api'
import type { ChangesQuery, ServerStore } from '@amx/store'
import { type Request, Router } from 'express'
import { queryLimit, queryText, queryTime } from '../http/query.ts'
import { queryChoices, queryFlag, queryTexts } from '../http/query-lists.ts'
import { findRun, given, type Permitted, readResults } from './permitted.ts'

/** What queued rows would write, and what was written: of a run, and of a namespace. */
export function auditRoutes(store: () => ServerStore, permitted: Permitted): Router {
  const router = Router()
  router.get(
    '/namespaces/:namespace/queue/preview',
    permitted(readResults, async (visit) => {
      const { namespace, request, signal } = visit
      const name = queryText(request, 'run')
      const uid = queryText(request, 'uid')
      const query = {
        namespace,
        limit: queryLimit(request, { usual: 100, most: 1_000 }),
        ...given('after', queryText(request, 'after')),
        ...given('runUid', name === undefined ? uid : (await findRun(store(), visit, name)).uid),
        ...given('target', queryText(request, 'target')),
        ...given('include', queryTexts(request, 'within')),
        ...given('exclude', queryTexts(request, 'exclude')),
        ...given('assets', queryTexts(request, 'asset')),
        ...given('kinds', queryChoices(request, 'kind', scopeKinds)),
      }
      return store().previewQueue(query, signal)
    }),
  )
  router.get(
    '/namespaces/:namespace/changes',
    permitted(readResults, ({ namespace, request, signal }) => {
      return store().listAudit(namespace, changesQuery(request), signal)
    }),
  )
  router.get(
    '/namespaces/:namespace/runs/:name/changes',
    permitted(readResults, async (visit) => {
      const found = await findRun(store(), visit)
      return store().listChanges(found.uid, changesQuery(visit.request), visit.signal)
    }),
  )
  return router
}

function changesQuery(request: Request): ChangesQuery {
  return {
    limit: queryLimit(request, { usual: 100, most: 1_000 }),
    ...given('after', queryText(request, 'after')),
    ...given('since', queryTime(request, 'since')),
    ...given('until', queryTime(request, 'until')),
    ...given('by', queryText(request, 'by')),
    ...given('asset', queryText(request, 'asset')),
    ...given('outcomes', queryChoices(request, 'outcome', applyOutcomes)),
    ...given('target', queryText(request, 'target')),
    ...given('unit', queryText(request, 'unit')),
    ...given('dryRun', queryFlag(request, 'dryRun')),
  }
}
