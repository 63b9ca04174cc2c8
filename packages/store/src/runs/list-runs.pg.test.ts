import { expect, test } from 'vitest'
import { draftedRun, runOf, settingsOf, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores } from '../testing/store-fixture.ts'

type Query = Omit<Parameters<Stores['server']['listRuns']>[0], 'namespace' | 'limit'>

/** Names of all runs that match, read in pages of two. */
async function names(stores: Stores, query: Query = {}): Promise<string[]> {
  const found: string[] = []
  let after: string | undefined
  do {
    const given = { ...query, namespace: 'team', limit: 2, ...(after !== undefined && { after }) }
    const page = await stores.server.listRuns(given)
    found.push(...page.runs.map(({ name }) => name))
    after = page.next ?? undefined
  } while (after !== undefined)
  return found
}

/** Three runs that began in this order: `quick` ended, `dear` failed, `open` goes on. */
async function threeRuns(): Promise<Stores> {
  const stores = await openStores()
  const settings = settingsOf()
  const { model } = settings
  if (model === null) throw new Error('the fixture names a model')
  const named = { ...settings, model: { ...model, model: 'gpt-9' } }
  await stores.operator.beginRun({ ...runOf({ name: 'quick', uid: 'quick' }), origin: 'plugin' })
  await stores.operator.beginRun({ ...runOf({ name: 'dear', uid: 'dear', settings: named }), scopeText: 'shop: sales' })
  await stores.operator.beginRun(runOf({ name: 'open', uid: 'open', type: 'Generate' }))
  await stores.operator.setPhase('quick', 'Succeeded', true)
  await stores.operator.setPhase('dear', 'Failed', true)
  const times: [string, string, string | null, string][] = [
    ['quick', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z', '0.5'],
    ['dear', '2026-01-02T00:00:00Z', '2026-01-02T01:00:00Z', '12'],
    ['open', '2026-01-03T00:00:00Z', null, '2'],
  ]
  for (const [uid, from, to, cost] of times) {
    await stores.query('update amx.runs set started_at = $2, finished_at = $3 where uid = $1', [uid, from, to])
    await stores.query('update amx.progress set cost_usd = $2 where run_uid = $1', [uid, cost])
  }
  return stores
}

test('runs come in every order, page after page, each once', async () => {
  const stores = await threeRuns()
  expect(await names(stores)).toEqual(['open', 'dear', 'quick'])
  expect(await names(stores, { order: 'ascending' })).toEqual(['quick', 'dear', 'open'])
  expect(await names(stores, { sort: 'cost' })).toEqual(['dear', 'open', 'quick'])
  expect(await names(stores, { sort: 'duration' })).toEqual(['open', 'dear', 'quick'])
  expect(await names(stores, { sort: 'finished', order: 'ascending' })).toEqual(['quick', 'dear', 'open'])
  expect(await names(stores, { sort: 'name', order: 'ascending' })).toEqual(['dear', 'open', 'quick'])
  expect(await names(stores, { sort: 'columns' })).toHaveLength(3)
  expect(await names(stores, { sort: 'confidence' })).toHaveLength(3)
})

test('runs are found by phase, type, time, origin and words', async () => {
  const stores = await threeRuns()
  expect(await names(stores, { phases: ['Failed', 'Succeeded'] })).toEqual(['dear', 'quick'])
  expect(await names(stores, { types: ['Generate'] })).toEqual(['open'])
  expect(await names(stores, { since: new Date('2026-01-02T00:00:00Z') })).toEqual(['open', 'dear'])
  expect(await names(stores, { until: new Date('2026-01-02T00:00:00Z') })).toEqual(['quick'])
  expect(await names(stores, { origin: 'plugin' })).toEqual(['quick'])
  expect(await names(stores, { origin: 'none' })).toEqual(['open', 'dear'])
  expect(await names(stores, { search: 'GPT-9' })).toEqual(['dear'])
  expect(await names(stores, { search: 'fail sales' })).toEqual(['dear'])
  expect(await names(stores, { search: '%' })).toEqual([])
})

test('a cursor of another order is refused', async () => {
  const stores = await threeRuns()
  const { next } = await stores.server.listRuns({ namespace: 'team', limit: 1 })
  const query = { namespace: 'team', limit: 1, sort: 'cost' as const, ...(next !== null && { after: next }) }
  await expect(stores.server.listRuns(query)).rejects.toMatchObject({ code: 'AMX-1014' })
})

test('a run tells why it stopped, and forgets it when it goes on', async () => {
  const { operator, server } = await openStores()
  const { uid, name } = await draftedRun({ operator, server }, [tableOf('s.t', ['a'])])
  expect((await server.findRun('team', name))?.explanation).toBeNull()
  const stopped = { reason: 'Suspended', message: 'a person suspended it', code: null, remedy: null }
  await operator.explainRun(uid, stopped)
  await operator.setPhase(uid, 'Suspended', false)
  expect((await server.findRun('team', name))?.explanation).toEqual(stopped)
  await operator.setPhase(uid, 'Running', false)
  expect((await server.findRun('team', name))?.explanation).toBeNull()
})

test('a run whose object went before it ended is cancelled for that reason; one that had ended stays as it was', async () => {
  const stores = await openStores()
  const { operator, server } = stores
  const midway = await draftedRun(stores, [tableOf('s.t', ['a'])])
  const ended = await draftedRun(stores, [tableOf('s.u', ['a'])])
  await operator.setPhase(ended.uid, 'Succeeded', true)
  for (const { uid } of [midway, ended]) await operator.archiveRun(uid)
  const found = await server.findRun('team', midway.name)
  expect(found).toMatchObject({ phase: 'Cancelled', explanation: { reason: 'ObjectDeleted' } })
  expect([found?.finishedAt, found?.archivedAt]).not.toContain(null)
  const events = await server.readEvents(midway.uid, null, 100)
  expect(events.filter(({ type }) => type === 'RunFinished')).toHaveLength(1)
  expect(await server.findRun('team', ended.name)).toMatchObject({ phase: 'Succeeded', explanation: null })
})
