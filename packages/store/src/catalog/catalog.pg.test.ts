import { relationKinds } from '@amx/api'
import { expect, test } from 'vitest'
import { post } from '../testing/apply-fixture.ts'
import {
  claimKind,
  databaseKey,
  draftedRun,
  postScope,
  resolveScope,
  runOf,
  settingsOf,
  tableOf,
} from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

const everything = {
  include: [],
  exclude: [],
  tablePattern: null,
  kinds: [...relationKinds],
  tableLimit: 0,
  missingOnly: false,
}

async function listed({ server }: Stores) {
  const { entries } = await server.listCatalog({ namespace: 'team', limit: 100 })
  return entries.map(({ path, kind, comment, columns, columnsCommented }) => ({
    path,
    kind,
    comment,
    columns: columns.map((column) => column.comment ?? null),
    columnsCommented,
  }))
}

test('what a run listed is known, and what it wrote is known at once', async () => {
  const stores = await openStores()
  const { operator, server } = stores
  const { uid, digest } = await draftedRun(stores, [
    tableOf('sales.customer', ['id', 'email'], { comments: { email: 'Mail address' } }),
  ])
  expect(await listed(stores)).toEqual([
    { path: '*', kind: 'Database', comment: null, columns: [], columnsCommented: 0 },
    { path: 'sales', kind: 'Schema', comment: null, columns: [], columnsCommented: 0 },
    { path: 'sales.customer', kind: 'Table', comment: null, columns: [null, 'Mail address'], columnsCommented: 1 },
  ])
  await operator.recordDecision({
    uid: 'decision',
    name: 'decision',
    runUid: uid,
    draftDigest: digest,
    reviewer: 'ada',
    comment: '',
    items: [
      { asset: 'sales.customer', verdict: 'Accept', text: 'Who buys.' },
      { asset: 'sales.customer.id', verdict: 'Accept', text: 'Number of the customer.' },
    ],
  })
  await operator.planApply(uid)
  const [unit] = await claimKind(server, uid, 'apply')
  await server.recordResult(workerOf(uid, 'apply'), {
    unitId: unit?.id ?? '',
    attempt: unit?.attempt ?? 0,
    kind: 'apply',
    statements: 1,
    durationMs: 1,
    rows: (unit?.rows ?? []).map(({ rowId }) => ({
      rowId,
      outcome: 'Applied',
      oldText: null,
      statement: null,
      error: null,
    })),
  })
  expect((await listed(stores)).at(-1)).toEqual({
    path: 'sales.customer',
    kind: 'Table',
    comment: 'Who buys.',
    columns: ['Number of the customer.', 'Mail address'],
    columnsCommented: 2,
  })
})

test('a run that lists everything forgets what is gone; one that lists a part does not', async () => {
  const stores = await openStores()
  const { operator, server } = stores
  const read = async (name: string, tables: readonly string[], scope: typeof everything) => {
    const request = { ...runOf({ name }), settings: settingsOf({ target: { scope } }) }
    await operator.beginRun(request)
    await resolveScope(
      server,
      request.uid,
      tables.map((path) => tableOf(path, ['id'])),
    )
  }
  const paths = async () => (await listed(stores)).map(({ path }) => path)
  await read('first', ['sales.a', 'sales.b'], everything)
  await read('second', ['sales.c'], { ...everything, tablePattern: '^c$' } as never)
  expect(await paths()).toEqual(['*', 'sales', 'sales.a', 'sales.b', 'sales.c'])
  await read('third', ['sales.b'], everything)
  expect(await paths()).toEqual(['*', 'sales', 'sales.b'])
})

test('a refresh makes what is there known, and has no work for anybody else', async () => {
  const stores = await openStores()
  const request = { ...runOf({ type: 'Refresh' }), settings: settingsOf({ target: { scope: everything } }) }
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [tableOf('sales.a', ['id'], { comments: { id: 'Number' } })])
  expect((await listed(stores)).at(-1)).toMatchObject({ path: 'sales.a', columns: ['Number'], columnsCommented: 1 })
  expect(await claimKind(stores.server, request.uid, 'profile')).toEqual([])
  expect(await stores.operator.observeRun(request.uid)).toMatchObject({
    scopeResolved: true,
    drafted: true,
    plannedAssets: 0,
    summary: { tables: { total: 1, settled: 1 }, columns: { planned: 1 } },
  })
})

test('a comment that is written while a refresh reads is not shown as it was before', async () => {
  const stores = await openStores()
  const { operator, server } = stores
  const customer = (comments: Record<string, string>) =>
    tableOf('sales.customer', ['id', 'email', 'phone'], { comments })
  const { uid, digest } = await draftedRun(stores, [customer({ email: 'Mail address' })])
  const items = ['id', 'email'].map((column) => {
    return { asset: `sales.customer.${column}`, verdict: 'Accept' as const, text: `The ${column}.` }
  })
  const decision = { uid: 'd', name: 'd', runUid: uid, draftDigest: digest, reviewer: 'ada', comment: '', items }
  await operator.recordDecision(decision)
  await operator.planApply(uid)

  const refresh = { ...runOf({ type: 'Refresh' }), settings: settingsOf({ target: { scope: everything } }) }
  await operator.beginRun(refresh)
  const [scope] = await claimKind(server, refresh.uid, 'scope')
  const [unit] = await claimKind(server, uid, 'apply')
  if (scope === undefined || unit === undefined) throw new Error('no units')
  await post(stores, uid, unit, (path) => (path.endsWith('email') ? 'Failed' : 'Applied'))
  // What it read stood there before the apply; the phone has been described by somebody else meanwhile.
  await postScope(server, refresh.uid, scope, [customer({ email: 'Mail address', phone: 'By hand' })])
  expect((await listed(stores)).at(-1)).toMatchObject({
    columns: ['The id.', 'Mail address', 'By hand'],
    columnsCommented: 3,
  })

  // The next one begins after the write: what it reads is what is there now.
  const next = { ...runOf({ type: 'Refresh' }), settings: settingsOf({ target: { scope: everything } }) }
  await operator.beginRun(next)
  await resolveScope(server, next.uid, [customer({ id: 'Changed by hand' })])
  expect((await listed(stores)).at(-1)).toMatchObject({ columns: ['Changed by hand', null, null] })
})

test('is listed by database, place and kind, page by page', async () => {
  const stores = await openStores()
  const request = { ...runOf({}), settings: settingsOf({ target: { scope: everything } }) }
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [tableOf('sales.a', ['id']), tableOf('shop.b', ['id'])])
  const pathsOf = async (query: Partial<Parameters<Stores['server']['listCatalog']>[0]>) => {
    const { entries, next } = await stores.server.listCatalog({ namespace: 'team', limit: 100, ...query })
    return { paths: entries.map(({ path }) => path), next }
  }
  expect((await pathsOf({ kind: 'Table' })).paths).toEqual(['sales.a', 'shop.b'])
  expect((await pathsOf({ within: 'shop' })).paths).toEqual(['shop', 'shop.b'])
  expect((await pathsOf({ within: 'shop.b', database: databaseKey })).paths).toEqual(['shop.b'])
  expect((await pathsOf({ database: 'postgresql://elsewhere/x' })).paths).toEqual([])
  const first = await pathsOf({ limit: 3 })
  expect(first.paths).toEqual(['*', 'sales', 'sales.a'])
  expect((await pathsOf({ after: first.next ?? '' })).paths).toEqual(['shop', 'shop.b'])
})
