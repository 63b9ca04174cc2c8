import type { ApplyOutcome, ApplyUnit } from '@amx/api'
import { expect, test } from 'vitest'
import { claimKind, draftedRun, runOf, type SettingsOptions, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

const columns = (count: number) => Array.from({ length: count }, (_, index) => `c${String(index).padStart(4, '0')}`)

/** A run whose whole draft was accepted. */
async function acceptedRun(stores: Stores, options: SettingsOptions & { tables?: number; columns?: number } = {}) {
  const tables = Array.from({ length: options.tables ?? 1 }, (_, index) =>
    tableOf(`a.t${index}`, columns(options.columns ?? 2)),
  )
  const run = await draftedRun(stores, tables, { batchSize: 200, ...options })
  await stores.operator.recordDecision({
    uid: `all-${run.uid}`,
    name: 'all',
    runUid: run.uid,
    draftDigest: run.digest,
    reviewer: 'ada',
    comment: '',
    filter: { verdict: 'Accept' },
  })
  return run
}

function post(stores: Stores, runUid: string, unit: ApplyUnit, outcome: ApplyOutcome) {
  return stores.server.recordResult(workerOf(runUid, 'apply'), {
    unitId: unit.id,
    attempt: unit.attempt,
    kind: 'apply',
    statements: 1,
    durationMs: 1,
    rows: unit.rows.map(({ rowId }) => ({ rowId, outcome, oldText: 'old', statement: 'comment …', error: null })),
  })
}

async function onlyUnit(stores: Stores, runUid: string): Promise<ApplyUnit> {
  const [unit] = await claimKind(stores.server, runUid, 'apply')
  if (unit === undefined) throw new Error('nothing to apply')
  return unit
}

const queued = async (stores: Stores) => (await stores.server.listQueue({ namespace: 'team', limit: 500 })).rows

test('claiming records the intent of every row before anything is written', async () => {
  const stores = await openStores()
  const run = await acceptedRun(stores)
  await stores.operator.planApply(run.uid)
  const unit = await onlyUnit(stores, run.uid)
  expect(unit.rows.map(({ intended }) => intended)).toEqual([false, false, false])
  expect(await stores.query('select outcome from amx.applied_changes')).toEqual([
    { outcome: null },
    { outcome: null },
    { outcome: null },
  ])
  expect((await queued(stores)).map(({ state }) => state)).toEqual(['Applying', 'Applying', 'Applying'])
  expect((await stores.server.listChanges(run.uid, { limit: 10 })).rows).toEqual([])
})

test('after a crash the next attempt knows that its rows may be written already, and the audit has each once', async () => {
  const stores = await openStores({ sweepMs: 60_000 })
  const run = await acceptedRun(stores)
  await stores.operator.planApply(run.uid)
  const crashed = await onlyUnit(stores, run.uid)
  await stores.query(`update amx.units set lease_until = now() - interval '1 s' where state = 'leased'`)
  const unit = await onlyUnit(stores, run.uid)
  expect(unit.attempt).toBe(2)
  expect(unit.rows.every(({ intended }) => intended)).toBe(true)
  await expect(post(stores, run.uid, crashed, 'Applied')).rejects.toMatchObject({ code: 'AMX-9003' })
  expect(await post(stores, run.uid, unit, 'AlreadyThere')).toEqual({ recorded: true })
  expect(await post(stores, run.uid, unit, 'Failed')).toEqual({ recorded: false })
  const { rows } = await stores.server.listChanges(run.uid, { limit: 10 })
  expect(rows.map(({ outcome }) => outcome)).toEqual(['AlreadyThere', 'AlreadyThere', 'AlreadyThere'])
  expect(await queued(stores)).toEqual([])
})

test('tables that come in one message are each recorded once, beside one that somebody else holds now', async () => {
  const stores = await openStores({ sweepMs: 60_000 })
  const run = await acceptedRun(stores, { tables: 4 })
  await stores.operator.planApply(run.uid)
  const units = await claimKind(stores.server, run.uid, 'apply')
  const [first, second, third, taken] = units
  if (first === undefined || second === undefined || third === undefined || taken === undefined)
    throw new Error('no units')
  await stores.query(`update amx.units set lease_until = now() - interval '1 s' where id = ${taken.id}`)
  const [again] = await claimKind(stores.server, run.uid, 'apply')
  expect(again).toMatchObject({ id: taken.id, attempt: 2 })

  const resultOf = (unit: ApplyUnit, outcomes: readonly ApplyOutcome[]) => ({
    unitId: unit.id,
    attempt: unit.attempt,
    statements: 1,
    durationMs: 1,
    rows: outcomes.map((outcome, index) => {
      return { rowId: unit.rows[index]?.rowId ?? '', outcome, oldText: null, statement: null, error: null }
    }),
  })
  const whole = ['Applied', 'Applied', 'Applied'] as const
  const worker = workerOf(run.uid, 'apply')
  const told = await stores.server.recordApplyResults(worker, [
    resultOf(taken, whole),
    resultOf(third, ['Applied']),
    resultOf(second, ['Applied', 'Failed', 'Applied']),
    resultOf(first, whole),
  ])
  expect(told).toEqual({ lost: [taken.id] })
  expect(await stores.server.recordApplyResults(worker, [resultOf(first, whole)])).toEqual({ lost: [] })
  const foreign = stores.server.recordApplyResults(worker, [{ ...resultOf(first, whole), unitId: '999' }])
  await expect(foreign).rejects.toMatchObject({ code: 'AMX-1013' })

  const outcomes = await stores.query(
    `select unit_id::text, count(*)::integer as rows, count(*) filter (where outcome = 'Applied')::integer as applied,
       count(*) filter (where error ->> 'code' = 'AMX-9001')::integer as silent
     from amx.applied_changes group by unit_id order by unit_id`,
  )
  expect(outcomes).toEqual([
    { unit_id: first.id, rows: 3, applied: 3, silent: 0 },
    { unit_id: second.id, rows: 3, applied: 2, silent: 0 },
    { unit_id: third.id, rows: 3, applied: 1, silent: 2 },
    { unit_id: taken.id, rows: 3, applied: 0, silent: 0 },
  ])
  const events = await stores.query(`select data ->> 'unit' as unit, data -> 'outcomes' as outcomes from amx.events
    where type = 'TableApplied' order by id`)
  expect(events).toEqual([
    { unit: first.id, outcomes: { Applied: 3 } },
    { unit: second.id, outcomes: { Applied: 2, Failed: 1 } },
    { unit: third.id, outcomes: { Applied: 1 } },
  ])
  await post(stores, run.uid, again ?? taken, 'Applied')
  expect((await queued(stores)).map(({ state }) => state)).toEqual(['Failed', 'Failed', 'Failed'])
  expect((await stores.operator.observeRun(run.uid))?.units.apply).toMatchObject({ waiting: 0, leased: 0 })
})

/** The worker that holds units is gone. */
const dies = (stores: Stores, runUid: string) =>
  stores.operator.releaseUnits(runUid, 'apply', workerOf(runUid, 'apply').holder)

test('a claim takes tables until it has rows enough, and one table however many rows it has', async () => {
  const stores = await openStores({ sweepMs: 60_000 })
  const run = await acceptedRun(stores, { tables: 5 })
  await stores.operator.planApply(run.uid)
  expect(await stores.query(`select rows from amx.units where run_uid = $1 and stage = 'apply'`, [run.uid])).toEqual(
    Array(5).fill({ rows: 3 }),
  )
  const claimed = async () => {
    const { units } = await stores.server.claim(workerOf(run.uid, 'apply'), { capacity: 10, waitMs: 0 })
    return (units as ApplyUnit[]).map(({ tablePath }) => tablePath)
  }
  await stores.query(
    `update amx.units set rows = case table_path when 'a.t0' then 9000 else 2000 end where run_uid = $1`,
    [run.uid],
  )
  expect(await claimed()).toEqual(['a.t0'])
  expect(await claimed()).toEqual(['a.t1', 'a.t2'])
  expect(await claimed()).toEqual(['a.t3', 'a.t4'])
})

test('a table whose worker died twice comes last and alone, so that it takes no other with it', async () => {
  const stores = await openStores({ sweepMs: 60_000 })
  const run = await acceptedRun(stores, { tables: 4 })
  await stores.operator.planApply(run.uid)
  const claimed = async (capacity: number) => {
    const { units } = await stores.server.claim(workerOf(run.uid, 'apply'), { capacity, waitMs: 0 })
    return units as ApplyUnit[]
  }
  const paths = (units: readonly ApplyUnit[]) => units.map(({ tablePath }) => tablePath)
  for (let death = 1; death <= 2; death += 1) {
    expect(paths(await claimed(2))).toEqual(['a.t0', 'a.t1'])
    expect(await dies(stores, run.uid)).toBe(2)
  }
  const others = await claimed(4)
  expect(paths(others)).toEqual(['a.t2', 'a.t3'])
  expect(await claimed(4)).toEqual([])
  for (const unit of others) await post(stores, run.uid, unit, 'Applied')
  expect(paths(await claimed(4))).toEqual(['a.t0'])
  expect(await claimed(4)).toEqual([])
  expect(await dies(stores, run.uid)).toBe(1)
  const next = await claimed(4)
  expect(paths(next)).toEqual(['a.t1'])
  for (const unit of next) await post(stores, run.uid, unit, 'Applied')
  expect(paths(await claimed(4))).toEqual(['a.t0'])
})

test('what a worker may have written before it died for the fourth time is unknown, and the next apply looks first', async () => {
  const stores = await openStores({ sweepMs: 60_000 })
  const run = await acceptedRun(stores)
  await stores.operator.planApply(run.uid)
  for (let death = 1; death <= 4; death += 1) {
    await onlyUnit(stores, run.uid)
    await dies(stores, run.uid)
  }
  expect((await queued(stores)).map(({ state, error }) => [state, error?.slice(0, 64)])).toEqual(
    Array(3).fill(['Failed', 'AMX-2040 it is not known whether the comment was written: stage ']),
  )
  expect((await stores.operator.observeRun(run.uid))?.summary.apply).toMatchObject({ applied: 0, failed: 3 })
  const audit = () => stores.server.listChanges(run.uid, { limit: 10 })
  expect((await audit()).rows.map(({ outcome, problem }) => [outcome, problem?.code])).toEqual(
    Array(3).fill(['Unknown', 'AMX-2040']),
  )

  const apply = runOf({ type: 'Apply', sourceRunUid: run.uid })
  await stores.operator.beginRun(apply)
  expect(await stores.operator.planApply(apply.uid)).toEqual({ rows: 3, units: 1 })
  const unit = await onlyUnit(stores, apply.uid)
  expect(unit.rows.map(({ intended }) => intended)).toEqual([true, true, true])
  await post(stores, apply.uid, unit, 'Applied')
  expect(await queued(stores)).toEqual([])

  // Somebody looked: what is found there another time was not written by us.
  await stores.query(`insert into amx.queue (namespace, database_key, path, table_path, kind, asset_id, run_uid, text, decided_by, decided_at)
    select namespace, database_key, path, table_path, kind, id, run_uid, 'again', 'ada', now()
    from amx.assets join amx.runs on uid = run_uid where path = 'a.t0'`)
  const once = runOf({ type: 'Apply', sourceRunUid: run.uid, name: 'once-more' })
  await stores.operator.beginRun(once)
  await stores.operator.planApply(once.uid)
  expect((await onlyUnit(stores, once.uid)).rows.map(({ intended }) => intended)).toEqual([false])
})

test('a row whose worker died in a run that was cancelled can be decided and written again', async () => {
  const stores = await openStores({ sweepMs: 60_000 })
  const run = await acceptedRun(stores)
  await stores.operator.planApply(run.uid)
  await onlyUnit(stores, run.uid)
  await stores.operator.setDesiredState(run.uid, 'Cancel')
  const apply = runOf({ type: 'Apply', sourceRunUid: run.uid })
  await stores.operator.beginRun(apply)
  // Its worker may still be at it.
  expect(await stores.operator.planApply(apply.uid)).toEqual({ rows: 0, units: 0 })
  expect(await dies(stores, run.uid)).toBe(1)
  expect(await stores.operator.planApply(apply.uid)).toEqual({ rows: 3, units: 1 })
  const unit = await onlyUnit(stores, apply.uid)
  expect(unit.rows.map(({ intended }) => intended)).toEqual([true, true, true])
})

test('a row that could not be written keeps what to do about it and the words of the database', async () => {
  const stores = await openStores()
  const run = await acceptedRun(stores)
  await stores.operator.planApply(run.uid)
  const unit = await onlyUnit(stores, run.uid)
  const problem = {
    code: 'AMX-2008',
    message: 'a.t0: must be owner of table t0',
    remedy: 'Let the owner grant it.',
    driverMessage: 'must be owner of table t0 (SQLSTATE 42501)',
  }
  await stores.server.recordResult(workerOf(run.uid, 'apply'), {
    unitId: unit.id,
    attempt: unit.attempt,
    kind: 'apply',
    statements: 1,
    durationMs: 1,
    rows: unit.rows.map(({ rowId }, index) => ({
      rowId,
      outcome: index === 0 ? 'Failed' : 'Applied',
      oldText: null,
      statement: null,
      error: index === 0 ? problem : null,
    })),
  })
  expect(await queued(stores)).toMatchObject([{ path: 'a.t0', state: 'Failed', problem }])
  const { rows } = await stores.server.listChanges(run.uid, { limit: 10 })
  expect(rows.map((row) => row.problem)).toEqual([problem, null, null])
  await stores.query(`update amx.queue set state = 'Queued', error = null`)
  expect(await queued(stores)).toMatchObject([{ problem: null }])
})

test('what failed stays queued with its reason, is not retried by the same run, and another run can take it', async () => {
  const stores = await openStores()
  const run = await acceptedRun(stores)
  await stores.operator.planApply(run.uid)
  await post(stores, run.uid, await onlyUnit(stores, run.uid), 'Failed')
  expect((await queued(stores)).map(({ state }) => state)).toEqual(['Failed', 'Failed', 'Failed'])
  expect(await stores.operator.planApply(run.uid)).toEqual({ rows: 0, units: 0 })

  const apply = runOf({ type: 'Apply', sourceRunUid: run.uid, name: 'apply-again' })
  await stores.operator.beginRun(apply)
  expect(await stores.operator.observeRun(apply.uid)).toMatchObject({
    scopeResolved: true,
    drafted: true,
    plannedAssets: 0,
  })
  expect(await stores.operator.planApply(apply.uid)).toEqual({ rows: 3, units: 1 })
  await post(stores, apply.uid, await onlyUnit(stores, apply.uid), 'Applied')
  expect((await stores.operator.observeRun(apply.uid))?.summary.apply.applied).toBe(3)
  expect((await stores.operator.observeRun(run.uid))?.summary).toMatchObject({
    apply: { applied: 0, failed: 3 },
    review: { queued: 0 },
  })
  expect((await stores.server.listResults(run.uid, { limit: 1 })).rows[0]?.applyOutcome).toBe('Applied')
})

test('a row that failed and is decided again is written by the same run, as another entry of the audit', async () => {
  const stores = await openStores()
  const run = await acceptedRun(stores)
  await stores.operator.planApply(run.uid)
  await post(stores, run.uid, await onlyUnit(stores, run.uid), 'Failed')
  await stores.operator.recordDecision({
    uid: 'again',
    name: 'again',
    runUid: run.uid,
    draftDigest: run.digest,
    reviewer: 'grace',
    comment: '',
    items: [{ asset: 'a.t0.c0000', verdict: 'Accept', text: 'Better words' }],
  })
  expect(await stores.operator.planApply(run.uid)).toEqual({ rows: 1, units: 1 })
  const unit = await onlyUnit(stores, run.uid)
  expect(unit.rows).toMatchObject([{ path: 'a.t0.c0000', text: 'Better words', intended: false }])
  await post(stores, run.uid, unit, 'Applied')
  const { rows } = await stores.server.listChanges(run.uid, { limit: 10 })
  expect(rows.map(({ path, outcome, decidedBy }) => [path, outcome, decidedBy])).toEqual([
    ['a.t0', 'Failed', 'ada'],
    ['a.t0.c0000', 'Failed', 'ada'],
    ['a.t0.c0001', 'Failed', 'ada'],
    ['a.t0.c0000', 'Applied', 'grace'],
  ])
  expect((await queued(stores)).map(({ path }) => path).sort()).toEqual(['a.t0', 'a.t0.c0001'])
})

test('two runs never plan the same row at the same time', async () => {
  const stores = await openStores()
  const run = await acceptedRun(stores)
  await stores.operator.planApply(run.uid)
  const apply = runOf({ type: 'Apply', sourceRunUid: run.uid })
  await stores.operator.beginRun(apply)
  expect(await stores.operator.planApply(apply.uid)).toEqual({ rows: 0, units: 0 })
  await stores.operator.setDesiredState(run.uid, 'Cancel')
  expect(await stores.operator.planApply(apply.uid)).toEqual({ rows: 3, units: 1 })
})

test('a row that is being written cannot be decided, one that is only planned can', async () => {
  const stores = await openStores()
  const run = await acceptedRun(stores)
  await stores.operator.planApply(run.uid)
  const reject = (uid: string, asset: string) =>
    stores.operator.recordDecision({
      uid,
      name: uid,
      runUid: run.uid,
      draftDigest: run.digest,
      reviewer: 'ada',
      comment: '',
      items: [{ asset, verdict: 'Reject' }],
    })
  expect(await reject('first', 'a.t0.c0000')).toMatchObject({ kind: 'Recorded' })
  const unit = await onlyUnit(stores, run.uid)
  expect(unit.rows.map(({ path }) => path)).toEqual(['a.t0', 'a.t0.c0001'])
  expect(await reject('second', 'a.t0.c0001')).toMatchObject({ kind: 'Refused', reason: 'NotReviewable' })
  await post(stores, run.uid, unit, 'Applied')
  expect(await reject('third', 'a.t0.c0001')).toMatchObject({ kind: 'Refused', reason: 'NotReviewable' })
})

test('a unit whose rows all left the queue is done without being handed out', async () => {
  const stores = await openStores()
  const run = await acceptedRun(stores)
  await stores.operator.planApply(run.uid)
  await stores.query('delete from amx.queue')
  const claim = await stores.server.claim(workerOf(run.uid, 'apply'), { capacity: 4, waitMs: 0 })
  expect(claim).toEqual({ units: [], done: true, stop: null })
})

test('a dry run reports every row and changes neither queue nor drafts', async () => {
  const stores = await openStores()
  const run = await acceptedRun(stores, { apply: { dryRun: true } })
  await stores.operator.planApply(run.uid)
  await post(stores, run.uid, await onlyUnit(stores, run.uid), 'Applied')
  expect((await queued(stores)).map(({ state }) => state)).toEqual(['Queued', 'Queued', 'Queued'])
  expect((await stores.server.listResults(run.uid, { limit: 1 })).rows[0]?.applyOutcome).toBeNull()
  expect(await stores.operator.planApply(run.uid)).toEqual({ rows: 0, units: 0 })
  const apply = runOf({ type: 'Apply', sourceRunUid: run.uid })
  await stores.operator.beginRun(apply)
  expect(await stores.operator.planApply(apply.uid)).toEqual({ rows: 3, units: 1 })
})

test('an apply unit whose attempts are used up leaves its rows queued and the run can end', async () => {
  const stores = await openStores()
  const run = await acceptedRun(stores)
  await stores.operator.planApply(run.uid)
  const unit = await onlyUnit(stores, run.uid)
  await stores.server.recordResult(workerOf(run.uid, 'apply'), {
    unitId: unit.id,
    attempt: unit.attempt,
    kind: 'failed',
    retry: false,
    error: { code: 'AMX-2005', message: 'a.t0: locked', remedy: 'wait' },
  })
  expect((await queued(stores)).map(({ state, error }) => [state, error])[0]).toEqual([
    'Failed',
    'AMX-2005 a.t0: locked',
  ])
  expect(await stores.operator.observeRun(run.uid)).toMatchObject({
    fatalError: null,
    summary: { apply: { failed: 3, applied: 0 } },
    units: { apply: { waiting: 0, leased: 0, failed: 1 } },
  })
})

test('a wide table is split at 2,000 rows, and a row the worker forgot is failed', async () => {
  const stores = await openStores()
  const run = await acceptedRun(stores, { columns: 2_100 })
  expect(await stores.operator.planApply(run.uid)).toEqual({ rows: 2_101, units: 2 })
  const units = await claimKind(stores.server, run.uid, 'apply')
  expect(units.map(({ rows }) => rows.length)).toEqual([2_000, 101])
  const [wide] = units
  if (wide === undefined) return
  await post(stores, run.uid, { ...wide, rows: wide.rows.slice(1) }, 'Applied')
  expect((await stores.operator.observeRun(run.uid))?.summary.apply).toMatchObject({ applied: 1_999, failed: 1 })
})
