import { expect, test } from 'vitest'
import { draftedRun, draftsOf, runOf, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores } from '../testing/store-fixture.ts'
import { orderingOf, writePlace } from './result-order.ts'

type ResultQuery = Parameters<Stores['server']['listResults']>[1]

/** All pages of a query, in order. */
async function allPages(stores: Stores, uid: string, query: ResultQuery) {
  const rows = []
  let after: string | undefined
  for (;;) {
    const page = await stores.server.listResults(uid, { ...query, ...(after === undefined ? {} : { after }) })
    rows.push(...page.rows)
    if (page.next === null) return { rows, total: page.total }
    after = page.next
  }
}

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const scores = [0.9, null, 0.5, 0.9, null, 0.1, 0.5]

const scoredRun = (stores: Stores) =>
  draftedRun(stores, [tableOf('s.t', names), tableOf('s.u', ['a', 'z'])], {
    rowsOf: (unit) =>
      draftsOf(unit).map((row) => {
        const score = scores[names.indexOf(row.path.split('.')[2] ?? '')] ?? null
        return { ...row, score, band: score === null ? null : score > 0.8 ? ('High' as const) : ('Low' as const) }
      }),
  })

test('pages by path and by confidence hold every row once, in order', async () => {
  const stores = await openStores()
  const { uid } = await scoredRun(stores)
  const byPath = await allPages(stores, uid, { limit: 2 })
  const paths = byPath.rows.map(({ path }) => path)
  expect(paths).toEqual([...paths].sort())
  expect(paths).toHaveLength(11)
  expect(byPath.total).toBe(11)
  const byScore = await allPages(stores, uid, { limit: 2, sort: 'confidence' })
  const found = byScore.rows.map(({ score }) => score ?? -1)
  expect(found).toEqual([...found].sort((one, other) => other - one))
  expect(new Set(byScore.rows.map(({ id }) => id)).size).toBe(11)
})

test('filters narrow rows and total alike', async () => {
  const stores = await openStores()
  const { uid } = await scoredRun(stores)
  const count = async (query: Partial<ResultQuery>) => {
    const { rows, total } = await allPages(stores, uid, { limit: 2, ...query })
    expect(rows).toHaveLength(total)
    return total
  }
  expect(await count({ table: ['s.u'] })).toBe(3)
  expect(await count({ kind: ['Table'] })).toBe(2)
  expect(await count({ band: ['High'] })).toBe(3)
  expect(await count({ state: ['Accepted'] })).toBe(0)
  expect(await count({ search: 'S.U' })).toBe(3)
  expect(await count({ search: 'second TEXT for s.t.a' })).toBe(1)
  expect(await count({ search: '%' })).toBe(0)
})

test('a cursor of another list is refused', async () => {
  const stores = await openStores()
  const { uid } = await scoredRun(stores)
  const { next } = await stores.server.listResults(uid, { limit: 1 })
  const query = { limit: 1, sort: 'confidence' as const, after: next ?? '' }
  await expect(stores.server.listResults(uid, query)).rejects.toMatchObject({ code: 'AMX-1014' })
  await expect(stores.server.listResults(uid, { limit: 1, after: '%%%' })).rejects.toMatchObject({ code: 'AMX-1014' })
  await expect(stores.server.listResults('nope', { limit: 1 })).rejects.toMatchObject({ code: 'AMX-1013' })
})

test('runs are listed the newest first, by phase and type, page after page', async () => {
  const stores = await openStores()
  for (const name of ['one', 'two', 'three']) await stores.operator.beginRun(runOf({ name, uid: name }))
  await stores.operator.beginRun(runOf({ name: 'apply', uid: 'apply', type: 'Apply', sourceRunUid: 'one' }))
  await stores.operator.beginRun(runOf({ name: 'else', uid: 'else', namespace: 'other-team' }))
  await stores.operator.setPhase('two', 'Failed', true)
  const first = await stores.server.listRuns({ namespace: 'team', limit: 3 })
  const rest = await stores.server.listRuns({ namespace: 'team', limit: 3, after: first.next ?? '' })
  expect([...first.runs, ...rest.runs].map(({ name }) => name)).toEqual(['apply', 'three', 'two', 'one'])
  expect(rest.next).toBeNull()
  const named = async (query: { phases?: readonly string[]; types?: readonly string[] }) =>
    (await stores.server.listRuns({ namespace: 'team', limit: 9, ...query })).runs.map(({ name }) => name)
  expect(await named({ phases: ['Failed'] })).toEqual(['two'])
  expect(await named({ types: ['Apply'] })).toEqual(['apply'])
})

test('a name finds its newest run, a uid an older one', async () => {
  const stores = await openStores()
  await stores.operator.beginRun(runOf({ name: 'nightly', uid: 'old' }))
  await stores.operator.beginRun(runOf({ name: 'nightly', uid: 'new', specDigest: 'sha256:b' }))
  expect((await stores.server.findRun('team', 'nightly'))?.uid).toBe('new')
  expect((await stores.server.findRun('team', 'nightly', 'old'))?.uid).toBe('old')
  expect(await stores.server.findRun('other-team', 'nightly', 'old')).toBeNull()
})

test('a page out of 30,000 rows is read through an index, wherever it starts', async () => {
  const stores = await openStores()
  const request = runOf({})
  await stores.operator.beginRun(request)
  await stores.query(
    `insert into amx.tables (run_uid, target_index, ordinal, path, catalog, columns_planned, table_planned)
     values ($1, 0, 1, 's.t', '{}', 0, false)`,
    [request.uid],
  )
  await stores.query(
    `insert into amx.assets (run_uid, table_id, target_index, database_key, table_path, path, kind, column_name, ordinal,
       planned, status, source, score)
     select $1, (select max(id) from amx.tables), 0, 'db', 's.t', 's.t.c' || lpad(n::text, 6, '0'), 'Column', 'c' || n, n, true,
       'Drafted', 'profile', (n % 100) / 100.0
     from generate_series(1, 30000) as n`,
    [request.uid],
  )
  await stores.query('analyze amx.assets')
  const plan = async (text: string) =>
    (await stores.query<{ 'QUERY PLAN': string }>(`explain ${text}`)).map((row) => row['QUERY PLAN']).join('\n')
  const rows = `select * from amx.assets a where a.run_uid = '${request.uid}' and a.status <> 'Planned'`
  const byPath = await plan(`${rows} and (a.path, a.id) > ('s.t.c020000', 0) order by a.path, a.id limit 51`)
  expect(byPath).toContain('Index Scan using assets_by_path')
  expect(byPath).not.toContain('Sort')
  const byScore = await plan(
    `${rows} and (coalesce(a.score, 2), a.id) > (0.5, 15000) order by coalesce(a.score, 2), a.id limit 51`,
  )
  expect(byScore).toContain('Index Scan using assets_by_lowest_score')
  const page = await stores.server.listResults(request.uid, { limit: 50, after: cursorAfter('s.t.c020000') })
  expect(page.rows[0]?.path).toBe('s.t.c020001')
  expect(page.total).toBe(30_000)
})

const cursorAfter = (path: string) =>
  writePlace({ ordering: orderingOf({}, '2026-01-01T00:00:00Z'), total: 30_000, keys: [path, '999999999'] })

test('a row says what its texts stand on, as the worker told it', async () => {
  const stores = await openStores()
  const citations = [
    { source: 'handbook', path: 'orders.md', startLine: 3, endLine: 4, snippet: 'It is paid.' },
    { source: 'profile', snippet: 'unique' },
  ]
  const { uid } = await draftedRun(stores, [tableOf('s.t', ['a'])], {
    rowsOf: (unit) => draftsOf(unit).map((row) => ({ ...row, source: 'combined' as const, citations })),
  })
  const { rows } = await stores.server.listResults(uid, { limit: 10 })
  for (const row of rows) expect(row).toMatchObject({ source: 'combined', citations })
})
