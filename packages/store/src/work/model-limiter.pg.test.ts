import { randomUUID } from 'node:crypto'
import type { CallIntent, CallOutcome, DraftUnit, WorkUnit } from '@amx/api'
import { expect, test } from 'vitest'
import { profileTables, resolveScope, runOf, settingsOf, tableOf } from '../testing/run-fixture.ts'
import { openStores, type Stores, workerOf } from '../testing/store-fixture.ts'
import type { LimiterAnswer, LimiterEvent, ModelLimiter, ModelLimits } from './model-limiter.ts'

interface ScriptedLimiter extends ModelLimiter {
  readonly heard: { readonly llmKey: string; readonly limits: ModelLimits; readonly event: LimiterEvent }[]
  /** What the next claims are let through with; everything when there is no more. */
  readonly claims: Partial<LimiterAnswer>[]
}

/** A limiter that keeps what it hears and lets through what it is told to. */
function scriptedLimiter(): ScriptedLimiter {
  const heard: ScriptedLimiter['heard'] = []
  const claims: Partial<LimiterAnswer>[] = []
  return {
    heard,
    claims,
    async tell(llmKey, limits, event) {
      heard.push({ llmKey, limits, event })
      const standard = { granted: 0, tokensEach: 700, waitMs: null }
      if (event.type === 'Claim') return { ...standard, granted: event.wanted, ...claims.shift() }
      return event.type === 'CallBegun' || event.type === 'Retry' ? { ...standard, waitMs: 250 } : standard
    },
  }
}

const rated = { requestsPerMinute: 60, tokensPerMinute: 90_000 }

/** A run with `batches` draft units that wait, and the limiter it is held to. */
async function ready(batches: number, limits: Partial<ModelLimits> = rated) {
  const limiter = scriptedLimiter()
  const stores = await openStores({ limiter })
  const settings = settingsOf({ batchSize: 1, concurrency: 8 })
  if (settings.model === null) throw new Error('the fixture has no model')
  const model = { ...settings.model, limits: { ...settings.model.limits, ...limits } }
  const request = runOf({ settings: { ...settings, model } })
  await stores.operator.beginRun(request)
  const columns = Array.from({ length: batches }, (_, index) => `c${index}`)
  await resolveScope(stores.server, request.uid, [tableOf('a.b', columns, { planned: { table: false, columns } })])
  await profileTables(stores.server, request.uid)
  limiter.heard.length = 0
  return { stores, limiter, uid: request.uid, worker: workerOf(request.uid, 'draft') }
}

function draftUnit(units: readonly WorkUnit[]): DraftUnit {
  const [unit] = units
  if (unit?.kind !== 'draft') throw new Error('no draft unit was handed out')
  return unit
}

function intentOf(unit: DraftUnit, requestDigest: string = randomUUID()): CallIntent {
  const { id: unitId, attempt } = unit
  const asked = { purpose: 'draft', provider: 'OpenAICompatible', model: 'stub-1', requestDigest } as const
  return { callId: randomUUID(), unitId, attempt, ...asked, messages: [] }
}

const answered: CallOutcome = {
  outcome: 'Succeeded',
  reply: { content: '{}', finishReason: 'stop' },
  usage: { inputTokens: 1_000, cachedInputTokens: 0, outputTokens: 234, reasoningTokens: 0 },
  costUsd: null,
  priceTable: null,
  requestId: null,
  latencyMs: 5,
  tries: 1,
  error: null,
}

const eventsOf = ({ heard }: ScriptedLimiter) => heard.map(({ event }) => event)

async function reservedOf({ query }: Stores, unit: DraftUnit): Promise<string | null> {
  const [row] = await query<{ reserved: string | null }>(
    'select reserved_tokens::text as reserved from amx.units where id = $1',
    [unit.id],
  )
  return row?.reserved ?? null
}

test('a claim asks under the profile of the namespace, with its limits and what runs already', async () => {
  const { stores, limiter, worker } = await ready(5)
  limiter.claims.push({ granted: 2 })
  const first = await stores.server.claim(worker, { capacity: 3, waitMs: 0 })
  expect(first.units.length).toBe(2)
  const second = await stores.server.claim(worker, { capacity: 3, waitMs: 0 })
  expect(second.units.length).toBe(3)
  expect(limiter.heard.map(({ llmKey }) => llmKey)).toEqual(['team/stub', 'team/stub'])
  expect(limiter.heard[0]?.limits).toEqual({ concurrency: 8, ...rated })
  expect(eventsOf(limiter)).toEqual([
    { type: 'Claim', wanted: 3, live: 0 },
    { type: 'Claim', wanted: 3, live: 2 },
  ])
  expect(await reservedOf(stores, draftUnit(first.units))).toBe('700')
})

test('room that the limiter gave for more units than there are is given back', async () => {
  const { stores, limiter, worker } = await ready(2)
  await stores.server.claim(worker, { capacity: 6, waitMs: 0 })
  expect(eventsOf(limiter)).toEqual([
    { type: 'Claim', wanted: 6, live: 0 },
    { type: 'GiveBack', requests: 4, tokens: 2_800 },
  ])
})

test('a claim that finds no room asks again until it does', async () => {
  const { stores, limiter, worker } = await ready(1)
  limiter.claims.push({ granted: 0, waitMs: 150 }, { granted: 0, waitMs: 150 })
  const { units } = await stores.server.claim(worker, { capacity: 1, waitMs: 20_000 })
  expect(units.length).toBe(1)
  expect(eventsOf(limiter).length).toBe(3)
})

test('the first call of a unit has its room; each further one is let through beyond it', async () => {
  const { stores, limiter, worker } = await ready(1)
  const unit = draftUnit((await stores.server.claim(worker, { capacity: 1, waitMs: 0 })).units)
  limiter.heard.length = 0
  const [first, further] = [intentOf(unit), intentOf(unit)]
  expect(await stores.server.beginCall(worker, first)).toEqual({ cachedReply: null, waitMs: 250 })
  // The answer was lost on its way: the same call is begun once.
  expect(await stores.server.beginCall(worker, first)).toEqual({ cachedReply: null })
  await stores.server.endCall(worker, first.callId, answered)
  await stores.server.endCall(worker, first.callId, answered)
  await stores.server.beginCall(worker, further)
  expect(eventsOf(limiter)).toEqual([
    { type: 'CallBegun', room: 'OfUnit' },
    { type: 'CallEnded', reservedTokens: 700, usedTokens: 1_234, outcome: 'Answered' },
    { type: 'CallBegun', room: 'Beyond' },
  ])
})

test('a stored reply gives the room back and wakes who waits for it', async () => {
  const { stores, limiter, worker } = await ready(3)
  const { units } = await stores.server.claim(worker, { capacity: 2, waitMs: 0 })
  const [paid, again] = units.map((unit) => draftUnit([unit]))
  if (paid === undefined || again === undefined) throw new Error('two units were not handed out')
  const intent = intentOf(paid, 'sha256:same')
  await stores.server.beginCall(worker, intent)
  await stores.server.endCall(worker, intent.callId, answered)
  limiter.heard.length = 0
  // A claim looks once, then again with the profile's own topic in its ear.
  limiter.claims.push({ granted: 0, waitMs: null }, { granted: 0, waitMs: null })
  const waiting = stores.server.claim(worker, { capacity: 1, waitMs: 20_000 })
  await expect.poll(() => limiter.heard.length).toBe(2)
  const { cachedReply } = await stores.server.beginCall(worker, intentOf(again, 'sha256:same'))
  expect(cachedReply).not.toBeNull()
  expect((await waiting).units.length).toBe(1)
  expect(eventsOf(limiter)).toContainEqual({ type: 'GiveBack', requests: 1, tokens: 700 })
})

test('a failed try is told with what the provider asked for, and only of a call that runs', async () => {
  const { stores, limiter, worker } = await ready(1)
  const unit = draftUnit((await stores.server.claim(worker, { capacity: 1, waitMs: 0 })).units)
  const intent = intentOf(unit)
  await stores.server.beginCall(worker, intent)
  limiter.heard.length = 0
  const retry = { cause: 'RateLimited', retryAfterMs: 1_000, again: true } as const
  expect(await stores.server.retryCall(worker, intent.callId, retry)).toEqual({ waitMs: 250 })
  expect(eventsOf(limiter)).toEqual([{ type: 'Retry', ...retry }])
  const stranger = workerOf(randomUUID(), 'draft')
  await expect(stores.server.retryCall(stranger, intent.callId, retry)).rejects.toMatchObject({ code: 'AMX-1013' })
  await stores.server.endCall(worker, intent.callId, { ...answered, outcome: 'Failed', reply: null, usage: null })
  expect(eventsOf(limiter).at(-1)).toEqual({
    type: 'CallEnded',
    reservedTokens: 700,
    usedTokens: null,
    outcome: 'Failed',
  })
  await expect(stores.server.retryCall(worker, intent.callId, retry)).rejects.toMatchObject({ code: 'AMX-1013' })
})

test('without limits per minute nothing is reserved, and pauses still hold', async () => {
  const { stores, limiter, worker } = await ready(1, {})
  const unit = draftUnit((await stores.server.claim(worker, { capacity: 1, waitMs: 0 })).units)
  expect(await reservedOf(stores, unit)).toBeNull()
  expect(await stores.server.beginCall(worker, intentOf(unit))).toEqual({ cachedReply: null, waitMs: 250 })
  expect(eventsOf(limiter).at(-1)).toEqual({ type: 'CallBegun', room: 'OfUnit' })
})
