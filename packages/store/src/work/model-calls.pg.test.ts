import { randomUUID } from 'node:crypto'
import type { CallIntent, CallOutcome, DraftUnit } from '@amx/api'
import { expect, test } from 'vitest'
import { descendantOf } from '../testing/descendant-fixture.ts'
import { claimKind, draftedRun, profileTables, resolveScope, runOf, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'

async function heldUnit(stores: Stores, namespace = 'team'): Promise<{ uid: string; unit: DraftUnit }> {
  const request = runOf({ namespace })
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [tableOf('a.b', ['c'])])
  await profileTables(stores.server, request.uid)
  const [unit] = await claimKind(stores.server, request.uid, 'draft')
  if (unit === undefined) throw new Error('nothing to draft')
  return { uid: request.uid, unit }
}

function intentOf(unit: DraftUnit, options: Partial<CallIntent> = {}): CallIntent {
  return {
    callId: randomUUID(),
    unitId: unit.id,
    attempt: unit.attempt,
    purpose: 'draft',
    provider: 'OpenAICompatible',
    model: 'stub-1',
    requestDigest: 'sha256:request',
    messages: [{ role: 'user', content: 'describe\u0000 this \ud800' }],
    ...options,
  }
}

function outcomeOf(options: Partial<CallOutcome> = {}): CallOutcome {
  return {
    outcome: 'Succeeded',
    reply: { content: '{"columns": []}', finishReason: 'stop' },
    usage: { inputTokens: 1000, cachedInputTokens: 100, outputTokens: 200, reasoningTokens: 0 },
    costUsd: '0.0315',
    priceTable: '2026-11-01',
    requestId: 'req-1',
    latencyMs: 900,
    tries: 1,
    error: null,
    ...options,
  }
}

const costOf = async ({ operator }: Stores, uid: string) => (await operator.observeRun(uid))?.summary.cost

test('a call is counted with its tokens and its cost to the last digit, once', async () => {
  const stores = await openStores()
  const { uid, unit } = await heldUnit(stores)
  const worker = workerOf(uid, 'draft')
  for (const costUsd of ['0.1', '0.2', '0.000000001']) {
    const intent = intentOf(unit, { requestDigest: costUsd })
    expect(await stores.server.beginCall(worker, intent)).toEqual({ cachedReply: null })
    expect(await stores.server.endCall(worker, intent.callId, outcomeOf({ costUsd }))).toEqual({ recorded: true })
    expect(await stores.server.endCall(worker, intent.callId, outcomeOf({ costUsd }))).toEqual({ recorded: false })
  }
  expect(await costOf(stores, uid)).toEqual({
    amount: '0.300000001',
    inputTokens: 3000,
    cachedInputTokens: 300,
    outputTokens: 600,
    reasoningTokens: 0,
    calls: 3,
    cachedReplies: 0,
    unknownCalls: 0,
    unpricedCalls: 0,
    priceTable: '2026-11-01',
  })
})

test('a call without a known price is never counted as free', async () => {
  const stores = await openStores()
  const { uid, unit } = await heldUnit(stores)
  const intent = intentOf(unit)
  await stores.server.beginCall(workerOf(uid, 'draft'), intent)
  await stores.server.endCall(workerOf(uid, 'draft'), intent.callId, outcomeOf({ costUsd: null, priceTable: null }))
  expect(await costOf(stores, uid)).toMatchObject({ amount: null, unpricedCalls: 1, calls: 1 })
})

test('a reply without token counts is never counted as free', async () => {
  const stores = await openStores()
  const { uid, unit } = await heldUnit(stores)
  const intent = intentOf(unit)
  await stores.server.beginCall(workerOf(uid, 'draft'), intent)
  const outcome = outcomeOf({ usage: null, costUsd: null, priceTable: null })
  await stores.server.endCall(workerOf(uid, 'draft'), intent.callId, outcome)
  expect(await costOf(stores, uid)).toMatchObject({ amount: null, unpricedCalls: 1, calls: 1 })
})

test('a reply that came before the crash is given back instead of being paid for again', async () => {
  const stores = await openStores({ sweepMs: 60_000 })
  const { uid, unit } = await heldUnit(stores)
  const worker = workerOf(uid, 'draft')
  const intent = intentOf(unit)
  await stores.server.beginCall(worker, intent)
  await stores.server.endCall(worker, intent.callId, outcomeOf())
  await stores.query(`update amx.units set lease_until = now() - interval '1 s' where state = 'leased'`)
  const [again] = await claimKind(stores.server, uid, 'draft', 'next')
  if (again === undefined) throw new Error('nothing came back')
  expect(await stores.server.beginCall(worker, intentOf(again))).toEqual({
    cachedReply: { content: '{"columns": []}', finishReason: 'stop' },
  })
  expect(await costOf(stores, uid)).toMatchObject({ amount: '0.0315', calls: 1, cachedReplies: 1 })
})

test.each<[string, Partial<CallOutcome>]>([
  ['a cut reply', { outcome: 'Truncated', reply: { content: '{', finishReason: 'length' } }],
  ['a reply that did not stop by itself', { reply: { content: '{', finishReason: 'length' } }],
  ['a failure', { outcome: 'Failed', reply: null, usage: null, costUsd: null }],
])('%s is not kept for the next call', async (_, outcome) => {
  const stores = await openStores()
  const { uid, unit } = await heldUnit(stores)
  const intent = intentOf(unit)
  await stores.server.beginCall(workerOf(uid, 'draft'), intent)
  await stores.server.endCall(workerOf(uid, 'draft'), intent.callId, outcomeOf(outcome))
  expect(await stores.server.beginCall(workerOf(uid, 'draft'), intentOf(unit))).toEqual({ cachedReply: null })
})

test('a team is never given the reply of another team', async () => {
  const stores = await openStores()
  const [ours, theirs] = [await heldUnit(stores), await heldUnit(stores, 'other-team')]
  const intent = intentOf(ours.unit)
  await stores.server.beginCall(workerOf(ours.uid, 'draft'), intent)
  await stores.server.endCall(workerOf(ours.uid, 'draft'), intent.callId, outcomeOf())
  expect(await stores.server.beginCall(workerOf(theirs.uid, 'draft'), intentOf(theirs.unit))).toEqual({
    cachedReply: null,
  })
  const foreign = stores.server.endCall(workerOf(theirs.uid, 'draft'), intent.callId, outcomeOf())
  await expect(foreign).rejects.toMatchObject({ code: 'AMX-1013' })
})

test('a call whose process died shows as one of unknown outcome, until its outcome comes after all', async () => {
  const stores = await openStores({ sweepMs: 60_000 })
  const { uid, unit } = await heldUnit(stores)
  const worker = workerOf(uid, 'draft')
  const intent = intentOf(unit)
  await stores.server.beginCall(worker, intent)
  expect(await costOf(stores, uid)).toMatchObject({ calls: 0, unknownCalls: 0 })
  await stores.query(`update amx.units set lease_until = now() - interval '1 s' where state = 'leased'`)
  expect(await costOf(stores, uid)).toMatchObject({ calls: 1, unknownCalls: 1 })
  await claimKind(stores.server, uid, 'draft', 'next')
  expect(await costOf(stores, uid)).toMatchObject({ calls: 1, unknownCalls: 1 })
  await expect(stores.server.beginCall(worker, intentOf(unit))).rejects.toMatchObject({ code: 'AMX-9003' })
  await stores.server.endCall(worker, intent.callId, outcomeOf())
  expect(await costOf(stores, uid)).toMatchObject({ calls: 1, unknownCalls: 0, amount: '0.0315' })
})

test('announcing the same call twice is one call', async () => {
  const stores = await openStores()
  const { uid, unit } = await heldUnit(stores)
  const intent = intentOf(unit)
  await stores.server.beginCall(workerOf(uid, 'draft'), intent)
  await stores.server.beginCall(workerOf(uid, 'draft'), intent)
  expect(await stores.query('select call_id from amx.calls')).toHaveLength(1)
})

test('a rerun pays for a question that was answered before, and never twice for its own', async () => {
  const stores = await openStores()
  const source = await draftedRun(stores, [tableOf('a.b', ['c'])])
  const begin = async (type: 'Rerun' | 'Analyze') => {
    const request = type === 'Rerun' ? descendantOf(source, { assets: ['a.b.c'] }) : null
    if (request === null) return heldUnit(stores)
    await stores.operator.beginRun(request)
    const [unit] = await claimKind(stores.server, request.uid, 'draft')
    if (unit === undefined) throw new Error('nothing to draft')
    return { uid: request.uid, unit }
  }
  const ask = async ({ uid, unit }: { uid: string; unit: DraftUnit }, content: string) => {
    const intent = intentOf(unit)
    const { cachedReply } = await stores.server.beginCall(workerOf(uid, 'draft'), intent)
    if (cachedReply !== null) return cachedReply.content
    const reply = { content, finishReason: 'stop' }
    await stores.server.endCall(workerOf(uid, 'draft'), intent.callId, outcomeOf({ reply }))
    return 'asked'
  }
  expect(await ask(await begin('Analyze'), 'first')).toBe('asked')
  const rerun = await begin('Rerun')
  expect(await ask(rerun, 'second')).toBe('asked')
  expect(await ask(rerun, 'third')).toBe('second')
  expect(await ask(await begin('Analyze'), 'fourth')).toBe('first')
})
