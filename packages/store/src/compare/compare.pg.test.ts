import { expect, test } from 'vitest'
import { draftedRun, draftsOf, runOf, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores } from '../testing/store-fixture.ts'

type Query = Parameters<Stores['server']['compareRows']>[0]

/** Two runs over `s.t` that agree on `a` alone; the second has a table more. */
async function twoRuns(stores: Stores) {
  const first = await draftedRun(stores, [tableOf('s.t', ['a', 'b'])], { name: 'first' })
  const second = await draftedRun(stores, [tableOf('s.t', ['a', 'b']), tableOf('z.u', ['c'])], {
    name: 'second',
    rowsOf: (unit) =>
      draftsOf(unit).map((row) =>
        row.path === 's.t.a'
          ? row
          : { ...row, alternatives: [{ text: `Other ${row.path}`, score: 0.5, fallback: false }] },
      ),
  })
  return { first, second, runUids: [first.uid, second.uid] }
}

async function paths(stores: Stores, query: Omit<Query, 'limit'>): Promise<string[]> {
  const found: string[] = []
  let after: string | undefined
  do {
    const page = await stores.server.compareRows({ ...query, limit: 2, ...(after !== undefined && { after }) })
    found.push(...page.rows.map(({ path, target }) => (target === null ? path : `${target} ${path}`)))
    after = page.next ?? undefined
  } while (after !== undefined)
  return found
}

test('assets of two runs are side by side, page after page, and told apart by whether their texts agree', async () => {
  const stores = await openStores()
  const { runUids } = await twoRuns(stores)
  const scope = { runUids, byPath: true }
  expect(await paths(stores, { ...scope, only: 'all' })).toEqual(['s.t', 's.t.a', 's.t.b', 'z.u', 'z.u.c'])
  expect(await paths(stores, { ...scope, only: 'same' })).toEqual(['s.t.a'])
  expect(await paths(stores, { ...scope, only: 'different' })).toEqual(['s.t', 's.t.b', 'z.u', 'z.u.c'])
  expect(await paths(stores, { ...scope, only: 'all', schema: 'z' })).toEqual(['z.u', 'z.u.c'])
  expect(await paths(stores, { ...scope, only: 'all', table: 's.t', kind: 'Table' })).toEqual(['s.t'])
  expect(await paths(stores, { ...scope, only: 'all', column: 'b' })).toEqual(['s.t.b'])
  expect(await paths(stores, { ...scope, only: 'all', search: 'OTHER' })).toEqual(['s.t', 's.t.b', 'z.u', 'z.u.c'])
  const { rows } = await stores.server.compareRows({ ...scope, only: 'all', limit: 10 })
  expect(rows.map(({ same, cells }) => [same, cells.map((cell) => cell?.text ?? null)])).toEqual([
    [false, ['First text for s.t', 'Other s.t']],
    [true, ['First text for s.t.a', 'First text for s.t.a']],
    [false, ['First text for s.t.b', 'Other s.t.b']],
    [false, [null, 'Other z.u']],
    [false, [null, 'Other z.u.c']],
  ])
  expect(await stores.server.readOverlap(scope)).toEqual({ assets: 5, inAll: 3, same: 1 })
  const groups = await stores.server.compareGroups(scope, 'schema')
  expect(groups.map(({ place, figures }) => [place, figures.map(({ rows: count, high }) => [count, high])])).toEqual([
    [
      's',
      [
        [3, 3],
        [3, 3],
      ],
    ],
    [
      'z',
      [
        [0, 0],
        [2, 2],
      ],
    ],
  ])
})

test('rows of several databases belong together by database and path', async () => {
  const stores = await openStores()
  const runs = []
  for (const name of ['one', 'two']) runs.push(await draftedRun(stores, [tableOf('s.t', ['a'])], { name, targets: 2 }))
  const scope = { runUids: runs.map(({ uid }) => uid), byPath: false }
  const found = await paths(stores, { ...scope, only: 'all' })
  expect(found).toHaveLength(4)
  expect(new Set(found).size).toBe(4)
  expect(await stores.server.readOverlap(scope)).toEqual({ assets: 4, inAll: 4, same: 4 })
})

test('figures tell edits, and what policies accepted, apart from what people did', async () => {
  const stores = await openStores()
  const { operator, server } = stores
  const { first, second } = await twoRuns(stores)
  const decision = {
    uid: 'd1',
    name: 'd1',
    reviewer: 'ada',
    comment: 'looks right',
    runUid: first.uid,
    draftDigest: first.digest,
  }
  await operator.recordDecision({
    ...decision,
    items: [
      { asset: 's.t', verdict: 'Accept', alternative: 1 },
      { asset: 's.t.a', verdict: 'Accept', text: 'Mine.' },
      { asset: 's.t.b', verdict: 'Reject' },
    ],
  })
  const policy = await draftedRun(stores, [tableOf('p.t', ['a'])], {
    name: 'policy',
    review: { strategy: 'Auto', accept: 'All' },
  })
  await operator.acceptByPolicy(policy.uid)
  const figures = await server.readRunFigures([second.uid, first.uid, policy.uid, 'nobody'])
  expect(
    figures.map(({ summary, edited, acceptedByPolicy }) => [
      summary.name,
      summary.review.accepted,
      edited,
      acceptedByPolicy,
    ]),
  ).toEqual([
    ['second', 0, 0, 0],
    ['first', 2, 1, 0],
    ['policy', 2, 0, 2],
  ])
  expect(figures.every(({ draftedInMs }) => draftedInMs !== null && draftedInMs >= 0)).toBe(true)

  const window = { namespace: 'team', since: new Date(0), until: new Date(Date.now() + 60_000) }
  const { groups, total } = await server.readStatistics({ ...window, by: 'model' })
  expect(groups.map(({ group }) => group)).toEqual(['OpenAICompatible/stub-1'])
  expect(total).toMatchObject({
    runs: 3,
    rows: 10,
    accepted: 4,
    acceptedByPolicy: 2,
    edited: 1,
    rejected: 1,
    editRate: 0.25,
  })
  expect(total.acceptanceRate).toBeCloseTo(0.8)
  for (const by of ['profile', 'database', 'type', 'origin', 'day', 'week', 'month'] as const) {
    expect((await server.readStatistics({ ...window, by })).groups).toHaveLength(1)
  }
  expect((await server.readStatistics({ ...window, until: new Date(1), by: 'model' })).total.runs).toBe(0)

  const detail = await server.readRunDetail(first.uid, { version: 'x', models: [] })
  expect(detail).toMatchObject({ edited: 1, costToday: '0', source: null, descendants: [], settings: { version: 1 } })
  expect(detail.decisions).toMatchObject([
    { reviewer: 'ada', comment: 'looks right', accepted: 2, rejected: 1, refused: null },
  ])
  expect(detail.draftedAt).not.toBeNull()
  await operator.recordDecision({ ...decision, uid: 'd2', name: 'd2', draftDigest: 'sha256:old', items: [] })
  const refused = (await server.readRunDetail(first.uid, { version: 'x', models: [] })).decisions[1]
  expect(refused).toMatchObject({ name: 'd2', accepted: 0, refused: expect.stringContaining('the drafts changed') })
})

test('a run tells which runs write its rows or go on from it', async () => {
  const stores = await openStores()
  const { first } = await twoRuns(stores)
  await stores.operator.beginRun(runOf({ name: 'writer', uid: 'writer', type: 'Apply', sourceRunUid: first.uid }))
  const table = { version: 'x', models: [] }
  expect((await stores.server.readRunDetail(first.uid, table)).descendants).toMatchObject([
    { name: 'writer', type: 'Apply' },
  ])
  const writer = await stores.server.readRunDetail('writer', table)
  expect(writer).toMatchObject({ source: { name: 'first' }, descendants: [] })
})

test('looking back over 2,000 runs, and comparing two of 100,000 rows, reads what it shows', async () => {
  const stores = await openStores()
  await stores.query(
    `insert into amx.runs (uid, namespace, name, type, spec_digest, settings, settings_digest, scope_text, phase, started_at, finished)
     select 'u' || n, 'team', 'run-' || n, 'Analyze', 'x',
       '{"targets": [{"profileName": "shop", "databaseKey": "k"}], "model": {"model": "m", "provider": "OpenAI"}}', 'x', 'shop',
       'Succeeded', now() - n * interval '1 minute', true
     from generate_series(1, 2000) as n`,
  )
  await stores.query(`insert into amx.progress (run_uid) select uid from amx.runs`)
  // Counting hundreds of thousands of rows into progress is no part of this.
  await stores.query('alter table amx.assets disable trigger user')
  await stores.query(
    `insert into amx.tables (run_uid, target_index, ordinal, path, catalog, columns_planned, table_planned)
     select run, 0, 0, 's.t', '{}', 100000, true from unnest(array['u1', 'u2']) as run`,
  )
  await stores.query(
    `insert into amx.assets (run_uid, table_id, target_index, database_key, table_path, path, kind, column_name, ordinal,
       planned, status, review_state, chosen_text, chosen_alternative, source)
     select t.run_uid, t.id, 0, 'k', 's.t', 's.t.c' || lpad(n::text, 6, '0'), 'Column', 'c' || n, n, true, 'Drafted',
       'Accepted', 'text ' || case when n % 1000 = 0 then t.run_uid else '' end, nullif(n % 100, 0), 'profile'
     from amx.tables t, generate_series(1, 100000) as n`,
  )
  await stores.query('vacuum analyze')
  const took: Record<string, number> = {}
  const timed = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    const begun = performance.now()
    const result = await work()
    took[name] = Math.round(performance.now() - begun)
    return result
  }
  const { server } = stores
  const page = await timed('list', () => server.listRuns({ namespace: 'team', limit: 50 }))
  expect(page.runs).toHaveLength(50)
  await timed('search', () => server.listRuns({ namespace: 'team', limit: 50, search: 'run-1999' }))
  await timed('by cost', () => server.listRuns({ namespace: 'team', limit: 50, sort: 'cost' }))
  const window = { namespace: 'team', since: new Date(0), until: new Date(Date.now() + 60_000) }
  const { total } = await timed('statistics', () => server.readStatistics({ ...window, by: 'week' }))
  expect(total).toMatchObject({ runs: 2000, edited: 2000 })
  const scope = { runUids: ['u1', 'u2'], byPath: true }
  const rows = await timed('first page', () => server.compareRows({ ...scope, only: 'all', limit: 50 }))
  const after = Buffer.from(JSON.stringify(['s.t.c070000', ''])).toString('base64url')
  await timed('far page', () => server.compareRows({ ...scope, only: 'all', limit: 50, after }))
  const different = await timed('different', () => server.compareRows({ ...scope, only: 'different', limit: 50 }))
  expect([rows.rows.length, different.rows[0]?.path]).toEqual([50, 's.t.c001000'])
  expect(await timed('overlap', () => server.readOverlap(scope))).toMatchObject({ assets: 100_000, same: 99_900 })
  await timed('figures', () => server.readRunFigures(scope.runUids))
  if (process.env['AMX_SHOW_TIMES']) console.log(took)
  const plan = await stores.query<{ 'QUERY PLAN': string }>(
    `explain select count(*) from amx.assets a where a.run_uid = 'u1' and a.review_state = 'Accepted'
       and a.chosen_alternative is null and a.source <> 'human'`,
  )
  expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toContain('assets_edited')
})
