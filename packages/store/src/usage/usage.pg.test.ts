import { randomUUID } from 'node:crypto'
import { builtInPrices, type CallOutcome, type Scope, type UsageReport } from '@amx/api'
import { expect, test } from 'vitest'
import { claimKind, profileTables, resolveScope, runOf, settingsOf, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

interface Called {
  readonly model?: string
  readonly purpose?: 'draft' | 'judge'
  readonly outcome?: Partial<CallOutcome> | null
  readonly digest?: string
}

/** A run that made these calls; one without an outcome was lost with its worker. */
async function ran(stores: Stores, name: string, namespace: string, calls: readonly Called[]): Promise<string> {
  const settings = settingsOf({})
  const { model } = settings
  if (model === null) throw new Error('the fixture names a model')
  const request = runOf({ name, namespace, settings: { ...settings, model: { ...model, provider: 'OpenAI' } } })
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [tableOf('a.b', ['c'])])
  await profileTables(stores.server, request.uid)
  const [unit] = await claimKind(stores.server, request.uid, 'draft')
  if (unit === undefined) throw new Error('nothing to draft')
  const worker = workerOf(request.uid, 'draft')
  for (const { model: asked = 'gpt-4o', purpose = 'draft', outcome = {}, digest = randomUUID() } of calls) {
    const callId = randomUUID()
    const head = { callId, unitId: unit.id, attempt: unit.attempt, purpose, provider: 'OpenAI', model: asked }
    const { cachedReply } = await stores.server.beginCall(worker, { ...head, requestDigest: digest, messages: [] })
    if (outcome === null || cachedReply !== null) continue
    await stores.server.endCall(worker, callId, {
      outcome: 'Succeeded',
      reply: { content: '{}', finishReason: 'stop' },
      usage: { inputTokens: 1_000, cachedInputTokens: 400, outputTokens: 200, reasoningTokens: 50 },
      costUsd: '0.1',
      priceTable: '2026-01-01',
      requestId: null,
      latencyMs: 1,
      tries: 1,
      error: null,
      ...outcome,
    })
  }
  await stores.operator.setDesiredState(request.uid, 'Cancel')
  await stores.operator.releaseUnits(request.uid, 'draft', worker.holder)
  return request.uid
}

const lastHour = () => ({ since: new Date(Date.now() - 3_600_000), until: new Date(Date.now() + 60_000) })
const costs = ({ groups }: UsageReport) => Object.fromEntries(groups.map(({ group, cost }) => [group, cost]))

test('calls are added up by what is asked for, exactly, and in all', async () => {
  const stores = await openStores()
  await ran(stores, 'first', 'team', [{}, { purpose: 'judge', outcome: { costUsd: '0.2' } }])
  await ran(stores, 'second', 'other', [{ model: 'gpt-5', outcome: { costUsd: '0.000000001' } }])
  const read = (by: UsageReport['by'], namespace: string | null = null) =>
    stores.server.readUsage({ namespace, by, ...lastHour() })
  expect(costs(await read('model'))).toEqual({ 'OpenAI/gpt-4o': '0.3', 'OpenAI/gpt-5': '0.000000001' })
  expect(costs(await read('namespace'))).toEqual({ team: '0.3', other: '0.000000001' })
  expect(costs(await read('run', 'team'))).toEqual({ 'team/first': '0.3' })
  expect(costs(await read('purpose'))).toEqual({ judge: '0.2', draft: '0.100000001' })
  expect(costs(await read('profile', 'other'))).toEqual({ 'other/stub': '0.000000001' })
  expect(costs(await read('database', 'team'))).toEqual({ shop: '0.3' })
  const day = new Date().toISOString().slice(0, 10)
  expect(Object.keys(costs(await read('day')))).toEqual([day])
  expect((await read('hour')).groups[0]?.group).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00Z$/)
  expect((await read('week')).groups[0]?.group).toMatch(/^\d{4}-W\d\d$/)
  expect((await read('model')).total).toMatchObject({
    runs: 2,
    calls: 3,
    inputTokens: 3_000,
    cachedInputTokens: 1_200,
    outputTokens: 600,
    reasoningTokens: 150,
    cost: '0.300000001',
  })
})

test('what has no price, what came from the cache and what was lost are counted apart, never as 0', async () => {
  const stores = await openStores()
  await ran(stores, 'first', 'team', [
    { outcome: { costUsd: null, priceTable: null } },
    { digest: 'same' },
    { digest: 'same' },
    { outcome: null },
    { outcome: { outcome: 'Failed', reply: null, usage: null, costUsd: null } },
  ])
  const { total } = await stores.server.readUsage({ namespace: 'team', by: 'model', ...lastHour() })
  expect(total).toMatchObject({ calls: 4, cachedReplies: 1, unpricedCalls: 1, unknownCalls: 1, cost: '0.1' })
})

test('a time without calls has no groups and no cost', async () => {
  const stores = await openStores()
  await ran(stores, 'first', 'team', [{}])
  const long = { since: new Date('2020-01-01'), until: new Date('2020-02-01') }
  const report = await stores.server.readUsage({ namespace: null, by: 'model', ...long })
  expect(report).toMatchObject({ groups: [], total: { calls: 0, cost: null } })
})

test("today's prices are worked out anew; one unknown model makes the sum unknown", async () => {
  const stores = await openStores()
  await ran(stores, 'first', 'team', [{}, {}])
  const read = () => stores.server.readUsage({ namespace: 'team', by: 'model', today: builtInPrices, ...lastHour() })
  // 600 · 2.50 + 400 · 1.25 + 200 · 10 dollars per million, twice; 0.2 was paid
  expect((await read()).total).toMatchObject({ cost: '0.2', costToday: '0.008' })
  await ran(stores, 'second', 'team', [{ model: 'nobody-knows' }])
  const usage = { inputTokens: 1_001, cachedInputTokens: 400, outputTokens: 201, reasoningTokens: 50 }
  await ran(stores, 'third', 'team', [{ outcome: { usage } }])
  const report = await read()
  expect(report.groups.map(({ group, costToday }) => [group, costToday])).toEqual([
    // To the token, also where the calls are not of one length.
    ['OpenAI/gpt-4o', '0.0120125'],
    ['OpenAI/nobody-knows', null],
  ])
  expect(report.total.costToday).toBeNull()
})

const scope = (change: Partial<Scope> = {}): Scope => ({
  include: [],
  exclude: [],
  tablePattern: null,
  kinds: ['Table'],
  tableLimit: 0,
  missingOnly: false,
  ...change,
})

test('the tables of a database are those its runs read last, as far as a scope selects them', async () => {
  const stores = await openStores()
  const request = runOf({})
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [
    tableOf('sales.orders', ['id', 'total', 'note'], { comments: { '': 'Orders.', total: 'Sum.' } }),
    tableOf('sales.customer', ['id', 'name']),
    tableOf('stock."Odd.Name"', ['id']),
  ])
  const databaseKey = 'postgresql://warehouse:5432/shop'
  const read = async (change: Partial<Scope>) =>
    (await stores.server.readKnownTables({ namespace: 'team', databaseKey, scope: scope(change) }))?.tables.map(
      ({ columns, includeTable }) => (includeTable ? `table+${columns}` : `${columns}`),
    )
  expect(await read({})).toEqual(['table+2', 'table+3', 'table+1'])
  expect(await read({ include: ['sales'], exclude: ['sales.customer'] })).toEqual(['table+3'])
  expect(await read({ include: ['sales.orders.note'] })).toEqual(['1'])
  expect(await read({ missingOnly: true, include: ['sales.orders'] })).toEqual(['2'])
  expect(await read({ tablePattern: '^Odd' })).toEqual(['table+1'])
  expect(await read({ tableLimit: 1 })).toEqual(['table+2'])
  expect(await read({ kinds: ['View'] })).toEqual([])
  expect(await stores.server.readKnownTables({ namespace: 'other', databaseKey, scope: scope() })).toBeNull()
})
