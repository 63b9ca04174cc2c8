import { builtInPrices, type PriceTable } from '@amx/api'
import { previewQueue } from './apply/preview-queue.ts'
import { listCatalog } from './catalog/list-catalog.ts'
import { createChangeListener } from './change-listener.ts'
import { compareGroups, compareRows, readOverlap } from './compare/compare-rows.ts'
import { readRunFigures } from './compare/read-run-figures.ts'
import { failContextIndex, readContextAssignment } from './context/manage-index.ts'
import { finishContextIndex, recordContextDocuments } from './context/record-index.ts'
import {
  findSearchableIndex,
  listSearchableIndexes,
  readContextChunks,
  readContextVectors,
  searchContextTerms,
} from './context/search-index.ts'
import type { ServerStore } from './contract.ts'
import { type OpenStoreOptions, openDatabase } from './database.ts'
import { readStoreState } from './diagnostics/read-store-state.ts'
import { listAudit, listChanges } from './history/list-changes.ts'
import { listLogs } from './history/list-logs.ts'
import { readEvents } from './history/read-events.ts'
import { readRunDetail } from './history/read-run-detail.ts'
import { readStatistics } from './history/read-statistics.ts'
import { recordFatal, recordLogs } from './history/record-reports.ts'
import { readProfileTest, recordProfileTest } from './profiles/record-test.ts'
import { createCalibrations } from './review/calibrations.ts'
import { listFacets } from './review/list-facets.ts'
import { listGroups } from './review/list-groups.ts'
import { listNewestRows } from './review/list-newest-rows.ts'
import { listQueue, listQueueFacets } from './review/list-queue.ts'
import { listResults } from './review/list-results.ts'
import { listVersions } from './review/list-versions.ts'
import { readResult } from './review/read-result.ts'
import { listRuns } from './runs/list-runs.ts'
import { readSettings } from './runs/run-state.ts'
import { findRun } from './runs/run-summary.ts'
import { endSession, findSession, keepSignIn, takeSignInCode } from './sign-ins/sign-ins.ts'
import { readKnownTables } from './usage/read-known-tables.ts'
import { readUsage } from './usage/read-usage.ts'
import { recordApplyResults } from './work/apply-result.ts'
import { recordCatalogPage } from './work/catalog-page.ts'
import { claim } from './work/claim.ts'
import { expireLeases } from './work/expire-leases.ts'
import { heartbeat } from './work/heartbeat.ts'
import { defaultLeaseMs } from './work/lease.ts'
import { beginCall, endCall, retryCall } from './work/model-calls.ts'
import { concurrencyOnly, type ModelLimiter } from './work/model-limiter.ts'
import { readOpenBatches, recordBatchIntent, updateBatch } from './work/provider-batches.ts'
import { recordResult } from './work/record-result.ts'
import { readRouteMemory, recordRouteMemory } from './work/route-memory.ts'
import { readStyle } from './work/run-style.ts'
import { readTableProfile } from './work/table-profile.ts'

export interface OpenServerStoreOptions extends OpenStoreOptions {
  /** How long a unit belongs to its holder without a heartbeat. @default 30000 */
  readonly leaseMs?: number
  /** Time that holders of leases have after a start of the store before a lease can run out. @default 30000 */
  readonly restartGraceMs?: number
  /** Limits the calls of each LLMProfile. @default only how many units are leased at once */
  readonly limiter?: ModelLimiter
  /** Pause between two looks for leases that ran out. @default 3000 */
  readonly sweepMs?: number
  /** What the estimates of budgets are priced by. @default the built-in table */
  readonly prices?: () => PriceTable
}

/** Opens the server's half of the store. It connects when first used and again whenever the store was away. */
export function openServerStore(options: OpenServerStoreOptions): ServerStore {
  const database = openDatabase({ applicationName: 'amx-server', ...options })
  const calibrations = createCalibrations(database)
  const listener = createChangeListener({ applicationName: 'amx-server', ...options })
  const leaseMs = options.leaseMs ?? defaultLeaseMs
  const restartGraceMs = options.restartGraceMs ?? defaultLeaseMs
  const limiter = options.limiter ?? concurrencyOnly
  const prices = options.prices ?? (() => builtInPrices)
  const sweep = startSweep(() => expireLeases(database, restartGraceMs), options.sweepMs ?? 3_000)

  return {
    readSettings: (runUid, signal) => readSettings(database, runUid, signal),
    claim: (worker, request, signal) =>
      claim({ database, listener, limiter, leaseMs, restartGraceMs, prices }, worker, request, signal),
    heartbeat: (worker, request, signal) => heartbeat(database, worker, request, leaseMs, signal),
    recordCatalogPage: (worker, page, signal) => recordCatalogPage(database, worker, page, signal),
    recordResult: (worker, result, signal) => recordResult(database, worker, result, signal),
    recordApplyResults: (worker, results, signal) => recordApplyResults(database, worker, results, signal),
    readTableProfile: (worker, tableId, signal) => readTableProfile(database, worker, tableId, signal),
    readStyle: (worker, signal) => readStyle(database, worker, signal),
    readRouteMemory: (worker, signal) => readRouteMemory(database, worker, signal),
    recordRouteMemory: (worker, memory, signal) => recordRouteMemory(database, worker, memory, signal),
    beginCall: (worker, intent, signal) =>
      beginCall(database, limiter, worker, intent, { prices, restartGraceMs }, signal),
    endCall: (worker, callId, outcome, signal) => endCall(database, limiter, worker, callId, outcome, signal),
    retryCall: (worker, callId, retry, signal) => retryCall(database, limiter, worker, callId, retry, signal),
    readOpenBatches: (worker, signal) => readOpenBatches(database, worker, signal),
    recordBatchIntent: (worker, intent, signal) => recordBatchIntent(database, worker, intent, signal),
    updateBatch: (worker, batchId, update, signal) => updateBatch(database, worker, batchId, update, signal),
    recordFatal: (worker, error, signal) => recordFatal(database, worker, error, signal),
    recordLogs: (worker, lines, signal) => recordLogs(database, worker, lines, signal),
    readContextAssignment: (indexer, signal) => readContextAssignment(database, indexer, signal),
    recordContextDocuments: (indexer, documents, signal) =>
      recordContextDocuments(database, indexer, documents, signal),
    finishContextIndex: (indexer, finish, signal) => finishContextIndex(database, indexer, finish, signal),
    failContextIndex: (uid, number, error, signal) => failContextIndex(database, uid, number, error, signal),
    readProfileTest: (tester, signal) => readProfileTest(database, tester, signal),
    recordProfileTest: (tester, report, signal) => recordProfileTest(database, tester, report, signal),
    listSearchableIndexes: (uids, signal) => listSearchableIndexes(database, uids, signal),
    findSearchableIndex: (namespace, name, signal) => findSearchableIndex(database, namespace, name, signal),
    searchContextTerms: (indexIds, queries, limit, signal) =>
      searchContextTerms(database, indexIds, queries, limit, signal),
    readContextVectors: (indexId, after, limit, signal) => readContextVectors(database, indexId, after, limit, signal),
    readContextChunks: (ids, signal) => readContextChunks(database, ids, signal),
    async findRun(namespace, name, uid, signal) {
      signal?.throwIfAborted()
      return findRun(database, namespace, name, uid ?? null)
    },
    listRuns: (query, signal) => listRuns(database, query, signal),
    listResults: (runUid, query, signal) => listResults({ database, calibrations }, runUid, query, signal),
    listNewestRows: (query, signal) => listNewestRows({ database, calibrations }, query, signal),
    listFacets: (runUid, query, signal) => listFacets(database, runUid, query, signal),
    listGroups: (runUid, query, signal) => listGroups(database, runUid, query, signal),
    readResult: (runUid, rowId, signal) => readResult({ database, calibrations }, runUid, rowId, signal),
    listVersions: (runUid, rowId, signal) => listVersions(database, runUid, rowId, signal),
    listQueue: (query, signal) => listQueue(database, query, signal),
    listAudit: (namespace, query, signal) => listAudit(database, namespace, query, signal),
    previewQueue: (query, signal) => previewQueue(database, query, signal),
    listQueueFacets: (query, signal) => listQueueFacets(database, query, signal),
    listChanges: (runUid, query, signal) => listChanges(database, runUid, query, signal),
    listCatalog: (query, signal) => listCatalog(database, query, signal),
    readRunDetail: (runUid, table, signal) => readRunDetail(database, runUid, table, signal),
    readStatistics: (query, signal) => readStatistics(database, query, signal),
    readRunFigures: (uids, signal) => readRunFigures(database, uids, signal),
    compareRows: (query, signal) => compareRows(database, query, signal),
    async readOverlap(compared, signal) {
      signal?.throwIfAborted()
      return readOverlap(database, compared)
    },
    compareGroups: (compared, by, signal) => compareGroups(database, compared, by, signal),
    readUsage: (query, signal) => readUsage(database, query, signal),
    readKnownTables: (query, signal) => readKnownTables(database, query, signal),
    readEvents: (runUid, afterId, limit, signal) => readEvents(database, runUid, afterId, limit, signal),
    async listenEvents(runUid, onEvent, signal) {
      const stop = listener.onRun((changed) => {
        if (changed === null || changed === runUid) onEvent()
      })
      await listener.ready(signal)
      return async () => stop()
    },
    listLogs: (runUid, query, signal) => listLogs(database, runUid, query, signal),
    readState: (signal) => readStoreState(database, signal),
    keepSignIn: (signIn, signal) => keepSignIn(database, signIn, signal),
    takeSignInCode: (digest, signal) => takeSignInCode(database, digest, signal),
    findSession: (digest, signal) => findSession(database, digest, signal),
    endSession: (digest, signal) => endSession(database, digest, signal),
    async ping(signal) {
      signal?.throwIfAborted()
      await database.rows('select 1')
    },
    async close() {
      await sweep.stop()
      await listener.close()
      await database.close()
    },
  }
}

/** Repeats a piece of work with a pause between; what fails is tried again with the next. */
function startSweep(work: () => Promise<unknown>, pauseMs: number): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve()
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    running = work()
      // The store is away: claims say so to whoever asks, and the next sweep tries again.
      .catch(() => {})
      .finally(() => {
        busy = false
      })
  }, pauseMs)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
