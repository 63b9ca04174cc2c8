import { describe, expect, test } from 'vitest'
import { beginWriting, carryOutWrites, decide, undecided } from '../testing/apply-fixture.ts'
import { settingsOf } from '../testing/run-fixture.ts'
import { openStores, type Stores } from '../testing/store-fixture.ts'

/** Settings of a run over the queue of the first database. */
function over(scope: { include?: string[]; exclude?: string[]; kinds?: ('Table' | 'Schema')[] }) {
  const settings = settingsOf({ apply: { policy: 'Never' } })
  const [target] = settings.targets
  if (target === undefined) throw new Error('the settings have no target')
  const whole = { include: [], exclude: [], kinds: [], tablePattern: null, tableLimit: 0, missingOnly: false }
  return { ...settings, type: 'Apply' as const, targets: [{ ...target, scope: { ...whole, ...scope } }] }
}

const queued = async ({ server }: Stores) =>
  (await server.listQueue({ namespace: 'team', limit: 100 })).rows.map(({ path }) => path).sort()

describe('an apply over the queue', () => {
  test.each([
    ['everything', {}, ['s.orders', 's.orders.id', 's.orders.note', 't.people', 't.people.email', 't.people.id']],
    ['a schema', { include: ['s'] }, ['s.orders', 's.orders.id', 's.orders.note']],
    ['a column beside its schema, which narrows it', { include: ['s', 's.orders.id'] }, ['s.orders.id']],
    ['what is not left out', { exclude: ['s.orders', 't.people.id'] }, ['t.people', 't.people.email']],
    ['tables with their columns', { include: ['t'], kinds: ['Table'] }, ['t.people', 't.people.email', 't.people.id']],
    ['no schema descriptions when there are none', { kinds: ['Schema'] }, []],
  ] as const)('takes %s', async (_, scope, paths) => {
    const stores = await openStores()
    await decide(stores, await undecided(stores))
    const settings = over(scope as Parameters<typeof over>[0])
    const { uid } = await beginWriting(stores, { type: 'Apply', settings })
    expect((await carryOutWrites(stores, uid)).sort()).toEqual([...paths])
  })

  test('takes rows of every run of the namespace, and of no other', async () => {
    const stores = await openStores()
    await decide(stores, await undecided(stores), { items: [{ asset: 's.orders.id', verdict: 'Accept' }] })
    await decide(stores, await undecided(stores), { items: [{ asset: 's.orders.note', verdict: 'Accept' }] })
    await decide(stores, await undecided(stores, { namespace: 'other' }))
    const { uid } = await beginWriting(stores, { type: 'Apply', settings: over({}) })
    expect(await carryOutWrites(stores, uid)).toEqual(['s.orders.id', 's.orders.note'])
    expect(await queued(stores)).toEqual([])
  })

  test('leaves what failed in the queue, where the next one takes it', async () => {
    const stores = await openStores()
    await decide(stores, await undecided(stores))
    const first = await beginWriting(stores, { type: 'Apply', settings: over({ include: ['s'] }), name: 'first' })
    await carryOutWrites(stores, first.uid, (path) => (path === 's.orders.id' ? 'Failed' : 'Applied'))
    expect(await queued(stores)).toContain('s.orders.id')
    const second = await beginWriting(stores, { type: 'Apply', settings: over({ include: ['s'] }), name: 'second' })
    expect(await carryOutWrites(stores, second.uid)).toEqual(['s.orders.id'])
  })
})

describe('an apply of a run', () => {
  test('takes the assets it names alone, and is refused for one the source does not have', async () => {
    const stores = await openStores()
    const source = await undecided(stores)
    await decide(stores, source)
    const own = { type: 'Apply', sourceRunUid: source.uid } as const
    const { uid } = await beginWriting(stores, { ...own, selection: { assets: ['t.people', 's."orders".id'] } })
    expect((await carryOutWrites(stores, uid)).sort()).toEqual(['s.orders.id', 't.people'])
    const { begun } = await beginWriting(stores, { ...own, selection: { assets: ['s.gone'] } })
    expect(begun).toMatchObject({ kind: 'Refused', error: { code: 'AMX-1006' } })
  })
})

describe('a decision that asks for writing', () => {
  const item = (asset: string) => ({ items: [{ asset, verdict: 'Accept' as const }] })
  const wanted = async ({ operator }: Stores, uid: string) => (await operator.observeRun(uid))?.applyWanted

  test('writes its own rows alone, and each of several such decisions its own', async () => {
    const stores = await openStores()
    const run = await undecided(stores)
    await decide(stores, run, item('s.orders'))
    expect(await wanted(stores, run.uid)).toBe(false)
    await decide(stores, run, { ...item('s.orders.id'), apply: true })
    expect(await wanted(stores, run.uid)).toBe(true)
    expect(await carryOutWrites(stores, run.uid)).toEqual(['s.orders.id'])
    expect(await wanted(stores, run.uid)).toBe(false)
    await decide(stores, run, { ...item('s.orders.note'), apply: true })
    await decide(stores, run, { ...item('t.people'), apply: true, reviewer: 'grace' })
    expect(await carryOutWrites(stores, run.uid)).toEqual(['s.orders.note', 't.people'])
    expect(await queued(stores)).toEqual(['s.orders'])
    const { rows } = await stores.server.listChanges(run.uid, { limit: 10 })
    expect(rows.map(({ appliedBy }) => appliedBy)).toEqual(['ada', 'ada', 'grace'])
  })

  test('gives way to a later decision about its row that does not', async () => {
    const stores = await openStores()
    const run = await undecided(stores)
    await decide(stores, run, { ...item('s.orders.id'), apply: true })
    await decide(stores, run, item('s.orders.id'))
    expect(await wanted(stores, run.uid)).toBe(false)
    expect(await carryOutWrites(stores, run.uid)).toEqual([])
  })

  test('of a row that was written revises it, against the text that was written, as another entry of the audit', async () => {
    const stores = await openStores()
    const run = await undecided(stores)
    await decide(stores, run, { ...item('s.orders.id'), apply: true })
    await carryOutWrites(stores, run.uid)
    await expect(decide(stores, run, item('s.orders.id'))).rejects.toThrow('in the warehouse already')
    const revised = { asset: 's.orders.id', verdict: 'Accept' as const, text: 'Number of the order.' }
    await decide(stores, run, { items: [revised], apply: true })
    await carryOutWrites(stores, run.uid)
    const { rows } = await stores.server.listChanges(run.uid, { limit: 10 })
    expect(rows.map(({ oldText, newText }) => [oldText, newText])).toEqual([
      [null, 'First text for s.orders.id'],
      ['First text for s.orders.id', 'Number of the order.'],
    ])
  })
})
