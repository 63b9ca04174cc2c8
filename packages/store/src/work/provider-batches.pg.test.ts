import { randomUUID } from 'node:crypto'
import type { CallIntent, DraftUnit } from '@amx/api'
import { expect, test } from 'vitest'
import { claimKind, profileTables, resolveScope, runOf, settingsOf, tableOf } from '../testing/run-fixture.ts'
import { openStores, workerOf } from '../testing/store-fixture.ts'

function batchedRun() {
  const settings = settingsOf({ concurrency: 1 })
  return runOf({ settings: { ...settings, generation: { ...settings.generation, batchAPI: true } } })
}

async function begunCalls(...digests: readonly string[]) {
  const stores = await openStores()
  const request = batchedRun()
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [tableOf('a.b', ['c'])])
  await profileTables(stores.server, request.uid)
  const [unit] = await claimKind(stores.server, request.uid, 'draft')
  if (unit === undefined) throw new Error('nothing to draft')
  const worker = workerOf(request.uid, 'draft')
  const intents = digests.map((digest) => intentOf(unit, digest))
  for (const intent of intents) await stores.server.beginCall(worker, intent)
  return { store: stores.server, worker, callIds: intents.map(({ callId }) => callId) }
}

function intentOf(unit: DraftUnit, requestDigest: string): CallIntent {
  const head = { callId: randomUUID(), unitId: unit.id, attempt: unit.attempt, requestDigest }
  return { ...head, purpose: 'draft', provider: 'OpenAI', model: 'gpt-4o', messages: [] }
}

const answered = {
  outcome: 'Succeeded',
  reply: { content: '{}', finishReason: 'stop' },
  usage: null,
  costUsd: '0.01',
  priceTable: null,
  requestId: null,
  latencyMs: 1,
  tries: 1,
  error: null,
} as const

test('what waits in batches takes no room of the concurrency of the profile', async () => {
  const { server, operator } = await openStores()
  const request = batchedRun()
  await operator.beginRun(request)
  await resolveScope(server, request.uid, [tableOf('a.b', ['c']), tableOf('a.d', ['c'])])
  await profileTables(server, request.uid)
  expect(await claimKind(server, request.uid, 'draft')).toHaveLength(2)
})

test('a batch is open with the calls that have no outcome, until it is collected', async () => {
  const { store, worker, callIds } = await begunCalls('sha256:1', 'sha256:2')
  const batchId = randomUUID()
  expect(await store.readOpenBatches(worker)).toEqual({ batches: [] })
  expect(await store.recordBatchIntent(worker, { batchId, callIds })).toEqual({ recorded: true })
  expect(await store.recordBatchIntent(worker, { batchId, callIds })).toEqual({ recorded: false })
  expect(await store.readOpenBatches(worker)).toMatchObject({
    batches: [
      { batchId, providerBatchId: null, calls: [{ requestDigest: 'sha256:1' }, { requestDigest: 'sha256:2' }] },
    ],
  })
  await store.updateBatch(worker, batchId, { state: 'Working', providerBatchId: 'batch_1' })
  await store.endCall(worker, callIds[0] ?? '', answered)
  expect(await store.readOpenBatches(worker)).toMatchObject({
    batches: [{ providerBatchId: 'batch_1', calls: [{ callId: callIds[1], requestDigest: 'sha256:2' }] }],
  })
  expect(await store.updateBatch(worker, batchId, { state: 'Collected' })).toEqual({ recorded: true })
  expect(await store.updateBatch(worker, batchId, { state: 'Failed' })).toEqual({ recorded: false })
  expect(await store.readOpenBatches(worker)).toEqual({ batches: [] })
})

test('the calls of a batch that the provider never took end as failed, and cost nothing', async () => {
  const { store, worker, callIds } = await begunCalls('sha256:1')
  const batchId = randomUUID()
  await store.recordBatchIntent(worker, { batchId, callIds })
  await store.updateBatch(worker, batchId, { state: 'Failed' })
  expect(await store.endCall(worker, callIds[0] ?? '', answered)).toEqual({ recorded: false })
})

test('calls of another run, or none at all, are refused', async () => {
  const { store, worker, callIds } = await begunCalls('sha256:1')
  const other = await begunCalls('sha256:1')
  const intent = { batchId: randomUUID(), callIds: [...callIds, ...other.callIds] }
  await expect(store.recordBatchIntent(worker, intent)).rejects.toMatchObject({ code: 'AMX-1013' })
  expect(await store.readOpenBatches(worker)).toEqual({ batches: [] })
  await expect(store.updateBatch(worker, randomUUID(), { state: 'Failed' })).rejects.toMatchObject({ code: 'AMX-1013' })
})
