import { relationKinds, type Scope, type ScopedTable } from '@amx/api'
import { expect, test } from 'vitest'
import { resolveScope, runOf, settingsOf, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores } from '../testing/store-fixture.ts'

const everything: Scope = {
  include: [],
  exclude: [],
  tablePattern: null,
  kinds: [...relationKinds],
  tableLimit: 0,
  missingOnly: false,
}

/** Reads the catalog as a run of type Refresh does; gives the run's uid. */
async function read(
  { operator, server }: Stores,
  name: string,
  tables: readonly ScopedTable[],
  scope: Partial<Scope> = {},
): Promise<string> {
  const settings = settingsOf({ target: { scope: { ...everything, ...scope } } })
  const request = { ...runOf({ name, type: 'Refresh' }), settings }
  await operator.beginRun(request)
  await resolveScope(server, request.uid, tables)
  return request.uid
}

async function changesOf({ operator }: Stores, uid: string, after: number | null) {
  const found = await operator.readCatalogChanges(uid, after)
  const said = found?.changes.map(
    ({ target, table, column, change }) => `${target} ${table} ${column ?? '-'} ${change}`,
  )
  return { position: found?.position ?? -1, said }
}

test('what is added, of another type or gone is known from one reading to the next, and the first has no changes', async () => {
  const stores = await openStores()
  const first = await read(stores, 'first', [tableOf('sales.a', ['id', 'note']), tableOf('sales.b', ['id'])])
  const base = await changesOf(stores, first, null)
  expect(base.said).toEqual([])
  expect((await changesOf(stores, first, 0)).said).toEqual([])

  const typed = tableOf('sales.c', ['id'])
  const second = await read(stores, 'second', [tableOf('sales.a', ['id', 'email']), typed])
  const seen = await changesOf(stores, second, base.position)
  expect(seen.said).toEqual([
    '0 sales.a email Added',
    '0 sales.a note Dropped',
    '0 sales.b - Dropped',
    '0 sales.c - Added',
  ])
  expect((await changesOf(stores, second, seen.position)).said).toEqual([])

  const third = await read(stores, 'third', [
    tableOf('sales.a', ['id', 'email']),
    tableOf('sales.c', ['id'], { dataType: 'bigint' }),
  ])
  expect((await changesOf(stores, third, seen.position)).said).toEqual(['0 sales.c id TypeChanged'])
})

test('of a table and column the last change counts', async () => {
  const stores = await openStores()
  const first = await read(stores, 'first', [tableOf('sales.a', ['id'])])
  const { position } = await changesOf(stores, first, null)
  await read(stores, 'second', [tableOf('sales.a', ['id', 'email']), tableOf('sales.b', ['id'])])
  const third = await read(stores, 'third', [tableOf('sales.a', ['id'])])
  expect((await changesOf(stores, third, position)).said).toEqual(['0 sales.a email Dropped', '0 sales.b - Dropped'])
})

test('what lies in the schemas of a scope is found gone, what lies outside is not', async () => {
  const stores = await openStores()
  const all = [tableOf('sales.a', ['id']), tableOf('sales.b', ['id']), tableOf('shop.c', ['id'])]
  const { position } = await changesOf(stores, await read(stores, 'first', all), null)
  const second = await read(stores, 'second', [tableOf('sales.a', ['id'])], { include: ['sales'] })
  expect((await changesOf(stores, second, position)).said).toEqual(['0 sales.b - Dropped'])
})

test('a run of type Refresh is forgotten with its rows, and what it learnt is not; another run stays', async () => {
  const stores = await openStores()
  const uid = await read(stores, 'first', [tableOf('sales.a', ['id'])])
  const other = runOf({ name: 'other' })
  await stores.operator.beginRun(other)
  await stores.operator.forgetRefresh(uid)
  await stores.operator.forgetRefresh(other.uid)
  expect(await stores.operator.observeRun(uid)).toBeNull()
  expect(await stores.operator.readCatalogChanges(uid, null)).toBeNull()
  expect(await stores.query('select from amx.tables where run_uid = $1', [uid])).toEqual([])
  expect(await stores.operator.observeRun(other.uid)).not.toBeNull()
  const { entries } = await stores.server.listCatalog({ namespace: 'team', limit: 10, kind: 'Table' })
  expect(entries.map(({ path }) => path)).toEqual(['sales.a'])
})
