import { describe, expect, test } from 'vitest'
import { beginWriting, carryOutWrites, decide, undecided } from '../testing/apply-fixture.ts'
import { openStores } from '../testing/store-fixture.ts'

describe('a preview', () => {
  test('has the statement of every queued row with its text as a parameter, page by page, and counts them all', async () => {
    const stores = await openStores()
    const run = await undecided(stores)
    await decide(stores, run)
    const first = await stores.server.previewQueue({ namespace: 'team', limit: 4 })
    expect(first.rows.map(({ statement }) => statement)).toEqual([
      'COMMENT ON TABLE "s"."orders" IS :comment',
      'COMMENT ON COLUMN "s"."orders"."id" IS :comment',
      'COMMENT ON COLUMN "s"."orders"."note" IS :comment',
      'COMMENT ON TABLE "t"."people" IS :comment',
    ])
    expect(first.rows[1]).toMatchObject({ text: 'First text for s.orders.id', expected: null, skipped: null })
    expect(first.totals).toMatchObject({
      rows: 6,
      columns: 4,
      relations: 2,
      tables: 2,
      firstTables: ['s.orders', 't.people'],
      beingWritten: 0,
    })
    const rest = await stores.server.previewQueue({ namespace: 'team', limit: 4, after: first.next ?? '' })
    expect(rest.rows.map(({ path }) => path)).toEqual(['t.people.email', 't.people.id'])
    expect(rest.next).toBeNull()
    expect((await stores.operator.observeRun(run.uid))?.summary.review.queued).toBe(6)
  })

  test('narrows by run, scope, asset and database, and tells what another run is writing', async () => {
    const stores = await openStores()
    const run = await undecided(stores)
    await decide(stores, run)
    const preview = async (query: object) => {
      const { rows } = await stores.server.previewQueue({ namespace: 'team', limit: 100, ...query })
      return rows.map(({ path }) => path)
    }
    const [row] = (await stores.server.previewQueue({ namespace: 'team', limit: 1 })).rows
    expect(await preview({ include: ['s'], exclude: ['s.orders.id'] })).toEqual(['s.orders', 's.orders.note'])
    expect(await preview({ assets: ['t.people'] })).toEqual(['t.people'])
    expect(await preview({ target: row?.databaseProfile, runUid: run.uid })).toHaveLength(6)
    expect(await preview({ target: 'elsewhere' })).toEqual([])
    expect(await preview({ runUid: 'another' })).toEqual([])
    const apply = await beginWriting(stores, {
      type: 'Apply',
      sourceRunUid: run.uid,
      selection: { assets: ['s.orders', 's.orders.id'] },
    })
    await stores.operator.planApply(apply.uid)
    const { totals } = await stores.server.previewQueue({ namespace: 'team', limit: 1 })
    expect(totals).toMatchObject({ rows: 4, beingWritten: 2 })
  })
})

describe('the audit of a namespace', () => {
  test('has every write, the newest first, page by page, with who undid it', async () => {
    const stores = await openStores()
    const run = await undecided(stores)
    await decide(stores, run, { filter: { verdict: 'Accept' }, apply: true })
    await carryOutWrites(stores, run.uid)
    const undo = await beginWriting(stores, {
      type: 'Rollback',
      name: 'undo',
      sourceRunUid: run.uid,
      requestedBy: 'grace',
      selection: { assets: ['t.people'] },
    })
    await carryOutWrites(stores, undo.uid)
    const seen: string[] = []
    let after: string | null | undefined
    while (after !== null) {
      const page = await stores.server.listAudit('team', { limit: 3, ...(after !== undefined && { after }) })
      seen.push(...page.rows.map(({ id }) => id))
      after = page.next
    }
    expect(seen).toHaveLength(7)
    expect(new Set(seen).size).toBe(7)
    const { rows } = await stores.server.listAudit('team', { limit: 100, asset: 't.people' })
    expect(rows[0]).toMatchObject({
      path: 't.people',
      run: { name: 'undo', type: 'Rollback' },
      undoes: { uid: run.uid },
    })
    expect(rows.find(({ path, run: { uid } }) => path === 't.people' && uid === run.uid)?.undoneBy?.name).toBe('undo')
    expect((await stores.server.listAudit('other', { limit: 9 })).rows).toEqual([])
  })

  test.each([
    ['who applied', { by: 'grace' }, ['t.people.email']],
    ['an outcome', { outcomes: ['Failed'] }, ['s.orders.id']],
    ['an asset with what is below it', { asset: 's.orders' }, ['s.orders', 's.orders.id', 's.orders.note']],
    ['a time before everything', { until: new Date('2020-01-01') }, []],
    ['a database that is not there', { target: 'elsewhere' }, []],
    ['no dry runs', { dryRun: true }, []],
  ] as const)('can be filtered by %s', async (_, filter, paths) => {
    const stores = await openStores()
    const run = await undecided(stores)
    await decide(stores, run, { filter: { verdict: 'Accept', tables: ['s.orders'] }, apply: true })
    await carryOutWrites(stores, run.uid, (path) => (path === 's.orders.id' ? 'Failed' : 'Applied'))
    await decide(stores, run, {
      items: [{ asset: 't.people.email', verdict: 'Accept' }],
      apply: true,
      reviewer: 'grace',
    })
    await carryOutWrites(stores, run.uid)
    const { rows } = await stores.server.listAudit('team', { limit: 100, ...filter })
    expect(rows.map(({ path }) => path).sort()).toEqual([...paths])
  })
})
