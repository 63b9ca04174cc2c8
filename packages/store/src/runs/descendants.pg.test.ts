import { describe, expect, test } from 'vitest'
import { descendantOf, draftedDescendant } from '../testing/descendant-fixture.ts'
import {
  claimAll,
  claimKind,
  containerOf,
  draftBatches,
  draftedRun,
  draftOf,
  draftsOf,
  profileTables,
  resolveScope,
  runOf,
  settingsOf,
  tableOf,
} from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

const shop = [tableOf('s.customer', ['id', 'email']), tableOf('s.sale', ['id', 'sold_at'])]
const pathsOf = async ({ server }: Stores, uid: string) =>
  (await server.listResults(uid, { limit: 500 })).rows.map(({ path }) => path)

/** Paths of the units that wait in a stage. */
const waitingIn = async ({ server }: Stores, uid: string, stage: 'profile' | 'draft') =>
  (await claimAll(server, uid, stage)).map((unit) =>
    unit.kind === 'draft' ? unit.tablePath : unit.kind === 'profile' ? unit.catalog.path : unit.kind,
  )

describe('a rerun', () => {
  test('goes straight to drafting the named assets with the profiles of its source', async () => {
    const stores = await openStores()
    const source = await draftedRun(stores, shop)
    const request = descendantOf(source, { assets: ['s.customer.email', 's.sale'] })
    expect(await stores.operator.beginRun(request)).toEqual({ kind: 'Began' })

    const observed = await stores.operator.observeRun(request.uid)
    expect(observed).toMatchObject({ scopeResolved: true, profiled: true, drafted: false, plannedAssets: 2 })
    expect(observed?.summary.columns).toMatchObject({ planned: 1, profiled: 1 })
    expect(await waitingIn(stores, request.uid, 'profile')).toEqual([])
    const units = await claimKind(stores.server, request.uid, 'draft')
    expect(units.map(({ tablePath, columns, includeTable }) => [tablePath, columns, includeTable])).toEqual([
      ['s.customer', ['email'], false],
      ['s.sale', [], true],
    ])
  })

  test('tells the drafter the texts of all versions before', async () => {
    const stores = await openStores()
    const source = await draftedRun(stores, shop)
    const second = await draftedDescendant(stores, source, { assets: ['s.customer.email'] }, { name: 'two' })
    const request = descendantOf(second, { assets: ['s.customer.email'] })
    await stores.operator.beginRun(request)
    const [unit] = await claimKind(stores.server, request.uid, 'draft')
    expect(unit?.descent).toEqual({
      type: 'Rerun',
      rows: [
        {
          column: 'email',
          seed: null,
          texts: [
            'First text for s.customer.email in two',
            'Second text for s.customer.email in two',
            'First text for s.customer.email',
            'Second text for s.customer.email',
          ],
        },
      ],
    })
  })

  test('leaves its source as it was', async () => {
    const stores = await openStores()
    const source = await draftedRun(stores, shop)
    const texts = async () =>
      (await stores.server.listResults(source.uid, { limit: 99 })).rows.map(({ id, alternatives, state }) => [
        id,
        alternatives,
        state,
      ])
    const before = await texts()
    await draftedDescendant(stores, source, {})
    expect(await texts()).toEqual(before)
    expect((await stores.operator.findSource('team', source.name, null))?.settled).toBe(true)
  })

  test.each([
    ['a band at most', { maximumConfidence: 'Low' as const }, ['s.customer.email', 's.sale.sold_at']],
    ['a band at least', { minimumConfidence: 'High' as const }, ['s.customer', 's.customer.id', 's.sale', 's.sale.id']],
    ['tables', { tables: ['s.sale'] }, ['s.sale', 's.sale.id', 's.sale.sold_at']],
    ['kinds', { kinds: ['Table' as const] }, ['s.customer', 's.sale']],
    ['states', { states: ['Skipped' as const] }, ['s.sale.id']],
    [
      'all of it',
      { kinds: ['Column' as const], tables: ['s.sale'], maximumConfidence: 'Low' as const },
      ['s.sale.sold_at'],
    ],
  ])('of a filter takes the rows of %s', async (_, filter, expected) => {
    const stores = await openStores()
    const low = ['s.customer.email', 's.sale.sold_at']
    const source = await draftedRun(stores, shop, {
      rowsOf: (unit) =>
        draftsOf(unit).map((row) => (low.includes(row.path) ? { ...row, score: 0.1, band: 'Low' as const } : row)),
    })
    await stores.operator.recordDecision({
      uid: 'skip',
      name: 'skip',
      runUid: source.uid,
      draftDigest: source.digest,
      reviewer: 'ada',
      comment: '',
      items: [{ asset: 's.sale.id', verdict: 'Skip' }],
    })
    const { uid } = await draftedDescendant(stores, source, { filter })
    expect(await pathsOf(stores, uid)).toEqual(expected)
  })

  test('takes what failed in its source as well', async () => {
    const stores = await openStores()
    const source = await draftedRun(stores, shop, {
      rowsOf: (unit) => draftsOf(unit).filter(({ path }) => path !== 's.sale.id'),
    })
    const { uid } = await draftedDescendant(stores, source, {})
    expect(await pathsOf(stores, uid)).toContain('s.sale.id')
  })

  test.each([
    [
      'an asset the source has not',
      { assets: ['s.nope'] },
      'AMX-1006',
      's.nope does not exist among the results of run',
    ],
    ['a filter without a match', { filter: { kinds: ['View' as const] } }, 'AMX-1001', 'spec.source.filter: no row'],
    ['a target the source has not', { target: 'other' }, 'AMX-1001', 'has no target "other"'],
    [
      'a placeholder',
      { alternative: { asset: 's.sale', index: 3 } },
      'AMX-1001',
      'alternative 3 of s.sale is a placeholder',
    ],
    [
      'an alternative that is not there',
      { alternative: { asset: 's.sale', index: 5 } },
      'AMX-1001',
      'has 3 alternatives',
    ],
    ['a row with one text', { alternative: { asset: 's.sale.id', index: 1 } }, 'AMX-1001', 'variations need two'],
  ])('of %s is refused and nothing of it kept', async (_, descent, code, words) => {
    const stores = await openStores()
    const placeholder = { text: 'Sale', score: null, fallback: true }
    const source = await draftedRun(stores, shop, {
      rowsOf: (unit) =>
        draftsOf(unit).map((row) => ({
          ...row,
          alternatives: [...row.alternatives.slice(0, row.path === 's.sale.id' ? 1 : 2), placeholder],
        })),
    })
    const request = descendantOf(source, descent)
    expect(await stores.operator.beginRun(request)).toMatchObject({
      kind: 'Refused',
      error: { code, message: expect.stringContaining(words) },
    })
    expect(await stores.operator.observeRun(request.uid)).toBeNull()
  })

  test('waits for the drafts of its source', async () => {
    const stores = await openStores()
    const source = runOf()
    await stores.operator.beginRun(source)
    expect(await stores.operator.beginRun(descendantOf(source, {}))).toMatchObject({
      kind: 'Refused',
      error: { code: 'AMX-1023' },
    })
  })

  test('of a path in two databases wants to know which', async () => {
    const stores = await openStores()
    const source = await draftedRun(stores, [tableOf('s.t', ['a'])], { targets: 2 })
    const settings = settingsOf({ targets: 2 })
    const refused = await stores.operator.beginRun(descendantOf(source, { assets: ['s.t.a'] }, { settings }))
    expect(refused).toMatchObject({ kind: 'Refused', error: { code: 'AMX-1001' } })
    const { uid } = await draftedDescendant(stores, source, { assets: ['s.t.a'], target: 'shop-1' }, { settings })
    const { rows } = await stores.server.listResults(uid, { limit: 9 })
    expect(rows.map(({ path, databaseProfile }) => [path, databaseProfile])).toEqual([['s.t.a', 'shop-1']])
  })

  test('sees the comments that were written since its source read the table', async () => {
    const stores = await openStores()
    const source = await draftedRun(stores, shop)
    await stores.query(
      `insert into amx.applied_changes (run_uid, namespace, asset_id, unit_id, database_key, path, kind, new_text, dry_run, decided_by,
         applied_by, outcome, applied_at)
       select run_uid, 'team', id, id, database_key, path, kind, 'Where to write to.', false, 'ada', 'run', 'Applied', clock_timestamp()
       from amx.assets where run_uid = $1 and path = 's.customer.email'`,
      [source.uid],
    )
    const { uid } = await draftedDescendant(stores, source, { assets: ['s.customer.email'] })
    const { rows } = await stores.server.listResults(uid, { limit: 9 })
    expect(rows.map(({ existingComment }) => existingComment)).toEqual(['Where to write to.'])
  })
})

describe('the profile stage of a rerun', () => {
  test('reads again only tables whose structure another run found changed', async () => {
    const stores = await openStores()
    const source = await draftedRun(stores, shop)
    const newer = runOf()
    await stores.operator.beginRun(newer)
    await resolveScope(stores.server, newer.uid, [tableOf('s.customer', ['id', 'email', 'phone'])])

    const request = descendantOf(source, {})
    await stores.operator.beginRun(request)
    expect(await stores.operator.observeRun(request.uid)).toMatchObject({ scopeResolved: true, profiled: false })
    const [unit, ...others] = await claimKind(stores.server, request.uid, 'profile')
    expect(others).toEqual([])
    expect(unit?.catalog.columns.map(({ name }) => name)).toEqual(['id', 'email', 'phone'])
    expect(await waitingIn(stores, request.uid, 'draft')).toEqual(['s.sale'])
  })

  test('takes the profile that the newer run made of the changed table', async () => {
    const stores = await openStores()
    const source = await draftedRun(stores, shop)
    const newer = runOf()
    await stores.operator.beginRun(newer)
    await resolveScope(stores.server, newer.uid, [tableOf('s.customer', ['id', 'email', 'phone'])])
    await profileTables(stores.server, newer.uid)
    const { uid } = await draftedDescendant(stores, source, { assets: ['s.customer.email'] })
    expect(await pathsOf(stores, uid)).toEqual(['s.customer.email'])
  })

  test('reads again what has to be masked otherwise by now', async () => {
    const stores = await openStores()
    const source = await draftedRun(stores, shop, { target: { privacy: { samples: 'Raw', excludeColumns: [] } } })
    const request = descendantOf(source, {}, { settings: settingsOf() })
    await stores.operator.beginRun(request)
    expect(await waitingIn(stores, request.uid, 'profile')).toEqual(['s.customer', 's.sale'])
    expect(await waitingIn(stores, request.uid, 'draft')).toEqual([])
  })

  test('reads a table that could not be profiled before, and goes on to its drafts', async () => {
    const stores = await openStores()
    const begun = runOf()
    await stores.operator.beginRun(begun)
    await resolveScope(stores.server, begun.uid, shop)
    await profileTables(stores.server, begun.uid)
    await draftBatches(stores.server, begun.uid)
    await stores.operator.settleDrafts(begun.uid)
    await stores.query(`update amx.tables set profile = null, profile_options = null where path = 's.sale'`)
    await stores.query(`delete from amx.profile_cache where table_path = 's.sale'`)
    const request = descendantOf(begun, {})
    await stores.operator.beginRun(request)
    await profileTables(stores.server, request.uid)
    await draftBatches(stores.server, request.uid)
    expect(await stores.operator.observeRun(request.uid)).toMatchObject({ drafted: true })
    expect((await pathsOf(stores, request.uid)).length).toBe(6)
  })
})

describe('variations', () => {
  test('keep the alternative they are made of, whatever becomes of its row', async () => {
    const stores = await openStores()
    const source = await draftedRun(stores, shop)
    const [row] = (await stores.server.listResults(source.uid, { limit: 9, search: 's.sale.id' })).rows
    const request = descendantOf(source, { alternative: { asset: 's.sale.id', index: 2 } })
    await stores.operator.beginRun(request)
    const [unit] = await claimKind(stores.server, request.uid, 'draft')
    expect(unit?.descent).toMatchObject({
      type: 'Variations',
      rows: [{ column: 'id', seed: 'Second text for s.sale.id' }],
    })
    await stores.query(`update amx.units set state = 'waiting', holder = null where run_uid = $1`, [request.uid])
    await draftBatches(stores.server, request.uid)
    const [made] = (await stores.server.listResults(request.uid, { limit: 9 })).rows
    expect(made).toMatchObject({
      version: 2,
      versions: 2,
      seed: { rowId: row?.id, index: 2, text: 'Second text for s.sale.id' },
    })
  })
})

test('versions count on along the chain, whichever of them a rerun was made of', async () => {
  const stores = await openStores()
  const one = await draftedRun(stores, shop, { name: 'one' })
  const two = await draftedDescendant(stores, one, { assets: ['s.sale'] }, { name: 'two' })
  const three = await draftedDescendant(stores, one, {}, { name: 'three' })
  const four = await draftedDescendant(stores, two, { alternative: { asset: 's.sale', index: 1 } }, { name: 'four' })

  const [row] = (await stores.server.listResults(four.uid, { limit: 9 })).rows
  const listed = await stores.server.listVersions(four.uid, row?.id ?? '')
  expect(listed?.versions.map(({ version, run, seed }) => [version, run.name, run.type, seed?.index ?? null])).toEqual([
    [1, 'one', 'Analyze', null],
    [2, 'two', 'Rerun', null],
    [3, 'three', 'Rerun', null],
    [4, 'four', 'Variations', 1],
  ])
  const ids = listed?.versions.map(({ rowId }) => rowId) ?? []
  expect(listed?.versions.map(({ parentId }) => parentId)).toEqual([null, ids[0], ids[0], ids[1]])
  const others = (await stores.server.listResults(three.uid, { limit: 9 })).rows
  expect(others.find(({ path }) => path === 's.sale.id')).toMatchObject({ version: 2, versions: 2 })
  expect(await stores.server.listVersions(three.uid, row?.id ?? '')).toBeNull()
})

test('two reruns begun at once get versions of their own', async () => {
  const stores = await openStores()
  const source = await draftedRun(stores, shop)
  const requests = [1, 2, 3, 4].map(() => descendantOf(source, {}))
  const begun = await Promise.all(requests.map((request) => stores.operator.beginRun(request)))
  expect(begun.map(({ kind }) => kind)).toEqual(['Began', 'Began', 'Began', 'Began'])
  const versions = await stores.query<{ version: number }>(
    `select version from amx.assets where path = 's.sale.id' and root_id is not null order by version`,
  )
  expect(versions.map(({ version }) => version)).toEqual([2, 3, 4, 5])
})

test('a schema is described again from what its source drafted below it', async () => {
  const stores = await openStores()
  const request = runOf({ name: 'whole' })
  await stores.operator.beginRun(request)
  const members = { 's.customer': null, 's.sale': null, 's.old': 'Old sales.' }
  await resolveScope(stores.server, request.uid, shop, [containerOf('s', members)])
  await profileTables(stores.server, request.uid)
  const settle = async (uid: string) => {
    const texts: (string | null)[][] = []
    for (const unit of await claimAll(stores.server, uid, 'draft')) {
      const head = { unitId: unit.id, attempt: unit.attempt }
      const worker = workerOf(uid, 'draft')
      if (unit.kind === 'draft')
        await stores.server.recordResult(worker, {
          ...head,
          kind: 'draft',
          tableId: unit.tableId,
          rows: draftsOf(unit),
        })
      if (unit.kind !== 'settle') continue
      texts.push(unit.brief.members.map(({ text }) => text))
      await stores.server.recordResult(worker, { ...head, kind: 'settle', row: draftOf('s', { kind: 'Schema' }) })
    }
    return texts
  }
  await settle(request.uid)
  await settle(request.uid)
  await stores.operator.settleDrafts(request.uid)

  const again = descendantOf(request, { assets: ['s'] })
  expect(await stores.operator.beginRun(again)).toEqual({ kind: 'Began' })
  expect(await settle(again.uid)).toEqual([['First text for s.customer', 'Old sales.', 'First text for s.sale']])
  const { rows } = await stores.server.listResults(again.uid, { limit: 9 })
  expect(rows.map(({ path, kind, version }) => [path, kind, version])).toEqual([['s', 'Schema', 2]])

  const whole = descendantOf(request, {})
  await stores.operator.beginRun(whole)
  expect(await settle(whole.uid)).toEqual([])
  expect((await settle(whole.uid)).length).toBe(1)
  expect(await stores.operator.observeRun(whole.uid)).toMatchObject({ drafted: true })

  const varied = descendantOf(request, { alternative: { asset: 's', index: 1 } })
  expect(await stores.operator.beginRun(varied)).toMatchObject({
    kind: 'Refused',
    error: { message: expect.stringContaining('draft it again with type Rerun') },
  })
})
