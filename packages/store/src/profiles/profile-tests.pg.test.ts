import { randomUUID } from 'node:crypto'
import type { ProfileTestReport, ProfileTestSettings, TestCall } from '@amx/api'
import { expect, test } from 'vitest'
import { openStores } from '../testing/store-fixture.ts'
import type { BeginProfileTestRequest } from './contract.ts'

const error = { code: 'AMX-2002', message: 'refused', remedy: 'Correct the Secret.' } as const

const reading: ProfileTestSettings = {
  part: 'Reader',
  connection: { host: 'pg', port: 5432, database: 'shop', tlsMode: 'disable' },
  pinned: true,
}
const writing: ProfileTestSettings = { ...reading, part: 'Writer' }
const asking: ProfileTestSettings = {
  part: 'Model',
  model: {
    profileName: 'model',
    provider: 'OpenAI',
    model: 'gpt-4o',
    baseURL: null,
    hasKey: true,
    limits: { concurrency: 1, timeoutMs: 1_000, retries: 0 },
    price: null,
  },
}

const found: ProfileTestReport = {
  finding: { part: 'Reader', serverVersion: '18.4', capabilities: {}, inventory: null },
  error: null,
  calls: [],
}
const failed: ProfileTestReport = { finding: null, error, calls: [] }

function testOf(change: Partial<BeginProfileTestRequest> = {}): BeginProfileTestRequest {
  return {
    ...{ uid: randomUUID(), kind: 'DatabaseProfile', namespace: 'team', name: 'shop', number: 1 },
    specDigest: 'one',
    request: 'please',
    parts: [reading],
    ...change,
  }
}

const tester = ({ uid, number }: BeginProfileTestRequest, part: ProfileTestSettings['part'] = 'Reader') => ({
  profileUid: uid,
  number,
  part,
})

test('each credential of a test ends by itself, and the first report counts', async () => {
  const { operator, server } = await openStores()
  const begun = testOf({ parts: [reading, writing] })
  await operator.beginProfileTest(begun)
  await operator.beginProfileTest({ ...begun, specDigest: 'another' })
  expect(await server.readProfileTest(tester(begun, 'Writer'))).toEqual({
    profile: { kind: 'DatabaseProfile', namespace: 'team', name: 'shop' },
    settings: writing,
  })
  expect(await server.readProfileTest(tester(begun, 'Model'))).toBeNull()

  expect(await server.recordProfileTest(tester(begun), found)).toEqual({ recorded: true })
  expect(await server.recordProfileTest(tester(begun), failed)).toEqual({ recorded: false })
  expect(await operator.failProfileTest(tester(begun), error)).toEqual({ recorded: false })
  expect(await server.readProfileTest(tester(begun))).toBeNull()
  const { newest } = await operator.observeProfileTests(begun.uid)
  expect(newest).toMatchObject({
    number: 1,
    specDigest: 'one',
    request: 'please',
    parts: [
      { part: 'Reader', finding: found.finding, error: null, endedAt: expect.any(String) },
      { part: 'Writer', finding: null, error: null, endedAt: null },
    ],
  })
})

test('failures are counted since the last success of the same spec', async () => {
  const { operator, server } = await openStores()
  const first = testOf()
  const outcomes: (readonly [specDigest: string, report: ProfileTestReport | null])[] = [
    ['one', failed],
    ['one', found],
    ['one', failed],
    ['two', failed],
    ['two', failed],
    ['two', null],
  ]
  const counted: number[] = []
  for (const [index, [specDigest, report]] of outcomes.entries()) {
    const begun = { ...first, number: index + 1, specDigest }
    await operator.beginProfileTest(begun)
    if (report !== null) await server.recordProfileTest(tester(begun), report)
    counted.push((await operator.observeProfileTests(first.uid)).failures)
  }
  expect(counted).toEqual([1, 0, 1, 1, 2, 2])
})

test('a newer test takes the place of one that is under way, and the oldest ones go', async () => {
  const { operator, server, query } = await openStores()
  const first = testOf()
  await operator.beginProfileTest(first)
  for (let number = 2; number <= 30; number += 1) {
    const begun = { ...first, number }
    await operator.beginProfileTest(begun)
    if (number < 30) await server.recordProfileTest(tester(begun), failed)
  }
  expect(await server.readProfileTest(tester(first))).toBeNull()
  const kept = await query<{ number: number }>('select number from amx.profile_tests order by number')
  expect(kept.map(({ number }) => number)).toEqual([19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30])
  await operator.deleteProfileTests({ kind: 'DatabaseProfile', namespace: 'team', name: 'shop' })
  expect((await operator.observeProfileTests(first.uid)).newest).toBeNull()
})

test('what a test asked of a model is paid for once, and is part of usage after the profile is gone', async () => {
  const { operator, server } = await openStores()
  const begun = testOf({ kind: 'LLMProfile', name: 'model', parts: [asking] })
  await operator.beginProfileTest(begun)
  const call: TestCall = {
    callId: randomUUID(),
    ...{ purpose: 'test', provider: 'OpenAI', model: 'gpt-4o' },
    outcome: {
      ...{ outcome: 'Succeeded', reply: null, costUsd: '0.0003', priceTable: '2026-01-01' },
      usage: { inputTokens: 50, cachedInputTokens: 0, outputTokens: 10, reasoningTokens: 0 },
      ...{ requestId: null, latencyMs: 5, tries: 1, error: null },
    },
  }
  const finding = { part: 'Model', capabilities: { structuredOutput: true } } as const
  await server.recordProfileTest(tester(begun, 'Model'), { finding, error: null, calls: [call] })
  await server.recordProfileTest(tester(begun, 'Model'), { finding, error: null, calls: [call] })
  await operator.deleteProfileTests({ kind: 'LLMProfile', namespace: 'team', name: 'model' })
  const window = { since: new Date(Date.now() - 60_000), until: new Date(Date.now() + 60_000), namespace: 'team' }
  const { groups, total } = await server.readUsage({ ...window, by: 'purpose' })
  expect(groups).toMatchObject([{ group: 'test', calls: 1, inputTokens: 50, outputTokens: 10, cost: '0.0003' }])
  expect(total).toMatchObject({ runs: 0, calls: 1, unknownCalls: 0, unpricedCalls: 0 })
  expect((await server.readUsage({ ...window, by: 'profile' })).groups[0]?.group).toBe('team/model')
})
