import {
  AmxError,
  assetKinds,
  confidenceBands,
  type PriceTable,
  type RunSummary,
  reviewStates,
  runPhases,
  runTypes,
} from '@amx/api'
import type { ServerStore } from '@amx/store'
import { type Request, type Response, Router } from 'express'
import type { Logger } from 'pino'
import type { Caller, CallerAuthority } from '../auth/caller.ts'
import { streamEvents } from '../http/event-stream.ts'
import { pathText, queryChoice, queryLimit, queryText } from '../http/query.ts'
import { requestSignal } from '../http/request-signal.ts'
import { validator } from '../http/validate.ts'
import type { ClusterApi } from '../kubernetes/cluster-api.ts'
import { decisionRequestSchema } from './decision-request.ts'
import { answerEstimate, usageQuery } from './money-routes.ts'

export interface ResultsRouteOptions {
  readonly store: () => ServerStore
  readonly cluster: ClusterApi
  readonly authority: CallerAuthority
  readonly stopping: AbortSignal
  readonly logger: Logger
  readonly prices: () => PriceTable
  readonly version: string
}

const checkDecision = validator(decisionRequestSchema)
const eventsPerRead = 200

interface Visit {
  readonly caller: Caller
  readonly namespace: string
  readonly request: Request
  readonly response: Response
  readonly signal: AbortSignal
}

/** `/api/v1`: what people's programs read and the one thing they create. Each call is authorised by the cluster's own RBAC. */
export function resultsRoutes(options: ResultsRouteOptions): Router {
  const { store, authority } = options
  const router = Router()

  function permitted(
    access: { readonly verb: string; readonly resource: string; readonly subresource?: string } | null,
    handler: (visit: Visit) => Promise<unknown>,
  ) {
    return async (request: Request, response: Response): Promise<void> => {
      const signal = requestSignal(response, options.stopping)
      const caller = await authority.authenticate(request)
      const namespace = pathText(request, 'namespace')
      if (access !== null) await authority.require(caller, { ...access, namespace })
      const answer = await handler({ caller, namespace, request, response, signal })
      if (answer !== undefined && !response.destroyed) response.json(answer)
    }
  }

  const run = '/namespaces/:namespace/runs/:name'
  const readResults = { verb: 'get', resource: 'metadataruns', subresource: 'results' }

  router.get('/version', (_request, response) => {
    response.json({ version: options.version, api: 'v1' })
  })
  router.get(
    '/namespaces/:namespace/runs',
    permitted({ verb: 'list', resource: 'metadataruns' }, ({ namespace, request, signal }) => {
      const query = {
        namespace,
        limit: queryLimit(request, { usual: 50, most: 500 }),
        ...given('after', queryText(request, 'continue')),
        ...given('phase', queryChoice(request, 'phase', runPhases)),
        ...given('type', queryChoice(request, 'type', runTypes)),
      }
      return store().listRuns(query, signal)
    }),
  )
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
    `${run}/changes`,
    permitted(readResults, async (visit) => {
      const found = await findRun(store(), visit)
      const limit = queryLimit(visit.request, { usual: 100, most: 1_000 })
      return store().listChanges(
        found.uid,
        { limit, ...given('after', queryText(visit.request, 'after')) },
        visit.signal,
      )
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
  const listRuns = { verb: 'list', resource: 'metadataruns' }
  const money = () => ({ now: new Date(), prices: options.prices() })
  router.get(
    '/namespaces/:namespace/usage',
    permitted(listRuns, ({ namespace, request, signal }) =>
      store().readUsage(usageQuery(request, namespace, money()), signal),
    ),
  )
  router.get('/usage', async (request, response) => {
    const signal = requestSignal(response, options.stopping)
    await authority.require(await authority.authenticate(request), { ...listRuns, namespace: '' })
    response.json(await store().readUsage(usageQuery(request, null, money()), signal))
  })
  router.post(
    '/namespaces/:namespace/estimate',
    permitted(listRuns, ({ namespace, request, signal }) =>
      answerEstimate(request.body, namespace, { store: store(), prices: options.prices() }, signal),
    ),
  )
  router.get('/prices', async (request, response) => {
    await authority.authenticate(request)
    response.json(options.prices())
  })
  router.post(
    '/namespaces/:namespace/decisions',
    // No question of our own: the API server itself decides whether this caller may create a ReviewDecision.
    permitted(null, async (visit) => {
      const created = await createDecision(options, visit)
      visit.response.status(201)
      return created
    }),
  )
  return router
}

async function findRun(store: ServerStore, visit: Visit): Promise<RunSummary> {
  const name = pathText(visit.request, 'name')
  const found = await store.findRun(visit.namespace, name, queryText(visit.request, 'uid'), visit.signal)
  if (found === null) throw new AmxError('AMX-1013', { what: `run "${name}" in namespace "${visit.namespace}"` })
  return found
}

async function createDecision(options: ResultsRouteOptions, visit: Visit): Promise<unknown> {
  const { caller, namespace, signal } = visit
  if (caller.token === null)
    throw new AmxError('AMX-1014', {
      problem:
        'a decision is created with your own token, and a client certificate cannot be passed on: create the ReviewDecision through the Kubernetes API',
    })
  const { run, draftDigest, items, filter, apply, comment } = checkDecision(visit.request.body)
  if ((items === undefined) === (filter === undefined))
    throw new AmxError('AMX-1014', { problem: 'the body needs exactly one of "items" and "filter"' })
  const found = await options.store().findRun(namespace, run, undefined, signal)
  if (found === null) throw new AmxError('AMX-1013', { what: `run "${run}" in namespace "${namespace}"` })
  const decision = {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'ReviewDecision',
    metadata: { generateName: `${run.slice(0, 50)}-`, namespace, labels: { 'amx.dev/origin': 'studio' } },
    spec: {
      runRef: { name: run, uid: found.uid },
      draftDigest,
      reviewer: { username: caller.user.username },
      ...given('items', items),
      ...given('filter', filter),
      ...given('apply', apply),
      ...given('comment', comment),
    },
  }
  return options.cluster.createDecision(caller.token, namespace, decision, signal)
}

function lastEventId(request: Request): string | null {
  const id = request.header('last-event-id') ?? queryText(request, 'lastEventId')
  if (id === undefined) return null
  if (/^\d{1,19}$/.test(id)) return id
  throw new AmxError('AMX-1014', { problem: `"${id}" is not an event id` })
}

/** `{name: value}`, or nothing when there is no value: an absent option stays absent. */
function given<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: Value })
}
