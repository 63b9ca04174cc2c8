import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { DecisionFilter, DecisionItem, RecordDecisionResult } from '../contract.ts'
import { draftedDescendant } from '../testing/descendant-fixture.ts'
import { claimKind, type DraftedRun, draftedRun, settingsOf, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

const shop = [tableOf('s.sale', ['id', 'sold_at'])]

function decide(
  { operator }: Stores,
  run: DraftedRun,
  decision: { readonly items?: readonly DecisionItem[]; readonly filter?: DecisionFilter },
): Promise<RecordDecisionResult> {
  const uid = randomUUID()
  const about = { uid, name: uid, runUid: run.uid, draftDigest: run.digest, reviewer: 'ada', comment: '' }
  return operator.recordDecision({ ...about, ...decision })
}

const accept = (asset: string): DecisionItem => ({ asset, verdict: 'Accept' })
const queueOf = async ({ server }: Stores) =>
  (await server.listQueue({ namespace: 'team', limit: 99 })).rows.map(({ path, run }) => [path, run.name])
const rowOf = async ({ server }: Stores, run: DraftedRun, path: string) =>
  (await server.listResults(run.uid, { limit: 99 })).rows.find((row) => row.path === path)

async function twoVersions(stores: Stores) {
  const one = await draftedRun(stores, shop, { name: 'one' })
  const two = await draftedDescendant(stores, one, {}, { name: 'two' })
  return { one, two }
}

test('an accepted version locks the others until it is restored', async () => {
  const stores = await openStores()
  const { one, two } = await twoVersions(stores)
  await decide(stores, one, { items: [accept('s.sale.id')] })

  expect(await decide(stores, two, { items: [accept('s.sale.sold_at'), accept('s.sale.id')] })).toMatchObject({
    kind: 'Refused',
    reason: 'VersionLocked',
    error: {
      code: 'AMX-1022',
      message: expect.stringContaining('version 1 of it, in run "one"'),
      remedy: expect.stringContaining('kubectl amx restore one s.sale.id'),
    },
  })
  expect(await rowOf(stores, two, 's.sale.id')).toMatchObject({ state: 'Unreviewed', lock: { run: 'one', version: 1 } })
  expect(await rowOf(stores, two, 's.sale.sold_at')).toMatchObject({ state: 'Unreviewed', lock: null })
  expect(await rowOf(stores, one, 's.sale.id')).toMatchObject({ lock: null })

  await decide(stores, one, { items: [{ asset: 's.sale.id', verdict: 'Restore' }] })
  expect(await rowOf(stores, two, 's.sale.id')).toMatchObject({ lock: null })
  expect(await decide(stores, two, { items: [accept('s.sale.id')] })).toMatchObject({ kind: 'Recorded' })
  expect(await rowOf(stores, one, 's.sale.id')).toMatchObject({ lock: { run: 'two', version: 2 } })
  expect(await queueOf(stores)).toEqual([['s.sale.id', 'two']])
})

test('a locked version can still be skipped or rejected', async () => {
  const stores = await openStores()
  const { one, two } = await twoVersions(stores)
  await decide(stores, one, { items: [accept('s.sale'), accept('s.sale.id')] })
  const items = [
    { asset: 's.sale', verdict: 'Skip' },
    { asset: 's.sale.id', verdict: 'Reject' },
  ] as const
  expect(await decide(stores, two, { items })).toMatchObject({ kind: 'Recorded', counts: { skipped: 1, rejected: 1 } })
})

test('the accepted version itself can be accepted with another text', async () => {
  const stores = await openStores()
  const { one } = await twoVersions(stores)
  await decide(stores, one, { items: [accept('s.sale.id')] })
  expect(await decide(stores, one, { items: [{ ...accept('s.sale.id'), text: 'Own words.' }] })).toMatchObject({
    kind: 'Recorded',
  })
})

test('a filter and a review policy leave locked versions out', async () => {
  const stores = await openStores()
  const { one, two } = await twoVersions(stores)
  await decide(stores, one, { items: [accept('s.sale.id')] })
  expect(await decide(stores, two, { filter: { verdict: 'Accept', kinds: ['Column'] } })).toMatchObject({
    counts: { accepted: 1, superseded: 0 },
  })
  const settings = settingsOf({ review: { strategy: 'Auto', accept: 'All' } })
  const three = await draftedDescendant(stores, one, {}, { name: 'three', settings })
  expect(await stores.operator.acceptByPolicy(three.uid)).toMatchObject({ accepted: 1 })
  expect(await queueOf(stores)).toEqual([
    ['s.sale.id', 'one'],
    ['s.sale.sold_at', 'two'],
    ['s.sale', 'three'],
  ])
})

test('of two versions accepted at once one is refused', async () => {
  const stores = await openStores()
  const { one, two } = await twoVersions(stores)
  const results = await Promise.all([one, two].map((run) => decide(stores, run, { items: [accept('s.sale.id')] })))
  expect(results.map(({ kind }) => kind).sort()).toEqual(['Recorded', 'Refused'])
  expect(await queueOf(stores)).toHaveLength(1)
})

test('a version that is written locks nothing any more', async () => {
  const stores = await openStores()
  const { one, two } = await twoVersions(stores)
  await decide(stores, one, { items: [accept('s.sale.id')] })
  await stores.operator.planApply(one.uid)
  for (const unit of await claimKind(stores.server, one.uid, 'apply')) {
    await stores.server.recordResult(workerOf(one.uid, 'apply'), {
      unitId: unit.id,
      attempt: unit.attempt,
      kind: 'apply',
      rows: unit.rows.map(({ rowId }) => ({
        rowId,
        outcome: 'Applied',
        oldText: null,
        statement: 'COMMENT',
        error: null,
      })),
      statements: 1,
      durationMs: 1,
    })
  }
  expect(await decide(stores, two, { items: [accept('s.sale.id')] })).toMatchObject({ kind: 'Recorded' })
  expect(await queueOf(stores)).toEqual([['s.sale.id', 'two']])
})

test('a rerun writes its own rows, not those of its source', async () => {
  const stores = await openStores()
  const { one, two } = await twoVersions(stores)
  await decide(stores, one, { items: [accept('s.sale.id')] })
  await decide(stores, two, { items: [accept('s.sale.sold_at')] })
  expect(await stores.operator.planApply(two.uid)).toEqual({ rows: 1, units: 1 })
  const [unit] = await claimKind(stores.server, two.uid, 'apply')
  expect(unit?.rows.map(({ path }) => path)).toEqual(['s.sale.sold_at'])
})

test('a run apart from the chain still supersedes', async () => {
  const stores = await openStores()
  const { one } = await twoVersions(stores)
  const apart = await draftedRun(stores, shop, { name: 'apart' })
  await decide(stores, one, { items: [accept('s.sale.id')] })
  expect(await decide(stores, apart, { items: [accept('s.sale.id')] })).toMatchObject({ counts: { superseded: 1 } })
})

test('a path in two databases is decided by the name of its target', async () => {
  const stores = await openStores()
  const run = await draftedRun(stores, shop, { targets: 2 })
  expect(await decide(stores, run, { items: [accept('s.sale.id')] })).toMatchObject({
    kind: 'Refused',
    reason: 'NotReviewable',
    error: { message: expect.stringContaining('set target to one of shop, shop-1') },
  })
  expect(await decide(stores, run, { items: [{ ...accept('s.sale.id'), target: 'nope' }] })).toMatchObject({
    kind: 'Refused',
    error: { message: expect.stringContaining('the run has no target "nope"; it has shop, shop-1') },
  })
  const items = [
    { ...accept('s.sale.id'), target: 'shop-1' },
    { asset: 's.sale.id', verdict: 'Reject' as const, target: 'shop' },
  ]
  expect(await decide(stores, run, { items })).toMatchObject({ kind: 'Recorded', counts: { accepted: 1, rejected: 1 } })
  const { rows } = await stores.server.listResults(run.uid, { limit: 99, search: 's.sale.id' })
  expect(rows.map(({ databaseProfile, state }) => [databaseProfile, state])).toEqual([
    ['shop', 'Rejected'],
    ['shop-1', 'Accepted'],
  ])
})

test('an asset is named twice by two names of its target', async () => {
  const stores = await openStores()
  const run = await draftedRun(stores, shop)
  const items = [accept('s.sale.id'), { ...accept('s.sale.id'), target: 'shop/shop' }]
  expect(await decide(stores, run, { items })).toMatchObject({
    kind: 'Refused',
    error: { message: expect.stringContaining('twice') },
  })
})
