import { AmxError, assetKinds, confidenceBands, reviewStates } from '@amx/api'
import type { ServerStore } from '@amx/store'
import { type Request, Router } from 'express'
import type { Logger } from 'pino'
import { streamEvents } from '../http/event-stream.ts'
import { pathText, queryChoice, queryLimit, queryText } from '../http/query.ts'
import { findRun, given, type Permitted, readResults } from './permitted.ts'

export interface ResultsRouteOptions {
  readonly store: () => ServerStore
  readonly logger: Logger
  readonly version: string
}

const eventsPerRead = 200

/** A run with its rows, versions, changes and events, as people's programs read them. */
export function resultsRoutes(options: ResultsRouteOptions, permitted: Permitted): Router {
  const { store } = options
  const router = Router()
  const run = '/namespaces/:namespace/runs/:name'
  router.get('/version', (_request, response) => {
    response.json({ version: options.version, api: 'v1' })
  })
  router.get(
    run,
    permitted({ verb: 'get', resource: 'metadataruns' }, (visit) => findRun(store(), visit)),
  )
  router.get(
    `${run}/results`,
    permitted(readResults, async (visit) => {
      const { request, signal } = visit
      const found = await findRun(store(), visit)
      const query = {
        limit: queryLimit(request, { usual: 50, most: 1_000 }),
        ...given('after', queryText(request, 'after')),
        ...given('state', queryChoice(request, 'state', reviewStates)),
        ...given('band', queryChoice(request, 'band', [...confidenceBands, 'None'])),
        ...given('kind', queryChoice(request, 'kind', assetKinds)),
        ...given('table', queryText(request, 'table')),
        ...given('search', queryText(request, 'search')),
        ...given('sort', queryChoice(request, 'sort', ['path', 'confidence'] as const)),
      }
      return store().listResults(found.uid, query, signal)
    }),
  )
  router.get(
    `${run}/results/:rowId/versions`,
    permitted(readResults, async (visit) => {
      const found = await findRun(store(), visit)
      const rowId = pathText(visit.request, 'rowId')
      const versions = await store().listVersions(found.uid, rowId, visit.signal)
      if (versions === null) throw new AmxError('AMX-1013', { what: `row ${rowId} of run "${found.name}"` })
      return versions
    }),
  )
  router.get(
    `${run}/events`,
    permitted(readResults, async (visit) => {
      const { request, response, signal } = visit
      const found = await findRun(store(), visit)
      await streamEvents({
        response,
        signal,
        logger: options.logger,
        lastEventId: lastEventId(request),
        read: (afterId, readSignal) => store().readEvents(found.uid, afterId, eventsPerRead, readSignal),
        listen: (onEvent, listenSignal) => store().listenEvents(found.uid, onEvent, listenSignal),
      })
    }),
  )
  return router
}

function lastEventId(request: Request): string | null {
  const id = request.header('last-event-id') ?? queryText(request, 'lastEventId')
  if (id === undefined) return null
  if (/^\d{1,19}$/.test(id)) return id
  throw new AmxError('AMX-1014', { problem: `"${id}" is not an event id` })
}
