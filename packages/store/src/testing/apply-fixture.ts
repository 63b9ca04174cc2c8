import type { ApplyOutcome, ApplyUnit } from '@amx/api'
import type { BeginRunRequest, RecordDecisionRequest } from '../contract.ts'
import { claimKind, type DraftedRun, draftedRun, runOf, type SettingsOptions, tableOf } from './run-fixture.ts'
import { type Stores, workerOf } from './store-fixture.ts'

/** Two tables of two columns each, in two schemas. */
const twoTables = [tableOf('s.orders', ['id', 'note']), tableOf('t.people', ['id', 'email'])]

/** A run of policy Never whose drafts are settled and undecided. */
export function undecided(
  stores: Stores,
  options: SettingsOptions & Partial<BeginRunRequest> = {},
): Promise<DraftedRun> {
  return draftedRun(stores, twoTables, { apply: { policy: 'Never' }, ...options })
}

let decisions = 0

export async function decide(
  stores: Stores,
  run: DraftedRun,
  rest: Partial<RecordDecisionRequest> = { filter: { verdict: 'Accept' } },
): Promise<void> {
  decisions += 1
  const result = await stores.operator.recordDecision({
    uid: `decision-${decisions}-${run.uid}`,
    name: `decision-${decisions}`,
    runUid: run.uid,
    draftDigest: run.digest,
    reviewer: 'ada',
    comment: '',
    ...rest,
  })
  if (result.kind === 'Refused') throw new Error(result.error.message)
}

/** Begins a run that only writes. */
export async function beginWriting(stores: Stores, options: Partial<BeginRunRequest> & SettingsOptions) {
  const request = runOf({ apply: { policy: 'Never' }, ...options })
  const begun = await stores.operator.beginRun(request)
  return { ...request, begun }
}

/** Plans and carries out what a run is to write; the outcome of each row as told, and the paths in the order of writing. */
export async function carryOutWrites(
  stores: Stores,
  uid: string,
  outcomeOf: (path: string) => ApplyOutcome = () => 'Applied',
): Promise<string[]> {
  await stores.operator.planApply(uid)
  const units = await claimKind(stores.server, uid, 'apply')
  for (const unit of units) await post(stores, uid, unit, outcomeOf)
  return units.flatMap(({ rows }) => rows.map(({ path }) => path))
}

/** Reports a unit as written; the old texts are what was expected. */
export async function post(
  stores: Stores,
  uid: string,
  unit: ApplyUnit,
  outcomeOf: (path: string) => ApplyOutcome = () => 'Applied',
): Promise<void> {
  await stores.server.recordResult(workerOf(uid, 'apply'), {
    unitId: unit.id,
    attempt: unit.attempt,
    kind: 'apply',
    statements: 1,
    durationMs: 1,
    rows: unit.rows.map(({ rowId, path, expected }) => ({
      rowId,
      outcome: outcomeOf(path),
      oldText: expected,
      statement: `COMMENT ON … ${path}`,
      error: null,
    })),
  })
}
