import { AmxError, resultFacets, resultGroupings, resultSorts, sortOrders } from '@amx/api'
import type { ServerStore } from '@amx/store'
import { Router } from 'express'
import { pathText, queryChoice, queryLimit, queryText } from '../http/query.ts'
import { queryChoices, queryNumber, queryTexts } from '../http/query-lists.ts'
import { findRun, given, type Permitted, readResults, type Visit } from './permitted.ts'
import { resultFilterOf } from './result-filter.ts'

/** Rows of runs, and of a namespace each asset once: filtered, sorted, counted and grouped, one with all about it, and its versions. */
export function rowRoutes(store: () => ServerStore, permitted: Permitted): Router {
  const router = Router()
  router.get(
    '/namespaces/:namespace/results',
    permitted(readResults, ({ namespace, request, signal }) => {
      const { state, applyOutcome } = resultFilterOf(request)
      const query = {
        namespace,
        limit: queryLimit(request, { usual: 50, most: 1_000 }),
        ...given('after', queryText(request, 'after')),
        ...given('database', queryText(request, 'database')),
        ...given('within', queryTexts(request, 'within')),
        ...given('state', state),
        ...given('applyOutcome', applyOutcome),
      }
      return store().listNewestRows(query, signal)
    }),
  )
  const results = '/namespaces/:namespace/runs/:name/results'
  router.get(
    results,
    permitted(readResults, async (visit) => {
      const { request, signal } = visit
      const query = {
        ...resultFilterOf(request),
        limit: queryLimit(request, { usual: 50, most: 1_000 }),
        ...given('after', queryText(request, 'after')),
        ...given('sort', queryChoice(request, 'sort', resultSorts)),
        ...given('order', queryChoice(request, 'order', sortOrders)),
      }
      const found = await findRun(store(), visit)
      return store().listResults(found.uid, query, signal)
    }),
  )
  router.get(
    `${results}/facets`,
    permitted(readResults, async (visit) => {
      const { request, signal } = visit
      const query = {
        ...resultFilterOf(request),
        ...given('facet', queryChoices(request, 'facet', resultFacets)),
        ...given('top', queryNumber(request, 'top', { least: 1, most: 500 })),
      }
      const found = await findRun(store(), visit)
      return store().listFacets(found.uid, query, signal)
    }),
  )
  router.get(
    `${results}/groups`,
    permitted(readResults, async (visit) => {
      const { request, signal } = visit
      const by = queryChoice(request, 'by', resultGroupings)
      if (by === undefined) {
        throw new AmxError('AMX-1014', { problem: `query parameter "by" is one of ${resultGroupings.join(', ')}` })
      }
      const query = {
        ...resultFilterOf(request),
        by,
        limit: queryLimit(request, { usual: 50, most: 500 }),
        ...given('after', queryText(request, 'after')),
      }
      const found = await findRun(store(), visit)
      return store().listGroups(found.uid, query, signal)
    }),
  )
  router.get(
    `${results}/:rowId`,
    permitted(readResults, (visit) => ofRow(store(), visit, (...row) => store().readResult(...row))),
  )
  router.get(
    `${results}/:rowId/versions`,
    permitted(readResults, (visit) => ofRow(store(), visit, (...row) => store().listVersions(...row))),
  )
  return router
}

/** What is read of the row that a path names. Throws AMX-1013 when there is none. */
async function ofRow<Answer>(
  store: ServerStore,
  visit: Visit,
  read: (runUid: string, rowId: string, signal: AbortSignal) => Promise<Answer | null>,
): Promise<Answer> {
  const found = await findRun(store, visit)
  const rowId = pathText(visit.request, 'rowId')
  const answer = await read(found.uid, rowId, visit.signal)
  if (answer === null) throw new AmxError('AMX-1013', { what: `row ${rowId} of run "${found.name}"` })
  return answer
}
