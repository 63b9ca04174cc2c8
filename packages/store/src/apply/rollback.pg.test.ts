import { describe, expect, test } from 'vitest'
import { beginWriting, carryOutWrites, decide, post, undecided } from '../testing/apply-fixture.ts'
import { claimKind } from '../testing/run-fixture.ts'
import { openStores, type Stores } from '../testing/store-fixture.ts'

/** A run that wrote all its rows. */
async function written(stores: Stores) {
  const run = await undecided(stores)
  await decide(stores, run, { filter: { verdict: 'Accept' }, apply: true })
  await carryOutWrites(stores, run.uid)
  return run
}

const rowOf = async ({ server }: Stores, uid: string, path: string) =>
  (await server.listResults(uid, { limit: 100 })).rows.find((row) => row.path === path)

const rollback = (stores: Stores, source: string, assets?: readonly string[]) =>
  beginWriting(stores, {
    type: 'Rollback',
    name: 'undo',
    sourceRunUid: source,
    requestedBy: 'grace',
    ...(assets !== undefined && { selection: { assets } }),
  })

describe('a rollback', () => {
  test('puts back what stood there before the run, where its text still stands, and says who asked', async () => {
    const stores = await openStores()
    const run = await written(stores)
    const { uid } = await rollback(stores, run.uid, ['s.orders.id', 's.orders.note'])
    await stores.operator.planApply(uid)
    expect(await stores.operator.planApply(uid)).toEqual({ rows: 0, units: 0 })
    const [unit] = await claimKind(stores.server, uid, 'apply')
    expect(unit?.rows).toMatchObject([
      { path: 's.orders.id', text: '', expected: 'First text for s.orders.id' },
      { path: 's.orders.note', text: '', expected: 'First text for s.orders.note' },
    ])
    if (unit === undefined) throw new Error('no unit')
    await post(stores, uid, unit, (path) => (path === 's.orders.note' ? 'Drifted' : 'Applied'))

    expect(await rowOf(stores, run.uid, 's.orders.id')).toMatchObject({
      state: 'Unreviewed',
      applyOutcome: 'RolledBack',
      chosenText: null,
    })
    expect(await rowOf(stores, run.uid, 's.orders.note')).toMatchObject({ state: 'Accepted', applyOutcome: 'Applied' })
    const { rows } = await stores.server.listChanges(uid, { limit: 10 })
    expect(rows).toMatchObject([
      { path: 's.orders.id', oldText: 'First text for s.orders.id', newText: '', decidedBy: 'ada', appliedBy: 'grace' },
      { path: 's.orders.note', outcome: 'Drifted' },
    ])
  })

  test('makes its rows reviewable again: what is accepted anew is written against the text that was put back', async () => {
    const stores = await openStores()
    const run = await written(stores)
    await carryOutWrites(stores, (await rollback(stores, run.uid)).uid)
    await decide(stores, run, { items: [{ asset: 's.orders.id', verdict: 'Accept', alternative: 2 }], apply: true })
    await stores.operator.planApply(run.uid)
    const [unit] = await claimKind(stores.server, run.uid, 'apply')
    expect(unit?.rows).toMatchObject([{ text: 'Second text for s.orders.id', expected: null }])
  })

  test('can be rolled back itself, and that again', async () => {
    const stores = await openStores()
    const run = await written(stores)
    const first = await rollback(stores, run.uid, ['t.people'])
    await carryOutWrites(stores, first.uid)
    const second = await rollback(stores, first.uid)
    await carryOutWrites(stores, second.uid)
    expect(await rowOf(stores, run.uid, 't.people')).toMatchObject({
      state: 'Accepted',
      applyOutcome: 'Applied',
      chosenText: 'First text for t.people',
      decidedBy: 'ada',
    })
    await carryOutWrites(stores, (await rollback(stores, second.uid)).uid)
    expect(await rowOf(stores, run.uid, 't.people')).toMatchObject({ state: 'Unreviewed', applyOutcome: 'RolledBack' })
  })

  test('goes back to before the first write of a row that the run wrote twice', async () => {
    const stores = await openStores()
    const run = await written(stores)
    const revised = { asset: 's.orders.id', verdict: 'Accept' as const, text: 'Number of the order.' }
    await decide(stores, run, { items: [revised], apply: true })
    await carryOutWrites(stores, run.uid)
    const { uid } = await rollback(stores, run.uid, ['s.orders.id'])
    await stores.operator.planApply(uid)
    const [unit] = await claimKind(stores.server, uid, 'apply')
    expect(unit?.rows).toMatchObject([{ text: '', expected: 'Number of the order.' }])
  })

  test('leaves a row alone that was decided anew since', async () => {
    const stores = await openStores()
    const run = await written(stores)
    await decide(stores, run, { items: [{ asset: 's.orders.id', verdict: 'Accept', alternative: 2 }] })
    await carryOutWrites(stores, (await rollback(stores, run.uid, ['s.orders.id'])).uid)
    expect(await rowOf(stores, run.uid, 's.orders.id')).toMatchObject({
      state: 'Accepted',
      chosenText: 'Second text for s.orders.id',
    })
  })

  test('refuses a row whose old text is not known, with the reason, and puts back the others', async () => {
    const stores = await openStores()
    const run = await undecided(stores, { apply: { policy: 'Never', onDrift: 'Overwrite' } })
    await decide(stores, run, { filter: { verdict: 'Accept' }, apply: true })
    await stores.operator.planApply(run.uid)
    await claimKind(stores.server, run.uid, 'apply')
    await stores.query(
      `update amx.units set state = 'waiting' where state = 'leased' and table_path = 's.orders' and run_uid = $1`,
      [run.uid],
    )
    // The second attempt finds its text there and cannot tell what the first one replaced.
    for (const unit of await claimKind(stores.server, run.uid, 'apply')) await post(stores, run.uid, unit)
    const { uid } = await rollback(stores, run.uid)
    expect(await stores.operator.planApply(uid)).toEqual({ rows: 3, units: 0 })
    const { rows } = await stores.server.listChanges(uid, { limit: 10 })
    expect(rows.map(({ outcome, problem }) => [outcome, problem?.code])).toEqual(
      Array.from({ length: 3 }, () => ['Refused', 'AMX-1052']),
    )
    expect((await stores.operator.observeRun(uid))?.summary.apply).toMatchObject({ refused: 3 })
  })

  test('of a run that wrote nothing is refused and names who wrote its rows', async () => {
    const stores = await openStores()
    const run = await undecided(stores)
    await decide(stores, run)
    const apply = await beginWriting(stores, { type: 'Apply', sourceRunUid: run.uid, name: 'the-writer' })
    await carryOutWrites(stores, apply.uid)
    const { begun } = await rollback(stores, run.uid)
    expect(begun).toMatchObject({ kind: 'Refused', error: { code: 'AMX-1050' } })
    expect(JSON.stringify(begun)).toContain('written by the-writer')
    const other = await rollback(stores, apply.uid, ['s.orders.gone'])
    expect(other.begun).toMatchObject({ kind: 'Refused', error: { code: 'AMX-1051' } })
  })

  test('as a dry run changes no row', async () => {
    const stores = await openStores()
    const run = await written(stores)
    const { uid } = await beginWriting(stores, {
      type: 'Rollback',
      sourceRunUid: run.uid,
      apply: { policy: 'Never', dryRun: true },
    })
    await carryOutWrites(stores, uid)
    expect(await rowOf(stores, run.uid, 's.orders.id')).toMatchObject({ state: 'Accepted', applyOutcome: 'Applied' })
  })
})
