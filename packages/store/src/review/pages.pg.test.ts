import { type ResultFilter, type ResultSort, resultSorts, type SortOrder, sortOrders } from '@amx/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createParameters } from '../keyset.ts'
import { draftedRun, draftsOf, runOf, tableOf } from '../testing/run-fixture.ts'
import { openSharedStores, openStores, type Stores } from '../testing/store-fixture.ts'
import { resultConditions } from './result-conditions.ts'
import { firstRowsSql, orderingOf, writePlace } from './result-order.ts'

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

describe('of 30,000 rows', () => {
  let stores: Awaited<ReturnType<typeof openSharedStores>>
  const uid = 'many'

  beforeAll(async () => {
    stores = await openSharedStores()
    await stores.operator.beginRun({ ...runOf({}), uid })
    await stores.query(
      `insert into amx.tables (run_uid, target_index, ordinal, path, catalog, columns_planned, table_planned)
       values ($1, 0, 1, 's.t', '{}', 0, false)`,
      [uid],
    )
    await stores.query(
      `insert into amx.assets (run_uid, table_id, target_index, database_key, table_path, path, kind, column_name, data_type,
         ordinal, planned, status, source, score, token_probability, draft_length, draft_hash, alternative_count, review_state, decided_at)
       select $1, (select max(id) from amx.tables), 0, 'db', 's.t', 's.t.c' || lpad(n::text, 6, '0'), 'Column', 'c' || n % 5000, 'text', n, true,
         'Drafted', 'profile', (n % 100) / 100.0, case when n % 3 > 0 then (n % 50) / 50.0 end, case when n % 4 > 0 then n % 200 end, n,
         n % 4, case when n < 20000 then 'Skipped' else 'Unreviewed' end, case when n < 20000 then now() end
       from generate_series(1, 30000) as n`,
      [uid],
    )
    await stores.query('vacuum analyze amx.assets')
  })

  afterAll(() => stores.close())

  const each = resultSorts.flatMap((sort) => sortOrders.map((order): [ResultSort, SortOrder] => [sort, order]))

  test.each(each)('a page by %s, %s, reads little more than itself, wherever it starts', async (sort, order) => {
    const [limit, ordering] = [50, orderingOf({ sort, order }, new Date().toISOString())]
    const pageBehind = async (after: readonly (string | number)[] | null) => {
      const parameters = createParameters()
      const conditions = resultConditions({ uid, targets: [] }, {}, parameters)
      const page = firstRowsSql(ordering, { conditions, limit, after }, parameters)
      const text = `select id, ${page.keys} as keys from (${page.text}) as page order by ${page.orderBy}`
      const rows = await stores.query<{ keys: string[] }>(text, parameters.values)
      const [plan] = await stores.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `explain (analyze, format json) ${text}`,
        parameters.values,
      )
      return {
        last: rows.at(-1)?.keys ?? [],
        read: plan === undefined ? Infinity : rowsRead(plan['QUERY PLAN'][0].Plan),
      }
    }
    const first = await pageBehind(null)
    expect(first.read).toBeLessThanOrEqual(4 * limit)
    expect((await pageBehind(first.last)).read).toBeLessThanOrEqual(4 * limit)
  })

  test('a cursor goes on in the middle', async () => {
    const page = await stores.server.listResults(uid, { limit: 50, after: cursorAfter('s.t.c020000') })
    expect(page.rows[0]?.path).toBe('s.t.c020001')
    expect(page.total).toBe(30_000)
  })

  test.each([
    { search: 'c02999', path: '*' },
    { columnName: ['c7'] },
    { minimumScore: 0.5, search: 's.t.c0', state: ['Skipped'] },
  ] satisfies ResultFilter[])(
    '%j is counted, paged and sorted alike, whether its rows are few or many',
    async (filter) => {
      const found: string[] = []
      let after: string | undefined
      let total = 0
      do {
        const page = await stores.server.listResults(uid, {
          ...filter,
          limit: 500,
          sort: 'length',
          ...(after && { after }),
        })
        found.push(...page.rows.map(({ id }) => id))
        total = page.total
        after = page.next ?? undefined
      } while (after !== undefined)
      expect(new Set(found).size).toBe(total)
      expect(found).toHaveLength(total)
      expect(total).toBe((await stores.server.listFacets(uid, filter)).total)
    },
  )
})

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

/** Rows that the scans of a plan looked at. */
function rowsRead(node: PlanNode): number {
  const own =
    node['Node Type'].includes('Scan') && node['Node Type'] !== 'Subquery Scan'
      ? node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)
      : 0
  return (node.Plans ?? []).reduce((sum, child) => sum + rowsRead(child), own)
}

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
