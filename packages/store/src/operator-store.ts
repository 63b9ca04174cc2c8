import { readCatalogChanges } from './catalog/catalog-changes.ts'
import { createChangeListener } from './change-listener.ts'
import {
  beginContextIndex,
  deleteContextSource,
  failContextIndex,
  observeContextSource,
} from './context/manage-index.ts'
import type { OperatorStore } from './contract.ts'
import { type OpenStoreOptions, openDatabase } from './database.ts'
import { beginProfileTest, deleteProfileTests, failProfileTest, observeProfileTests } from './profiles/manage-tests.ts'
import { acceptByPolicy } from './review/accept-by-policy.ts'
import { recordDecision } from './review/record-decision.ts'
import { settleDrafts } from './review/settle-drafts.ts'
import { beginRun } from './runs/begin-run.ts'
import { findSource } from './runs/find-source.ts'
import { observeRun } from './runs/observe-run.ts'
import { leaveOutUndrafted, setBudget } from './runs/run-budget.ts'
import { archiveRun, explainRun, forgetRefresh, readSettings, setDesiredState, setPhase } from './runs/run-state.ts'
import { releaseUnits } from './work/expire-leases.ts'
import { planApply } from './work/plan-apply.ts'

/**
 * Opens the operator's half of the store. It connects when first used and again whenever the store was away; until the server
 * has migrated the schema every call throws AMX-9002.
 */
export function openOperatorStore(options: OpenStoreOptions): OperatorStore {
  const database = openDatabase({ applicationName: 'amx-operator', ...options })
  const listener = createChangeListener({ applicationName: 'amx-operator', ...options })

  /** After a gap in what was heard, every run that is not finished may have changed. */
  async function callForAll(onChange: (runUid: string) => void): Promise<void> {
    const runs = await database.rows<{ uid: string }>(
      'select uid from amx.runs where not finished and archived_at is null',
    )
    for (const { uid } of runs) onChange(uid)
  }

  return {
    beginRun: (request, signal) => beginRun(database, request, signal),
    findSource: (namespace, name, uid, signal) => findSource(database, namespace, name, uid, signal),
    readSettings: async (uid, signal) => (await readSettings(database, uid, signal))?.settings ?? null,
    observeRun: (uid, signal) => observeRun(database, uid, signal),
    setDesiredState: (uid, state, signal) => setDesiredState(database, uid, state, signal),
    setPhase: (uid, phase, finished, signal) => setPhase(database, uid, phase, finished, signal),
    explainRun: (uid, explanation, signal) => explainRun(database, uid, explanation, signal),
    setBudget: (uid, budget, signal) => setBudget(database, uid, budget, signal),
    leaveOutUndrafted: (uid, reason, signal) => leaveOutUndrafted(database, uid, reason, signal),
    settleDrafts: (uid, signal) => settleDrafts(database, uid, signal),
    acceptByPolicy: (uid, signal) => acceptByPolicy(database, uid, signal),
    recordDecision: (request, signal) => recordDecision(database, request, signal),
    planApply: (uid, signal) => planApply(database, uid, signal),
    releaseUnits: (uid, stage, holder, signal) => releaseUnits(database, uid, stage, holder, signal),
    archiveRun: (uid, signal) => archiveRun(database, uid, signal),
    forgetRefresh: (uid, signal) => forgetRefresh(database, uid, signal),
    readCatalogChanges: (uid, after, signal) => readCatalogChanges(database, uid, after, signal),
    observeContextSource: (uid, signal) => observeContextSource(database, uid, signal),
    beginContextIndex: (request, signal) => beginContextIndex(database, request, signal),
    failContextIndex: (uid, number, error, signal) => failContextIndex(database, uid, number, error, signal),
    deleteContextSource: (uid, signal) => deleteContextSource(database, uid, signal),
    observeProfileTests: (uid, signal) => observeProfileTests(database, uid, signal),
    beginProfileTest: (request, signal) => beginProfileTest(database, request, signal),
    failProfileTest: (tested, error, signal) => failProfileTest(database, tested, error, signal),
    deleteProfileTests: (profile, signal) => deleteProfileTests(database, profile, signal),
    async listenRuns(onChange, signal) {
      const stop = listener.onRun((runUid) => {
        if (runUid !== null) return onChange(runUid)
        callForAll(onChange).catch((error: unknown) =>
          options.logger?.warn({ err: error }, 'the runs that may have changed could not be read'),
        )
      })
      signal?.addEventListener('abort', stop, { once: true })
      await listener.ready(signal)
      return async () => {
        signal?.removeEventListener('abort', stop)
        stop()
      }
    },
    async ping(signal) {
      signal?.throwIfAborted()
      await database.rows('select 1')
    },
    async close() {
      await listener.close()
      await database.close()
    },
  }
}
