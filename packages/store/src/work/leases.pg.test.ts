import { expect, test, vi } from 'vitest'
import {
  claimAll,
  claimKind,
  draftedRun,
  draftsOf,
  profileTables,
  resolveScope,
  runOf,
  tableOf,
} from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

const long = 60_000

async function oneDraftUnit(stores: Stores) {
  const request = runOf({})
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [tableOf('a.b', ['c', 'd'])])
  await profileTables(stores.server, request.uid)
  return request.uid
}

/** Lets every lease run out, as if its holder went silent. */
async function expire(stores: Stores): Promise<void> {
  await stores.query(`update amx.units set lease_until = now() - interval '1 second' where state = 'leased'`)
}

const makeReady = (stores: Stores) => stores.query('update amx.units set available_at = now()')

test('a lease that ran out is handed to the next who asks, and the first holder has lost it', async () => {
  const stores = await openStores({ sweepMs: long })
  const uid = await oneDraftUnit(stores)
  const [first] = await claimKind(stores.server, uid, 'draft', 'dead')
  if (first === undefined) throw new Error('nothing to claim')
  expect(await claimAll(stores.server, uid, 'draft', 'next')).toEqual([])
  await expire(stores)
  const [second] = await claimKind(stores.server, uid, 'draft', 'next')
  expect(second).toMatchObject({ id: first.id, attempt: 2 })
  const dead = workerOf(uid, 'draft', 'dead')
  expect(await stores.server.heartbeat(dead, { held: [{ id: first.id, attempt: 1 }] })).toEqual({
    lost: [first.id],
    stop: null,
  })
  const late = { unitId: first.id, attempt: 1, kind: 'draft' as const, tableId: first.tableId, rows: draftsOf(first) }
  await expect(stores.server.recordResult(dead, late)).rejects.toMatchObject({ code: 'AMX-9003' })
})

test('no lease runs out in the time after a start of the store, when its holder could not have renewed it', async () => {
  // The server of the test run was started just now, as far as an hour of grace is concerned.
  const stores = await openStores({ sweepMs: 20, restartGraceMs: 3_600_000 })
  const uid = await oneDraftUnit(stores)
  const [unit] = await claimKind(stores.server, uid, 'draft', 'holder')
  if (unit === undefined) throw new Error('nothing to claim')
  await expire(stores)
  expect(await claimAll(stores.server, uid, 'draft', 'other')).toEqual([])
  const holder = workerOf(uid, 'draft', 'holder')
  expect(await stores.server.heartbeat(holder, { held: [{ id: unit.id, attempt: 1 }] })).toEqual({
    lost: [],
    stop: null,
  })
})

test('in that time the leases count against the limit of their LLMProfile as before', async () => {
  const stores = await openStores({ sweepMs: long, restartGraceMs: 3_600_000 })
  const request = runOf({ batchSize: 1, concurrency: 1 })
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [tableOf('a.b', ['c', 'd'])])
  await profileTables(stores.server, request.uid)
  expect(await claimAll(stores.server, request.uid, 'draft', 'holder')).toHaveLength(1)
  await expire(stores)
  expect(await claimAll(stores.server, request.uid, 'draft', 'other')).toEqual([])
})

test('a result that comes after the lease ran out counts while nobody else took the unit', async () => {
  const stores = await openStores({ sweepMs: 50 })
  const uid = await oneDraftUnit(stores)
  const [unit] = await claimKind(stores.server, uid, 'draft')
  if (unit === undefined) throw new Error('nothing to claim')
  await expire(stores)
  await vi.waitFor(async () => expect((await stores.operator.observeRun(uid))?.units.draft.waiting).toBe(1))
  const head = { unitId: unit.id, attempt: unit.attempt }
  const result = { ...head, kind: 'draft' as const, tableId: unit.tableId, rows: draftsOf(unit) }
  expect(await stores.server.recordResult(workerOf(uid, 'draft'), result)).toEqual({ recorded: true })
  expect(await stores.server.recordResult(workerOf(uid, 'draft'), result)).toEqual({ recorded: false })
  expect((await stores.operator.observeRun(uid))?.summary.columns.drafted).toBe(2)
})

test('a heartbeat renews leases, also one that ran out and was taken by nobody', async () => {
  const stores = await openStores({ sweepMs: long, leaseMs: 30_000 })
  const uid = await oneDraftUnit(stores)
  const [unit] = await claimKind(stores.server, uid, 'draft')
  await expire(stores)
  const beat = { held: [{ id: unit?.id ?? '', attempt: 1 }] }
  expect(await stores.server.heartbeat(workerOf(uid, 'draft'), beat)).toEqual({ lost: [], stop: null })
  expect(await claimAll(stores.server, uid, 'draft', 'next')).toEqual([])
})

test('a heartbeat that crosses its own result on the way loses nothing', async () => {
  const stores = await openStores({ sweepMs: long })
  const uid = await oneDraftUnit(stores)
  const [unit] = await claimKind(stores.server, uid, 'draft')
  if (unit === undefined) throw new Error('nothing to claim')
  const head = { unitId: unit.id, attempt: unit.attempt }
  const result = { ...head, kind: 'draft' as const, tableId: unit.tableId, rows: draftsOf(unit) }
  await stores.server.recordResult(workerOf(uid, 'draft'), result)
  const beat = { held: [{ id: unit.id, attempt: unit.attempt }] }
  expect((await stores.server.heartbeat(workerOf(uid, 'draft'), beat)).lost).toEqual([])
})

test('a unit that failed waits longer each time and fails for good with its fourth attempt', async () => {
  const stores = await openStores({ sweepMs: long })
  const uid = await oneDraftUnit(stores)
  const error = { code: 'AMX-3005', message: 'no answer', remedy: 'wait' } as const
  const pauses: number[] = []
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const [unit] = await claimKind(stores.server, uid, 'draft')
    if (unit === undefined) throw new Error(`attempt ${attempt}: nothing to claim`)
    expect(unit.attempt).toBe(attempt)
    const failed = { unitId: unit.id, attempt, kind: 'failed' as const, error, retry: true }
    expect(await stores.server.recordResult(workerOf(uid, 'draft'), failed)).toEqual({ recorded: true })
    expect(await stores.server.recordResult(workerOf(uid, 'draft'), failed)).toEqual({ recorded: false })
    const [row] = await stores.query<{ pause: number }>(
      `select round(extract(epoch from available_at - clock_timestamp()))::integer as pause from amx.units where id = ${unit.id}`,
    )
    pauses.push(row?.pause ?? -1)
    if (attempt < 4) expect(await claimAll(stores.server, uid, 'draft')).toEqual([])
    await makeReady(stores)
  }
  expect(pauses.slice(0, 3)).toEqual([1, 2, 4])
  expect(await stores.operator.observeRun(uid)).toMatchObject({
    fatalError: error,
    units: { draft: { waiting: 0, leased: 0, failed: 1 } },
    summary: { columns: { failed: 2 }, tables: { settled: 1 } },
  })
})

test('a claim waits just as long as a failed unit pauses', async () => {
  const stores = await openStores({ sweepMs: long })
  const uid = await oneDraftUnit(stores)
  const [unit] = await claimKind(stores.server, uid, 'draft')
  const error = { code: 'AMX-3005', message: 'no answer', remedy: 'wait' } as const
  const failed = { unitId: unit?.id ?? '', attempt: 1, kind: 'failed' as const, error, retry: true }
  await stores.server.recordResult(workerOf(uid, 'draft'), failed)
  const { units } = await stores.server.claim(workerOf(uid, 'draft'), { capacity: 1, waitMs: 20_000 })
  expect(units).toMatchObject([{ id: unit?.id, attempt: 2 }])
})

test('the fault of one table fails its assets and the run goes on', async () => {
  const stores = await openStores({ sweepMs: long })
  const request = runOf({})
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [tableOf('a.b', ['c']), tableOf('a.d', ['e'])])
  const [unit] = await claimKind(stores.server, request.uid, 'profile')
  const error = { code: 'AMX-2003', message: 'a.b: permission denied', remedy: 'grant it' } as const
  await stores.server.recordResult(workerOf(request.uid, 'profile'), {
    unitId: unit?.id ?? '',
    attempt: 1,
    kind: 'failed',
    error,
    retry: false,
  })
  expect(await stores.operator.observeRun(request.uid)).toMatchObject({
    fatalError: null,
    lastError: error,
    summary: { columns: { failed: 1 }, tables: { total: 2, settled: 1 } },
  })
  expect((await stores.server.claim(workerOf(request.uid, 'profile'), { capacity: 1, waitMs: 0 })).stop).toBeNull()
})

test('a worker that goes silent with the same unit again and again ends the unit', async () => {
  const stores = await openStores({ sweepMs: 50 })
  const uid = await oneDraftUnit(stores)
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const { units } = await stores.server.claim(workerOf(uid, 'draft'), { capacity: 1, waitMs: 5_000 })
    expect(units).toMatchObject([{ attempt }])
    await expire(stores)
  }
  await vi.waitFor(async () => expect((await stores.operator.observeRun(uid))?.units.draft.failed).toBe(1))
  expect((await stores.operator.observeRun(uid))?.fatalError?.code).toBe('AMX-4004')
})

test('units handed back untouched do not use up attempts', async () => {
  const stores = await openStores({ sweepMs: long })
  const uid = await oneDraftUnit(stores)
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const [unit] = await claimKind(stores.server, uid, 'draft')
    expect(unit?.attempt).toBe(attempt)
    await stores.server.recordResult(workerOf(uid, 'draft'), { unitId: unit?.id ?? '', attempt, kind: 'released' })
  }
})

test('the leases of a worker that is known to be dead come back at once', async () => {
  const stores = await openStores({ sweepMs: long })
  const uid = await oneDraftUnit(stores)
  await claimKind(stores.server, uid, 'draft', 'dead')
  const waiting = stores.server.claim(workerOf(uid, 'draft', 'next'), { capacity: 1, waitMs: 20_000 })
  expect(await stores.operator.releaseUnits(uid, 'draft', 'somebody-else')).toBe(0)
  expect(await stores.operator.releaseUnits(uid, 'draft', 'dead')).toBe(1)
  expect((await waiting).units).toMatchObject([{ attempt: 2 }])
})

test('pages of a scope count once, belong to one attempt, and must all be there', async () => {
  const stores = await openStores({ sweepMs: long })
  const request = runOf({})
  await stores.operator.beginRun(request)
  const worker = workerOf(request.uid, 'profile')
  const [first] = await claimKind(stores.server, request.uid, 'scope')
  const head = { unitId: first?.id ?? '', attempt: 1 }
  const page = { ...head, page: 0, tables: [tableOf('a.gone', ['x'])] }
  expect(await stores.server.recordCatalogPage(worker, page)).toEqual({ recorded: true })
  expect(await stores.server.recordCatalogPage(worker, page)).toEqual({ recorded: false })
  const scope = { kind: 'scope' as const, pages: 2, serverVersion: '18', statements: 1 }
  await expect(stores.server.recordResult(worker, { ...head, ...scope })).rejects.toMatchObject({ code: 'AMX-1014' })
  await expire(stores)
  const [second] = await claimKind(stores.server, request.uid, 'scope')
  const again = { unitId: second?.id ?? '', attempt: 2 }
  await expect(stores.server.recordCatalogPage(worker, page)).rejects.toMatchObject({ code: 'AMX-9003' })
  await stores.server.recordCatalogPage(worker, { ...again, page: 0, tables: [tableOf('a.b', ['c'])] })
  await stores.server.recordCatalogPage(worker, { ...again, page: 1, tables: [tableOf('a.c', ['d', 'e'])] })
  expect(await stores.server.recordResult(worker, { ...again, ...scope })).toEqual({ recorded: true })
  expect(await stores.server.recordResult(worker, { ...again, ...scope })).toEqual({ recorded: false })
  const observed = await stores.operator.observeRun(request.uid)
  expect(observed?.summary.tables.total).toBe(2)
  expect(observed?.plannedAssets).toBe(5)
})

test('a scope that names what does not exist stops the run with its names', async () => {
  const stores = await openStores({ sweepMs: long })
  const request = runOf({})
  await stores.operator.beginRun(request)
  const [unit] = await claimKind(stores.server, request.uid, 'scope')
  const message = 'sales.custmer and sales.ordrs do not exist; did you mean sales.customer?'
  const error = { code: 'AMX-1006', message, remedy: 'Correct the asset path.' }
  await stores.server.recordResult(workerOf(request.uid, 'profile'), {
    unitId: unit?.id ?? '',
    attempt: 1,
    kind: 'failed',
    error,
    retry: false,
  })
  expect(await stores.operator.observeRun(request.uid)).toMatchObject({
    scopeResolved: false,
    fatalError: error,
    unknownAssets: ['sales.custmer', 'sales.ordrs'],
  })
})

test('an archived run keeps its rows, drops what nobody began and stops its workers', async () => {
  const stores = await openStores({ sweepMs: long })
  const { uid, name } = await draftedRun(stores, [tableOf('a.b', ['c'])])
  await stores.query(
    `insert into amx.units (run_uid, stage, kind, target_index, ordinal) values ('${uid}', 'draft', 'draft', 0, 1)`,
  )
  await stores.operator.archiveRun(uid)
  expect((await stores.server.claim(workerOf(uid, 'draft'), { capacity: 1, waitMs: 0 })).stop).toBe('Cancel')
  expect(await stores.query(`select id from amx.units where state = 'waiting'`)).toEqual([])
  expect((await stores.server.findRun('team', name))?.columns.drafted).toBe(1)
})
