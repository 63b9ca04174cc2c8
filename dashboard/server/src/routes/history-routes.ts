import {
  AmxError,
  assetKinds,
  canonicalAssetPath,
  comparedRunsMost,
  comparisonRows,
  comparisonUnits,
  origins,
  type PriceTable,
  runPhases,
  runSorts,
  runTypes,
  sortOrders,
  statisticsUnits,
} from '@amx/api'
import type { ServerStore } from '@amx/store'
import { type Request, Router } from 'express'
import { type CompareQuery, compareRuns } from '../compare/compare-runs.ts'
import { queryChoice, queryChoices, queryLimit, queryText, queryTime } from '../http/query.ts'
import { queryWindow } from '../http/query-window.ts'
import { findRun, given, listRuns, type Permitted, readResults, type Visit } from './permitted.ts'

export interface HistoryRouteOptions {
  readonly store: () => ServerStore
  readonly prices: () => PriceTable
}

/** Looking back over runs, also those that left the cluster. */
export function historyRoutes({ store, prices }: HistoryRouteOptions, permitted: Permitted): Router {
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
  router.get(
    '/namespaces/:namespace/runs/:name/detail',
    permitted(readResults, async (visit) => {
      const { uid } = await findRun(store(), visit)
      return store().readRunDetail(uid, prices(), visit.signal)
    }),
  )
  router.get(
    '/namespaces/:namespace/runs/:name/event-list',
    permitted(readResults, async (visit) => {
      const { uid } = await findRun(store(), visit)
      const limit = queryLimit(visit.request, { usual: 200, most: 1_000 })
      const after = queryText(visit.request, 'after') ?? null
      const events = await store().readEvents(uid, after, limit, visit.signal)
      return { events, next: events.length < limit ? null : (events.at(-1)?.id ?? null) }
    }),
  )
  router.get(
    '/namespaces/:namespace/run-statistics',
    permitted(listRuns, ({ namespace, request, signal }) => {
      const by = queryChoice(request, 'by', statisticsUnits) ?? 'model'
      return store().readStatistics({ namespace, by, ...queryWindow(request, new Date()) }, signal)
    }),
  )
  router.get(
    '/namespaces/:namespace/compare',
    permitted(readResults, async (visit) => {
      const runs = await comparedRuns(store(), visit)
      return compareRuns(store(), runs, compareQuery(visit.request), visit.signal)
    }),
  )
  return router
}

/** Uids of the runs that `run=` names, each as `name` or `name@uid`. Throws AMX-1013 for one that is not there. */
async function comparedRuns(store: ServerStore, { namespace, request, signal }: Visit): Promise<string[]> {
  const given: unknown = request.query['run']
  const names = (Array.isArray(given) ? given : [given]).filter((name): name is string => typeof name === 'string')
  if (names.length < 2 || names.length > comparedRunsMost) {
    throw new AmxError('AMX-1014', { problem: `name 2 to ${comparedRunsMost} runs to compare` })
  }
  const found = await Promise.all(
    names.map(async (name) => {
      const [base = '', uid] = name.split('@')
      const run = await store.findRun(namespace, base, uid, signal)
      if (run === null) throw new AmxError('AMX-1013', { what: `run "${name}" in namespace "${namespace}"` })
      return run.uid
    }),
  )
  if (new Set(found).size < found.length) throw new AmxError('AMX-1014', { problem: 'a run is named twice' })
  return found
}

function compareQuery(request: Request): CompareQuery {
  const path = (name: string) => {
    const text = queryText(request, name)
    return text === undefined ? undefined : canonicalAssetPath(text)
  }
  return {
    only: queryChoice(request, 'only', comparisonRows) ?? 'all',
    by: queryChoice(request, 'by', comparisonUnits) ?? 'asset',
    limit: queryLimit(request, { usual: 50, most: 500 }),
    ...given('after', queryText(request, 'after')),
    ...given('search', queryText(request, 'search')),
    ...given('schema', path('schema')),
    ...given('table', path('table')),
    ...given('column', queryText(request, 'column')),
    ...given('kind', queryChoice(request, 'kind', assetKinds)),
  }
}
