import { randomUUID } from 'node:crypto'
import {
  type Budget,
  type CallIntent,
  type CallOutcome,
  type DraftUnit,
  estimateBatch,
  type PriceTable,
  type RunSettings,
} from '@amx/api'
import { expect, test } from 'vitest'
import { claimKind, draftsOf, profileTables, resolveScope, runOf, settingsOf, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

const settings = settingsOf({ batchSize: 10 })
const wide = (batches: number) => Array.from({ length: batches * 10 }, (_, index) => `c${index}`)

/** What the store reserves for a batch of ten columns. */
const perUnit = (() => {
  const model = { provider: 'OpenAICompatible', model: 'stub-1' } as const
  const { inputTokens, outputTokens } = estimateBatch(
    { columns: 10, includeTable: false, otherColumns: 50 },
    settings.generation,
    model,
  )
  return { inputTokens, outputTokens, tokens: inputTokens + outputTokens }
})()

async function readyToDraft(
  stores: Stores,
  budget: Budget,
  changes: Partial<RunSettings> = {},
  batches = 6,
): Promise<string> {
  const request = runOf({ settings: { ...settings, ...changes }, budget })
  await stores.operator.beginRun(request)
  const columns = wide(batches)
  await resolveScope(stores.server, request.uid, [tableOf('a.b', columns, { planned: { table: false, columns } })])
  await profileTables(stores.server, request.uid)
  return request.uid
}

const limited = (tokens: number): Budget => ({ maximumCostUsd: null, maximumTokens: tokens })

function intentOf(unit: DraftUnit, options: Partial<CallIntent> = {}): CallIntent {
  return {
    callId: randomUUID(),
    unitId: unit.id,
    attempt: unit.attempt,
    purpose: 'draft',
    provider: 'OpenAICompatible',
    model: 'stub-1',
    requestDigest: randomUUID(),
    messages: [{ role: 'user', content: 'x'.repeat(perUnit.inputTokens * 4) }],
    ...options,
  }
}

function outcomeOf(options: Partial<CallOutcome> = {}): CallOutcome {
  const { inputTokens, outputTokens } = perUnit
  return {
    outcome: 'Succeeded',
    reply: { content: '{}', finishReason: 'stop' },
    usage: { inputTokens, outputTokens, cachedInputTokens: 0, reasoningTokens: 0 },
    costUsd: null,
    priceTable: null,
    requestId: null,
    latencyMs: 5,
    tries: 1,
    error: null,
    ...options,
  }
}

async function draft(stores: Stores, uid: string, unit: DraftUnit, outcome = outcomeOf()): Promise<void> {
  const worker = workerOf(uid, 'draft')
  const intent = intentOf(unit)
  await stores.server.beginCall(worker, intent)
  await stores.server.endCall(worker, intent.callId, outcome)
  await stores.server.recordResult(worker, {
    unitId: unit.id,
    attempt: unit.attempt,
    kind: 'draft',
    tableId: unit.tableId,
    rows: draftsOf(unit),
  })
}

const claim = (stores: Stores, uid: string, capacity = 100, holder = 'draft-pod') =>
  stores.server.claim(workerOf(uid, 'draft', holder), { capacity, waitMs: 0 })

test('as many units are handed out as the budget has room for, and the rest only when what they used is known', async () => {
  const stores = await openStores()
  const uid = await readyToDraft(stores, limited(perUnit.tokens * 3))
  const first = await claimKind(stores.server, uid, 'draft')
  expect(first.length).toBe(3)
  expect(await claim(stores, uid)).toMatchObject({ units: [], stop: null })
  const [unit] = first
  if (unit === undefined) throw new Error('nothing claimed')
  // Half of what was reserved: not yet room for another.
  const half = { ...outcomeOf(), usage: { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0, reasoningTokens: 0 } }
  await draft(stores, uid, unit, half)
  expect((await claim(stores, uid)).units.length).toBe(0)
  const second = first[1]
  if (second === undefined) throw new Error('nothing claimed')
  await draft(stores, uid, second, half)
  expect((await claim(stores, uid)).units.length).toBe(1)
})

test('claims of many workers at once never reserve more than the budget', async () => {
  const stores = await openStores()
  const uid = await readyToDraft(stores, limited(perUnit.tokens * 4), {}, 12)
  const claims = await Promise.all(Array.from({ length: 8 }, (_, index) => claim(stores, uid, 2, `pod-${index}`)))
  expect(claims.flatMap(({ units }) => units).length).toBe(4)
})

test('a budget that is used up stops the workers and tells the run why, once', async () => {
  const stores = await openStores()
  const uid = await readyToDraft(stores, limited(perUnit.tokens * 2))
  for (const unit of await claimKind(stores.server, uid, 'draft')) await draft(stores, uid, unit)
  expect(await claim(stores, uid)).toEqual({ units: [], done: false, stop: 'Budget' })
  expect(await claim(stores, uid)).toEqual({ units: [], done: false, stop: 'Budget' })
  const seen = await stores.operator.observeRun(uid)
  expect(seen?.budget.error).toMatchObject({ code: 'AMX-1030' })
  expect(seen?.budget.error?.message).toContain(`${perUnit.tokens * 2} tokens are spent or in flight`)
  expect(seen?.summary.cost.calls).toBe(2)
  const warnings = (await stores.server.readEvents(uid, null, 100)).filter(({ type }) => type === 'Warning')
  expect(warnings.length).toBe(1)
})

test('a raised budget lets drafting go on where it stopped', async () => {
  const stores = await openStores()
  const uid = await readyToDraft(stores, limited(perUnit.tokens))
  for (const unit of await claimKind(stores.server, uid, 'draft')) await draft(stores, uid, unit)
  expect((await claim(stores, uid)).stop).toBe('Budget')
  await stores.operator.setBudget(uid, limited(perUnit.tokens * 3))
  expect((await stores.operator.observeRun(uid))?.budget.error).toBeNull()
  expect((await claim(stores, uid)).units.length).toBe(2)
  await stores.operator.setBudget(uid, null)
  expect((await claim(stores, uid)).units.length).toBe(3)
})

test('what is not drafted can be left out, and the drafts are settled without it', async () => {
  const stores = await openStores()
  const uid = await readyToDraft(stores, limited(perUnit.tokens * 2))
  for (const unit of await claimKind(stores.server, uid, 'draft')) await draft(stores, uid, unit)
  expect((await claim(stores, uid)).stop).toBe('Budget')
  expect((await stores.operator.observeRun(uid))?.drafted).toBe(false)
  expect(await stores.operator.leaveOutUndrafted(uid, 'AMX-1030 too dear')).toBe(40)
  const seen = await stores.operator.observeRun(uid)
  expect(seen).toMatchObject({ drafted: true, summary: { columns: { drafted: 20, skipped: 40, failed: 0 } } })
  const { rows } = await stores.operator.settleDrafts(uid)
  expect(rows).toBe(20)
  const { rows: results } = await stores.server.listResults(uid, { limit: 100 })
  expect(results.find(({ path }) => path === 'a.b.c59')).toMatchObject({ skippedReason: 'AMX-1030 too dear' })
})

test('a call beyond the first of a batch is refused when the budget does not leave what it will take', async () => {
  const stores = await openStores()
  const uid = await readyToDraft(stores, limited(perUnit.tokens + 100))
  const [unit] = await claimKind(stores.server, uid, 'draft')
  if (unit === undefined) throw new Error('nothing claimed')
  const worker = workerOf(uid, 'draft')
  const first = intentOf(unit)
  await stores.server.beginCall(worker, first)
  // The same call announced again after a lost answer is the same call.
  await stores.server.beginCall(worker, first)
  await stores.server.endCall(worker, first.callId, outcomeOf())
  for (const purpose of ['continuation', 'missing-columns', 'split', 'judge'] as const) {
    await expect(stores.server.beginCall(worker, intentOf(unit, { purpose }))).rejects.toMatchObject({
      code: 'AMX-1030',
    })
  }
  const small = intentOf(unit, { purpose: 'embedding', messages: [{ role: 'user', content: 'short' }] })
  expect(await stores.server.beginCall(worker, small)).toMatchObject({ cachedReply: null })
})

test('a stored reply costs nothing: it is given whatever the budget', async () => {
  const stores = await openStores()
  const earlier = await readyToDraft(stores, limited(perUnit.tokens * 10))
  const [paid] = await claimKind(stores.server, earlier, 'draft')
  if (paid === undefined) throw new Error('nothing claimed')
  const intent = intentOf(paid, { requestDigest: 'sha256:same' })
  await stores.server.beginCall(workerOf(earlier, 'draft'), intent)
  await stores.server.endCall(workerOf(earlier, 'draft'), intent.callId, outcomeOf())

  const uid = await readyToDraft(stores, limited(perUnit.tokens))
  const [unit] = await claimKind(stores.server, uid, 'draft')
  if (unit === undefined) throw new Error('nothing claimed')
  const worker = workerOf(uid, 'draft')
  const spent = intentOf(unit)
  await stores.server.beginCall(worker, spent)
  await stores.server.endCall(worker, spent.callId, outcomeOf())
  const again = intentOf(unit, { purpose: 'split', requestDigest: 'sha256:same' })
  expect((await stores.server.beginCall(worker, again)).cachedReply).not.toBeNull()
})

test('a call whose outcome nobody knows stays reserved, since it may have been paid for', async () => {
  const stores = await openStores({ leaseMs: 50 })
  const uid = await readyToDraft(stores, limited(perUnit.tokens * 2), {}, 1)
  const [unit] = await claimKind(stores.server, uid, 'draft')
  if (unit === undefined) throw new Error('nothing claimed')
  await stores.server.beginCall(workerOf(uid, 'draft'), intentOf(unit))
  await expect.poll(async () => (await claim(stores, uid)).units.length, { timeout: 5_000 }).toBe(1)
  await stores.operator.setBudget(uid, limited(perUnit.tokens * 2 - 1))
  await expect.poll(async () => (await claim(stores, uid)).stop, { timeout: 10_000 }).toBe('Budget')
})

const prices: PriceTable = {
  version: 'test',
  models: [
    {
      origin: 'Own',
      entry: {
        provider: 'OpenAICompatible',
        model: 'stub-1',
        inputPerMillion: '1',
        outputPerMillion: '10',
        asOf: '2026-11-01',
        source: 'test',
      },
    },
  ],
}

test('money is reserved by the price table of the server, and counted as the calls say', async () => {
  const stores = await openStores({ prices: () => prices })
  const unitUsd = (perUnit.inputTokens + perUnit.outputTokens * 10) / 1_000_000
  const uid = await readyToDraft(stores, { maximumCostUsd: (unitUsd * 2.5).toFixed(9), maximumTokens: 0 })
  const units = await claimKind(stores.server, uid, 'draft')
  expect(units.length).toBe(2)
  for (const unit of units) await draft(stores, uid, unit, outcomeOf({ costUsd: '0.000001', priceTable: 'test' }))
  expect((await claim(stores, uid)).units.length).toBe(2)
})

test('a limit of money for a model without a price lets nothing through', async () => {
  const stores = await openStores()
  const uid = await readyToDraft(stores, { maximumCostUsd: '100', maximumTokens: 0 })
  expect(await claim(stores, uid)).toMatchObject({ units: [], stop: 'Budget' })
  expect((await stores.operator.observeRun(uid))?.budget.error).toMatchObject({ code: 'AMX-1031' })
})

test('the built-in drafter calls nobody: no budget holds it', async () => {
  const stores = await openStores()
  const { model } = settings
  if (model === null) throw new Error('the fixture names a model')
  const uid = await readyToDraft(stores, limited(1), { model: { ...model, provider: 'BuiltIn' } })
  expect((await claim(stores, uid)).units.length).toBe(6)
})
