import type { ColumnProfile, DraftRow, DraftUnit, ScopedTable } from '@amx/api'
import { expect, test } from 'vitest'
import {
  claimKind,
  draftOf,
  draftsOf,
  profileOf,
  resolveScope,
  runOf,
  type SettingsOptions,
  tableOf,
} from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

function columnOf(name: string): ColumnProfile {
  return {
    name,
    nullFraction: 0,
    distinct: 10,
    distinctIsExact: false,
    minimum: null,
    maximum: null,
    minimumLength: null,
    maximumLength: null,
    samples: [],
    frequencies: [],
    pattern: null,
    heldBack: null,
  }
}

async function begun(stores: Stores, tables: readonly ScopedTable[], options: SettingsOptions = {}): Promise<string> {
  const run = runOf({ deduplicate: true, ...options })
  await stores.operator.beginRun(run)
  await resolveScope(stores.server, run.uid, tables)
  return run.uid
}

/** Profiles the tables that are named, or all, each column with the same findings. */
async function profile(stores: Stores, uid: string, ...paths: readonly string[]): Promise<void> {
  for (const unit of await claimKind(stores.server, uid, 'profile')) {
    const head = { unitId: unit.id, attempt: unit.attempt }
    const { catalog, tableId } = unit
    if (paths.length > 0 && !paths.includes(catalog.path)) {
      await stores.server.recordResult(workerOf(uid, 'profile'), { ...head, kind: 'released' })
      continue
    }
    const found = { ...profileOf(catalog), columns: catalog.columns.map(({ name }) => columnOf(name)) }
    await stores.server.recordResult(workerOf(uid, 'profile'), { ...head, kind: 'profile', tableId, profile: found })
  }
}

async function draft(stores: Stores, uid: string, unit: DraftUnit, rows: DraftRow[] = texts(unit)): Promise<void> {
  await stores.server.recordResult(workerOf(uid, 'draft'), {
    unitId: unit.id,
    attempt: unit.attempt,
    kind: 'draft',
    tableId: unit.tableId,
    rows,
  })
}

/** Drafts whose texts name no table. */
function texts(unit: DraftUnit): DraftRow[] {
  return draftsOf(unit).map((row) => ({
    ...row,
    alternatives: [{ text: `What it means: ${row.path.length}.`, score: 0.9, fallback: false }],
  }))
}

function batches(units: readonly DraftUnit[]): string[] {
  return units.map(
    ({ tablePath, columns, includeTable }) => `${tablePath}${includeTable ? '*' : ''} ${columns.join(',')}`,
  )
}

const columns = ['loyalty_points', 'tax_region']
const shops = ['s.a', 's.b', 's.c'].map((path) => tableOf(path, columns, { planned: { table: false, columns } }))

test('one column of each class is drafted, the others copy it, and the saving is told', async () => {
  const stores = await openStores()
  const uid = await begun(stores, shops)
  await profile(stores, uid)
  const units = await claimKind(stores.server, uid, 'draft')
  expect(batches(units)).toEqual(['s.a loyalty_points,tax_region'])
  expect(await stores.operator.observeRun(uid)).toMatchObject({ drafted: false, summary: { tables: { settled: 0 } } })
  for (const unit of units) await draft(stores, uid, unit)
  const observed = await stores.operator.observeRun(uid)
  expect(observed).toMatchObject({
    drafted: true,
    summary: {
      tables: { total: 3, settled: 3 },
      columns: { planned: 6, drafted: 6 },
      deduplicated: { columns: 4, calls: 2 },
    },
  })
  const { rows } = await stores.server.listResults(uid, { limit: 10 })
  expect(rows.map(({ path, copiedFrom, warnings }) => [path, copiedFrom, warnings])).toEqual([
    ['s.a.loyalty_points', null, []],
    ['s.a.tax_region', null, []],
    ['s.b.loyalty_points', 's.a.loyalty_points', []],
    ['s.b.tax_region', 's.a.tax_region', []],
    ['s.c.loyalty_points', 's.a.loyalty_points', []],
    ['s.c.tax_region', 's.a.tax_region', []],
  ])
  expect(rows[2]?.alternatives).toEqual(rows[0]?.alternatives)
})

test('no table waits for the profile of another, and one that comes later copies at once', async () => {
  const stores = await openStores()
  const uid = await begun(stores, shops)
  await profile(stores, uid, 's.a')
  for (const unit of await claimKind(stores.server, uid, 'draft')) await draft(stores, uid, unit)
  await profile(stores, uid)
  expect(await claimKind(stores.server, uid, 'draft')).toEqual([])
  expect(await stores.operator.observeRun(uid)).toMatchObject({
    drafted: true,
    summary: { tables: { settled: 3 }, deduplicated: { columns: 4, calls: 2 } },
  })
})

test.each<[string, (stores: Stores, uid: string, unit: DraftUnit) => Promise<unknown>]>([
  [
    'is skipped',
    (stores, uid, unit) =>
      draft(
        stores,
        uid,
        unit,
        unit.columns.map((name) =>
          draftOf(`${unit.tablePath}.${name}`, { alternatives: [], score: null, band: null, skippedReason: 'refused' }),
        ),
      ),
  ],
  [
    'fails',
    (stores, uid, unit) =>
      stores.server.recordResult(workerOf(uid, 'draft'), {
        unitId: unit.id,
        attempt: unit.attempt,
        kind: 'failed',
        error: { code: 'AMX-3009', message: 'unreadable', remedy: 'none' },
        retry: false,
      }),
  ],
  [
    'speaks of its own table',
    (stores, uid, unit) =>
      draft(
        stores,
        uid,
        unit,
        texts(unit).map((row) => ({ ...row, alternatives: [{ text: 'Of the shop.', score: 0.9, fallback: false }] })),
      ),
  ],
])('where the drafted column %s, the others are drafted themselves', async (_, end) => {
  const stores = await openStores()
  const paths = ['s.shop', 's.other']
  const uid = await begun(
    stores,
    paths.map((path) => tableOf(path, columns, { planned: { table: false, columns } })),
  )
  await profile(stores, uid)
  const [first, ...rest] = await claimKind(stores.server, uid, 'draft')
  if (first === undefined) throw new Error('nothing to draft')
  expect(rest).toEqual([])
  await end(stores, uid, first)
  const own = await claimKind(stores.server, uid, 'draft')
  expect(batches(own)).toEqual(['s.other loyalty_points,tax_region'])
  for (const unit of own) await draft(stores, uid, unit)
  expect(await stores.operator.observeRun(uid)).toMatchObject({
    drafted: true,
    summary: { tables: { settled: 2 }, deduplicated: { columns: 0, calls: 0 } },
  })
})

test('a table whose text is wanted is asked for it, with the columns that are its own', async () => {
  const stores = await openStores()
  const tables = [tableOf('s.a', ['loyalty_points']), tableOf('s.b', ['loyalty_points', 'vat_number'])]
  const uid = await begun(stores, tables)
  await profile(stores, uid)
  const units = await claimKind(stores.server, uid, 'draft')
  expect(batches(units)).toEqual(['s.a* loyalty_points', 's.b* vat_number'])
  // The table that waits is not settled before what it waits for.
  const [first, second] = units
  if (first === undefined || second === undefined) throw new Error('two batches were expected')
  await draft(stores, uid, second)
  expect(await stores.operator.observeRun(uid)).toMatchObject({ summary: { tables: { settled: 0 } } })
  await draft(stores, uid, first)
  expect(await stores.operator.observeRun(uid)).toMatchObject({
    drafted: true,
    summary: { tables: { settled: 2 }, deduplicated: { columns: 1, calls: 0 } },
  })
})

test('tables profiled at the same time draft each class once', async () => {
  const stores = await openStores()
  const paths = Array.from({ length: 8 }, (_, index) => `s.t${index}`)
  const uid = await begun(
    stores,
    paths.map((path) => tableOf(path, columns, { planned: { table: false, columns } })),
  )
  const units = await claimKind(stores.server, uid, 'profile')
  await Promise.all(
    units.map(({ id, attempt, tableId, catalog }) =>
      stores.server.recordResult(workerOf(uid, 'profile'), {
        unitId: id,
        attempt,
        kind: 'profile',
        tableId,
        profile: { ...profileOf(catalog), columns: catalog.columns.map(({ name }) => columnOf(name)) },
      }),
    ),
  )
  const made = await claimKind(stores.server, uid, 'draft')
  expect(made.flatMap((unit) => unit.columns).sort()).toEqual(columns)
  await Promise.all(made.map((unit) => draft(stores, uid, unit)))
  expect(await stores.operator.observeRun(uid)).toMatchObject({ drafted: true, summary: { columns: { drafted: 16 } } })
})

test('without deduplicate every column is drafted', async () => {
  const stores = await openStores()
  const uid = await begun(stores, shops, { deduplicate: false })
  await profile(stores, uid)
  expect(await claimKind(stores.server, uid, 'draft')).toHaveLength(3)
  expect((await stores.operator.observeRun(uid))?.summary.deduplicated).toBeUndefined()
})
