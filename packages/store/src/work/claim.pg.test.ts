import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  claimAll,
  claimKind,
  draftBatches,
  draftOf,
  draftsOf,
  profileTables,
  resolveScope,
  runOf,
  type SettingsOptions,
  tableOf,
} from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

const columns = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`)

/** A run whose tables are profiled and whose draft units wait. */
async function readyToDraft(stores: Stores, options: SettingsOptions & { columns: number; name?: string }) {
  const request = runOf(options)
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [
    tableOf('public.wide', columns(options.columns), { planned: { table: false, columns: columns(options.columns) } }),
  ])
  await profileTables(stores.server, request.uid)
  return request.uid
}

test('units claimed by many at once are handed out once each', async () => {
  const stores = await openStores()
  const uid = await readyToDraft(stores, { columns: 200, batchSize: 1, concurrency: 256 })
  const claims = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      stores.server.claim(workerOf(uid, 'draft', `pod-${index}`), { capacity: 13, waitMs: 0 }),
    ),
  )
  const ids = claims.flatMap(({ units }) => units.map(({ id }) => id))
  expect(ids.length).toBe(200)
  expect(new Set(ids).size).toBe(200)
})

test('claims come in the order of tables, a batch after the other', async () => {
  const stores = await openStores()
  const request = runOf({ batchSize: 2 })
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [tableOf('b.z', ['x', 'y', 'z']), tableOf('a.a', ['k'])])
  const profiles = await claimKind(stores.server, request.uid, 'profile')
  expect(profiles.map(({ catalog }) => catalog.path)).toEqual(['b.z', 'a.a'])
  for (const { id, attempt } of profiles) {
    const released = { unitId: id, attempt, kind: 'released' as const }
    await stores.server.recordResult(workerOf(request.uid, 'profile'), released)
  }
  await profileTables(stores.server, request.uid)
  const drafts = await claimKind(stores.server, request.uid, 'draft')
  expect(drafts.map((unit) => [unit.tablePath, unit.columns, unit.includeTable, unit.batch, unit.batches])).toEqual([
    ['b.z', ['x', 'y'], true, 1, 2],
    ['b.z', ['z'], false, 2, 2],
    ['a.a', ['k'], true, 1, 1],
  ])
})

test('all runs that name an LLMProfile share its limit, however many claim at once', async () => {
  const stores = await openStores()
  const options = { columns: 40, batchSize: 1, concurrency: 5, modelProfile: 'shared' }
  const [first, second] = [await readyToDraft(stores, options), await readyToDraft(stores, options)]
  const claims = await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      stores.server.claim(workerOf(index % 2 === 0 ? first : second, 'draft'), { capacity: 3, waitMs: 0 }),
    ),
  )
  expect(claims.flatMap(({ units }) => units).length).toBe(5)
  const [other] = [await readyToDraft(stores, { ...options, modelProfile: 'other' })]
  expect((await claimAll(stores.server, other, 'draft')).length).toBe(5)
})

test('a slot that a run frees wakes a claim of another run that waits for it', async () => {
  const stores = await openStores()
  const options = { columns: 2, batchSize: 1, concurrency: 1 }
  const [first, second] = [await readyToDraft(stores, options), await readyToDraft(stores, options)]
  const [unit] = await claimKind(stores.server, first, 'draft')
  const waiting = stores.server.claim(workerOf(second, 'draft'), { capacity: 1, waitMs: 20_000 })
  const head = { unitId: unit?.id ?? '', attempt: unit?.attempt ?? 0 }
  const rows = unit === undefined ? [] : draftsOf(unit)
  await stores.server.recordResult(workerOf(first, 'draft'), { ...head, kind: 'draft', tableId: '', rows })
  expect((await waiting).units.length).toBe(1)
})

test('a waiting claim gets units the moment another server makes them', async () => {
  const stores = await openStores()
  const request = runOf({})
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [tableOf('a.b', ['c'])])
  const [unit] = await claimKind(stores.server, request.uid, 'profile')
  const waiting = stores.server.claim(workerOf(request.uid, 'draft'), { capacity: 4, waitMs: 20_000 })
  await stores.server.recordResult(workerOf(request.uid, 'profile'), {
    unitId: unit?.id ?? '',
    attempt: 1,
    kind: 'released',
  })
  await profileTables(stores.server, request.uid)
  expect((await waiting).units).toMatchObject([{ kind: 'draft', tablePath: 'a.b' }])
})

test('a stage is done when none of its units is open and none can come', async () => {
  const stores = await openStores()
  const { operator, server } = stores
  const request = runOf({})
  await operator.beginRun(request)
  const ask = (stage: 'profile' | 'draft' | 'apply') =>
    server.claim(workerOf(request.uid, stage, 'asking'), { capacity: 1, waitMs: 0 })
  expect((await ask('draft')).done).toBe(false)
  expect((await ask('apply')).done).toBe(true)
  const [scope] = await claimKind(server, request.uid, 'scope')
  expect(await ask('profile')).toEqual({ units: [], done: false, stop: null })
  await server.recordResult(workerOf(request.uid, 'profile'), { unitId: scope?.id ?? '', attempt: 1, kind: 'released' })
  await resolveScope(server, request.uid, [tableOf('a.b', ['c'])])
  expect((await ask('draft')).done).toBe(false)
  const waiting = server.claim(workerOf(request.uid, 'profile'), { capacity: 1, waitMs: 0 })
  const { units } = await waiting
  const end = server.claim(workerOf(request.uid, 'profile', 'second'), { capacity: 1, waitMs: 20_000 })
  await server.recordResult(workerOf(request.uid, 'profile'), {
    unitId: units[0]?.id ?? '',
    attempt: 1,
    kind: 'released',
  })
  const [again] = (await end).units
  expect(again?.attempt).toBe(2)
  const lost = { unitId: again?.id ?? '', attempt: 1, kind: 'released' as const }
  await expect(server.recordResult(workerOf(request.uid, 'profile'), lost)).rejects.toMatchObject({ code: 'AMX-9003' })
  await server.recordResult(workerOf(request.uid, 'profile'), { ...lost, attempt: 2 })
  await profileTables(server, request.uid)
  expect(await ask('profile')).toEqual({ units: [], done: true, stop: null })
  await draftBatches(server, request.uid)
  expect(await ask('draft')).toEqual({ units: [], done: true, stop: null })
})

test('suspend stops handing out, resume goes on, cancel stops for good', async () => {
  const stores = await openStores()
  const uid = await readyToDraft(stores, { columns: 3, batchSize: 1 })
  const claim = () => stores.server.claim(workerOf(uid, 'draft'), { capacity: 1, waitMs: 0 })
  await stores.operator.setDesiredState(uid, 'Suspend')
  expect(await claim()).toEqual({ units: [], done: false, stop: 'Suspend' })
  await stores.operator.setDesiredState(uid, 'Run')
  const [held] = (await claim()).units
  await stores.operator.setDesiredState(uid, 'Cancel')
  expect(await claim()).toEqual({ units: [], done: false, stop: 'Cancel' })
  const beat = { held: [{ id: held?.id ?? '', attempt: held?.attempt ?? 0 }] }
  expect(await stores.server.heartbeat(workerOf(uid, 'draft'), beat)).toEqual({ lost: [], stop: 'Cancel' })
})

test('a claim that waits is told at once when the run is cancelled', async () => {
  const stores = await openStores()
  const request = runOf({})
  await stores.operator.beginRun(request)
  const waiting = stores.server.claim(workerOf(request.uid, 'draft'), { capacity: 1, waitMs: 20_000 })
  await stores.operator.setDesiredState(request.uid, 'Cancel')
  expect((await waiting).stop).toBe('Cancel')
})

test('a fatal fault stops every stage of the run and is kept', async () => {
  const stores = await openStores()
  const uid = await readyToDraft(stores, { columns: 3, batchSize: 1 })
  const error = { code: 'AMX-3001', message: 'refused the key', remedy: 'check it' } as const
  expect(await stores.server.recordFatal(workerOf(uid, 'draft'), error)).toEqual({ recorded: true })
  const later = { ...error, message: 'a later one' }
  expect(await stores.server.recordFatal(workerOf(uid, 'profile'), later)).toEqual({ recorded: false })
  expect((await stores.server.claim(workerOf(uid, 'draft'), { capacity: 1, waitMs: 0 })).stop).toBe('Failed')
  expect((await stores.operator.observeRun(uid))?.fatalError).toEqual(error)
})

test('an aborted claim answers with nothing and leaves no lease behind', async () => {
  const stores = await openStores()
  const request = runOf({})
  await stores.operator.beginRun(request)
  const stopping = new AbortController()
  const waiting = stores.server.claim(workerOf(request.uid, 'draft'), { capacity: 1, waitMs: 20_000 }, stopping.signal)
  stopping.abort()
  expect(await waiting).toEqual({ units: [], done: false, stop: null })
  expect(await stores.query(`select id from amx.units where state = 'leased'`)).toEqual([])
})

test('a worker of a run that the store does not know is told to stop', async () => {
  const { server } = await openStores()
  const worker = workerOf(randomUUID(), 'draft')
  expect((await server.claim(worker, { capacity: 1, waitMs: 0 })).stop).toBe('Cancel')
  expect(await server.heartbeat(worker, { held: [{ id: '1', attempt: 1 }] })).toEqual({ lost: ['1'], stop: 'Cancel' })
})

test('a batch of one run cannot be posted by a worker of another', async () => {
  const stores = await openStores()
  const uid = await readyToDraft(stores, { columns: 1 })
  const stranger = await readyToDraft(stores, { columns: 1, modelProfile: 'x' })
  const [unit] = await claimKind(stores.server, uid, 'draft')
  const result = {
    unitId: unit?.id ?? '',
    attempt: 1,
    kind: 'draft' as const,
    tableId: '',
    rows: [draftOf('public.wide.c0')],
  }
  await expect(stores.server.recordResult(workerOf(stranger, 'draft'), result)).rejects.toMatchObject({
    code: 'AMX-1013',
  })
  await expect(stores.server.recordResult(workerOf(uid, 'profile'), result)).rejects.toMatchObject({ code: 'AMX-1013' })
})
