import { AmxError } from '@amx/api'
import type { ServerStore } from '@amx/store'
import { type Request, Router } from 'express'
import type { Logger } from 'pino'
import { streamEvents } from '../http/event-stream.ts'
import { queryText } from '../http/query.ts'
import { findRun, type Permitted, readResults } from './permitted.ts'

export interface ResultsRouteOptions {
  readonly store: () => ServerStore
  readonly logger: Logger
  readonly version: string
}

const eventsPerRead = 200

/** A run and its events, as people's programs read them. */
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
