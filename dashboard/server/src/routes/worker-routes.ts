import {
  AmxError,
  type Assignment,
  applyResultsSchema,
  callIntentSchema,
  callOutcomeSchema,
  callRetrySchema,
  catalogPageSchema,
  claimRequestSchema,
  failReportSchema,
  heartbeatRequestSchema,
  listedPrice,
  logLinesSchema,
  type PriceTable,
  providerBatchIntentSchema,
  providerBatchUpdateSchema,
  type RunSettings,
  routeMemorySchema,
  unitResultSchema,
} from '@amx/api'
import type { ServerStore, WorkerIdentity } from '@amx/store'
import { Router } from 'express'
import { answering, type PodHandler } from '../http/answering.ts'
import { knownError } from '../http/known-error.ts'
import { pathText } from '../http/query.ts'
import { validator } from '../http/validate.ts'

export interface WorkerRouteOptions {
  /** The store, once it is migrated; throws AMX-9002 before. */
  readonly store: () => ServerStore
  readonly authenticate: (token: string | null) => Promise<WorkerIdentity>
  readonly stopping: AbortSignal
  /** What a worker prices its calls by: as it was when the worker started. */
  readonly prices: () => PriceTable
  readonly onClaimed: (worker: WorkerIdentity, units: number) => void
}

const heartbeatMs = 10_000

const checks = {
  claim: validator(claimRequestSchema),
  heartbeat: validator(heartbeatRequestSchema),
  catalog: validator(catalogPageSchema),
  result: validator(unitResultSchema),
  applyResults: validator(applyResultsSchema),
  intent: validator(callIntentSchema),
  outcome: validator(callOutcomeSchema),
  retry: validator(callRetrySchema),
  fail: validator(failReportSchema),
  batchIntent: validator(providerBatchIntentSchema),
  batchUpdate: validator(providerBatchUpdateSchema),
  logs: validator(logLinesSchema),
  routeMemory: validator(routeMemorySchema),
}

/** `/worker/v1`: each request answers only for the run and the stage that the pod's token proves. */
export function workerRoutes(options: WorkerRouteOptions): Router {
  const { store } = options
  const router = Router()

  const authenticated = (handler: PodHandler<WorkerIdentity>) =>
    answering(options.authenticate, handler, options.stopping)

  router.get(
    '/assignment',
    authenticated((worker, _request, signal) => assignmentOf(store(), options.prices(), worker, signal)),
  )
  router.post(
    '/claim',
    authenticated(async (worker, request, signal) => {
      const claimed = await store().claim(worker, checks.claim(request.body), signal)
      options.onClaimed(worker, claimed.units.length)
      return claimed
    }),
  )
  router.post(
    '/heartbeat',
    authenticated((worker, request, signal) => store().heartbeat(worker, checks.heartbeat(request.body), signal)),
  )
  router.post(
    '/catalog',
    authenticated((worker, request, signal) => store().recordCatalogPage(worker, checks.catalog(request.body), signal)),
  )
  router.post(
    '/results',
    authenticated((worker, request, signal) => store().recordResult(worker, checks.result(request.body), signal)),
  )
  router.post(
    '/results/tables',
    authenticated((worker, request, signal) =>
      store().recordApplyResults(worker, checks.applyResults(request.body).results, signal),
    ),
  )
  router.get(
    '/tables/:tableId',
    authenticated(async (worker, request, signal) => {
      const tableId = pathText(request, 'tableId')
      const profile = await store().readTableProfile(worker, tableId, signal)
      if (profile === null) throw new AmxError('AMX-1013', { what: `the profile of table ${tableId}` })
      return profile
    }),
  )
  router.post(
    '/calls',
    authenticated((worker, request, signal) => store().beginCall(worker, checks.intent(request.body), signal)),
  )
  router.post(
    '/calls/:callId',
    authenticated((worker, request, signal) =>
      store().endCall(worker, pathText(request, 'callId'), checks.outcome(request.body), signal),
    ),
  )
  router.post(
    '/calls/:callId/retries',
    authenticated((worker, request, signal) =>
      store().retryCall(worker, pathText(request, 'callId'), checks.retry(request.body), signal),
    ),
  )
  router.get(
    '/batches',
    authenticated((worker, _request, signal) => store().readOpenBatches(worker, signal)),
  )
  router.post(
    '/batches',
    authenticated((worker, request, signal) =>
      store().recordBatchIntent(worker, checks.batchIntent(request.body), signal),
    ),
  )
  router.post(
    '/batches/:batchId',
    authenticated((worker, request, signal) =>
      store().updateBatch(worker, pathText(request, 'batchId'), checks.batchUpdate(request.body), signal),
    ),
  )
  router.post(
    '/fail',
    authenticated((worker, request, signal) => {
      const { error } = checks.fail(request.body)
      return store().recordFatal(worker, knownError(error), signal)
    }),
  )
  router.post(
    '/logs',
    authenticated((worker, request, signal) => store().recordLogs(worker, checks.logs(request.body), signal)),
  )
  router.get(
    '/style',
    authenticated(async (worker, _request, signal) => ({ examples: await store().readStyle(worker, signal) })),
  )
  router.post(
    '/route-memory',
    authenticated((worker, request, signal) =>
      store().recordRouteMemory(worker, checks.routeMemory(request.body), signal),
    ),
  )
  return router
}

async function assignmentOf(
  store: ServerStore,
  prices: PriceTable,
  worker: WorkerIdentity,
  signal: AbortSignal,
): Promise<Assignment> {
  const known = await store.readSettings(worker.runUid, signal)
  if (known === null) throw new AmxError('AMX-1013', { what: `run ${worker.runUid}` })
  const run = { uid: worker.runUid, namespace: known.namespace, name: known.name }
  const routeMemory = worker.stage === 'draft' ? await store.readRouteMemory(worker, signal) : null
  return { run, stage: worker.stage, settings: priced(known.settings, prices), heartbeatMs, routeMemory }
}

/** The settings with what the price table lists for their model now. */
function priced(settings: RunSettings, prices: PriceTable): RunSettings {
  const { model } = settings
  if (model === null) return settings
  return { ...settings, model: { ...model, listed: listedPrice(prices, model.provider, model.model) } }
}
