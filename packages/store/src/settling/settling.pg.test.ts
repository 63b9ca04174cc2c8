import type { SettleUnit } from '@amx/api'
import { expect, test } from 'vitest'
import {
  claimAll,
  claimKind,
  containerOf,
  draftOf,
  draftsOf,
  profileTables,
  resolveScope,
  runOf,
  type SettingsOptions,
  tableOf,
} from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

const shop = [
  containerOf('sales', { 'sales.customer': null, 'sales.orders': 'Orders as they came in.', 'sales.old': null }),
  containerOf('hr', { 'hr.staff': null }),
  containerOf('*', { sales: null, hr: 'People.' }),
]

async function profiledRun(stores: Stores, containers = shop, options: SettingsOptions = {}) {
  const run = runOf(options)
  await stores.operator.beginRun(run)
  const tables = [tableOf('sales.customer', ['id', 'email']), tableOf('hr.staff', ['name'])]
  await resolveScope(stores.server, run.uid, tables, containers)
  await profileTables(stores.server, run.uid)
  return run.uid
}

/** Drafts the batches of one table. */
async function draftTable(stores: Stores, runUid: string, path: string): Promise<void> {
  const worker = workerOf(runUid, 'draft')
  for (const unit of await claimAll(stores.server, runUid, 'draft')) {
    const head = { unitId: unit.id, attempt: unit.attempt }
    if (unit.kind === 'draft' && unit.tablePath === path) {
      const rows = draftsOf(unit)
      await stores.server.recordResult(worker, { ...head, kind: 'draft', tableId: unit.tableId, rows })
    } else await stores.server.recordResult(worker, { ...head, kind: 'released' })
  }
}

async function settle(stores: Stores, runUid: string, unit: SettleUnit) {
  const { path, kind } = unit.brief
  return stores.server.recordResult(workerOf(runUid, 'draft'), {
    unitId: unit.id,
    attempt: unit.attempt,
    kind: 'settle',
    row: draftOf(path, { kind }),
  })
}

test('a schema is described once its tables are settled, the database after its schemas', async () => {
  const stores = await openStores()
  const uid = await profiledRun(stores)
  await draftTable(stores, uid, 'hr.staff')
  const first = (await claimAll(stores.server, uid, 'draft')).filter((unit) => unit.kind === 'settle')
  expect(first.map(({ brief }) => brief.path)).toEqual(['hr'])
  await Promise.all(first.map((unit) => settle(stores, uid, unit)))

  await stores.operator.releaseUnits(uid, 'draft', 'draft-pod')
  await draftTable(stores, uid, 'sales.customer')
  const [sales, ...others] = await claimKind(stores.server, uid, 'settle')
  expect(others).toEqual([])
  if (sales === undefined) throw new Error('the schema was not handed out')
  expect(sales.brief).toEqual({
    path: 'sales',
    kind: 'Schema',
    name: 'sales',
    comment: null,
    memberCount: 3,
    describedCount: 2,
    members: [
      { path: 'sales.customer', kind: 'Table', tables: 0, text: 'First text for sales.customer', origin: 'drafted' },
      { path: 'sales.old', kind: 'Table', tables: 0, text: null, origin: null },
      { path: 'sales.orders', kind: 'Table', tables: 0, text: 'Orders as they came in.', origin: 'existing' },
    ],
  })
  const observed = await stores.operator.observeRun(uid)
  expect(observed).toMatchObject({ drafted: false, summary: { tables: { settled: 2, total: 2 } } })

  expect(await settle(stores, uid, sales)).toEqual({ recorded: true })
  expect(await settle(stores, uid, sales)).toEqual({ recorded: false })
  const [database] = await claimKind(stores.server, uid, 'settle')
  if (database === undefined) throw new Error('the database was not handed out')
  expect(database.brief).toMatchObject({ path: '*', kind: 'Database', name: 'shop', memberCount: 2 })
  expect(database.brief.members.map(({ text }) => text)).toEqual(['First text for hr', 'First text for sales'])
  await settle(stores, uid, database)

  expect(await stores.operator.observeRun(uid)).toMatchObject({ drafted: true })
  const { digest, rows } = await stores.operator.settleDrafts(uid)
  expect(rows).toBe(8)
  const { rows: results } = await stores.server.listResults(uid, { limit: 20 })
  expect(results.map(({ path, kind }) => `${path} ${kind}`)).toContain('* Database')
  // They are decided and written like any other row.
  await stores.operator.recordDecision({
    uid: 'decision',
    name: 'decision',
    runUid: uid,
    draftDigest: digest,
    reviewer: 'ada',
    comment: '',
    filter: { verdict: 'Accept', kinds: ['Schema', 'Database'] },
  })
  await stores.operator.planApply(uid)
  const apply = await claimKind(stores.server, uid, 'apply')
  expect(apply.map(({ tablePath, rows: planned }) => [tablePath, planned.map(({ kind }) => kind)])).toEqual([
    ['*', ['Database']],
    ['hr', ['Schema']],
    ['sales', ['Schema']],
  ])
})

test('a table that ends without a draft still lets its schema be described', async () => {
  const stores = await openStores()
  const uid = await profiledRun(stores, [containerOf('hr', { 'hr.staff': null })])
  for (const unit of await claimAll(stores.server, uid, 'draft')) {
    const error = { code: 'AMX-3007', message: 'no', remedy: 'none' }
    await stores.server.recordResult(workerOf(uid, 'draft'), {
      unitId: unit.id,
      attempt: unit.attempt,
      kind: 'failed',
      error,
      retry: false,
    })
  }
  const [unit] = await claimKind(stores.server, uid, 'settle')
  expect(unit?.brief).toMatchObject({ path: 'hr', describedCount: 0 })
})

test('a schema that cannot be described does not hold back the database', async () => {
  const stores = await openStores()
  const run = runOf()
  await stores.operator.beginRun(run)
  await resolveScope(
    stores.server,
    run.uid,
    [],
    [containerOf('hr', { 'hr.staff': 'People we pay.' }), containerOf('*', { hr: null })],
  )
  const [schema] = await claimKind(stores.server, run.uid, 'settle')
  await stores.server.recordResult(workerOf(run.uid, 'draft'), {
    unitId: schema?.id ?? '',
    attempt: schema?.attempt ?? 0,
    kind: 'failed',
    error: { code: 'AMX-3007', message: 'refused', remedy: 'none' },
    retry: false,
  })
  const [database] = await claimKind(stores.server, run.uid, 'settle')
  expect(database?.brief.members).toEqual([{ path: 'hr', kind: 'Schema', tables: 1, text: null, origin: null }])
  const { rows } = await stores.server.listResults(run.uid, { limit: 5 })
  expect(rows).toMatchObject([{ path: 'hr', skippedReason: 'AMX-3007 refused' }])
})

test('a schema with a comment that is only missing elsewhere is left out with the reason', async () => {
  const stores = await openStores()
  const run = runOf()
  await stores.operator.beginRun(run)
  await resolveScope(
    stores.server,
    run.uid,
    [],
    [containerOf('hr', {}, { comment: 'People.', skipped: 'has a comment' })],
  )
  expect(await stores.server.claim(workerOf(run.uid, 'draft'), { capacity: 4, waitMs: 0 })).toMatchObject({
    done: true,
  })
  const { rows } = await stores.server.listResults(run.uid, { limit: 5 })
  expect(rows).toMatchObject([
    { path: 'hr', kind: 'Schema', skippedReason: 'has a comment', existingComment: 'People.' },
  ])
})

test('a text somebody accepted before comes first in what a schema is described from', async () => {
  const stores = await openStores()
  const earlier = await profiledRun(stores, [])
  await draftTable(stores, earlier, 'hr.staff')
  await draftTable(stores, earlier, 'sales.customer')
  const { digest } = await stores.operator.settleDrafts(earlier)
  await stores.operator.recordDecision({
    uid: 'accept',
    name: 'accept',
    runUid: earlier,
    draftDigest: digest,
    reviewer: 'ada',
    comment: '',
    items: [{ asset: 'hr.staff', verdict: 'Accept', text: 'Everybody on the payroll.' }],
  })
  const uid = await profiledRun(stores, [containerOf('hr', { 'hr.staff': null })])
  await draftTable(stores, uid, 'hr.staff')
  const units = await claimAll(stores.server, uid, 'draft')
  const brief = units.find((unit) => unit.kind === 'settle')?.brief
  expect(brief?.members).toMatchObject([{ text: 'Everybody on the payroll.', origin: 'accepted' }])
})

test('two tables settled at the same time make the unit of their schema once', async () => {
  const stores = await openStores()
  const run = runOf()
  await stores.operator.beginRun(run)
  const names = Array.from({ length: 12 }, (_, index) => `a.t${index}`)
  await resolveScope(
    stores.server,
    run.uid,
    names.map((name) => tableOf(name, ['c'])),
    [containerOf('a', Object.fromEntries(names.map((name) => [name, null])))],
  )
  await profileTables(stores.server, run.uid)
  const units = await claimKind(stores.server, run.uid, 'draft')
  await Promise.all(
    units.map((unit) =>
      stores.server.recordResult(workerOf(run.uid, 'draft'), {
        unitId: unit.id,
        attempt: unit.attempt,
        kind: 'draft',
        tableId: unit.tableId,
        rows: draftsOf(unit),
      }),
    ),
  )
  expect(await claimKind(stores.server, run.uid, 'settle')).toHaveLength(1)
})

test('the text about a table says which of its columns it was written without', async () => {
  const stores = await openStores()
  const run = runOf({ batchSize: 1 })
  await stores.operator.beginRun(run)
  await resolveScope(stores.server, run.uid, [tableOf('a.t', ['x', 'y'])])
  await profileTables(stores.server, run.uid)
  for (const unit of await claimKind(stores.server, run.uid, 'draft')) {
    const head = { unitId: unit.id, attempt: unit.attempt }
    const skipped = { alternatives: [], score: null, band: null, skippedReason: 'refused' }
    const rows = unit.includeTable ? draftsOf(unit) : [draftOf('a.t.y', skipped)]
    await stores.server.recordResult(workerOf(run.uid, 'draft'), {
      ...head,
      kind: 'draft',
      tableId: unit.tableId,
      rows,
    })
  }
  const { rows } = await stores.server.listResults(run.uid, { limit: 5, kind: ['Table'] })
  expect(rows[0]?.warnings).toEqual(['1 of 2 columns got no description; this text was written without them'])
})
