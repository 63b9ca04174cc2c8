import { expect, test } from 'vitest'
import {
  claimKind,
  draftedRun,
  profileTables,
  resolveScope,
  runOf,
  settingsOf,
  tableOf,
} from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

/** Paths of the tables that a second run profiles again. */
async function profiledAgain(stores: Stores, options: Parameters<typeof runOf>[0], table = tableOf('a.b', ['c'])) {
  const request = runOf(options)
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [table])
  const units = await claimKind(stores.server, request.uid, 'profile')
  return { uid: request.uid, paths: units.map(({ catalog }) => catalog.path) }
}

test('a table whose structure and statistics did not change is not profiled again, and shows the comments of today', async () => {
  const stores = await openStores()
  await draftedRun(stores, [tableOf('a.b', ['c'])])
  const commented = tableOf('a.b', ['c'], { comments: { c: 'New comment' } })
  const { uid, paths } = await profiledAgain(stores, {}, commented)
  expect(paths).toEqual([])
  const [unit] = await claimKind(stores.server, uid, 'draft')
  expect(unit).toMatchObject({ tablePath: 'a.b', columns: ['c'], includeTable: true })
  const profile = await stores.server.readTableProfile(workerOf(uid, 'draft'), unit?.tableId ?? '')
  expect(profile).toMatchObject({ rowCount: 10, statements: 0, catalog: { columns: [{ comment: 'New comment' }] } })
  expect((await stores.operator.observeRun(uid))?.summary.columns.profiled).toBe(1)
})

test.each([
  ['its structure changed', {}, tableOf('a.b', ['c'], { structureDigest: 'sha256:other' })],
  ['its statistics changed', {}, tableOf('a.b', ['c'], { statisticsTime: '2026-02-02T00:00:00Z' })],
  ['the backend tells no time of its statistics', {}, tableOf('a.b', ['c'], { statisticsTime: null })],
  ['another team asks', { namespace: 'other-team' }, tableOf('a.b', ['c'])],
  [
    'the run wants its samples treated differently',
    { settings: settingsOf({ target: { privacy: { samples: 'None', excludeColumns: [] } } }) },
    tableOf('a.b', ['c']),
  ],
] as const)('a table is profiled again when %s', async (_, options, table) => {
  const stores = await openStores()
  await draftedRun(stores, [tableOf('a.b', ['c'])])
  expect((await profiledAgain(stores, options, table)).paths).toEqual(['a.b'])
})

test('a table without known statistics is profiled every time', async () => {
  const stores = await openStores()
  const table = tableOf('a.b', ['c'], { statisticsTime: null })
  await draftedRun(stores, [table])
  expect((await profiledAgain(stores, {}, table)).paths).toEqual(['a.b'])
})

test('in mode Metadata a table whose rows cannot be read is described from its catalog', async () => {
  const stores = await openStores()
  const { profiling } = settingsOf().targets[0] ?? {}
  if (profiling === undefined) return
  const settings = settingsOf({ target: { profiling: { ...profiling, mode: 'Metadata' } } })
  const table = tableOf('a.b', ['c'], { unreadable: 'permission denied' })
  expect((await profiledAgain(stores, { settings }, table)).paths).toEqual(['a.b'])
})

test('a worker reads profiles of its own run alone', async () => {
  const stores = await openStores()
  const request = runOf({})
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [tableOf('a.b', ['c'])])
  await profileTables(stores.server, request.uid)
  const [unit] = await claimKind(stores.server, request.uid, 'draft')
  const tableId = unit?.tableId ?? ''
  const other = runOf({})
  await stores.operator.beginRun(other)
  expect(await stores.server.readTableProfile(workerOf(other.uid, 'draft'), tableId)).toBeNull()
  expect(await stores.server.readTableProfile(workerOf(request.uid, 'draft'), 'x')).toBeNull()
  expect(await stores.server.readTableProfile(workerOf(request.uid, 'draft'), tableId)).not.toBeNull()
})
