import { startLlmStub } from '@amx/hack/llm-stub'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createDrafter } from '../create-drafter.ts'
import type { DraftBatchRequest } from '../drafting.ts'
import { recordedJournal } from '../testing/recorded-journal.ts'
import { type RecordedLedger, recordedLedger } from '../testing/recorded-ledger.ts'
import { generationSettings, modelSettings, tableProfile } from '../testing/table-profile-fixture.ts'

const generation = generationSettings({ confidenceSignal: 'SelfConsistency' })

function requestOf(number: number): DraftBatchRequest {
  const profile = tableProfile({ path: `shop.table_${number}`, columns: [{ name: 'price', type: 'numeric' }] })
  return { profile, columns: ['price'], includeTable: false, generation }
}

async function setting(stubSettings: Parameters<typeof startLlmStub>[0] = {}) {
  const stub = await startLlmStub(stubSettings)
  onTestFinished(() => stub.stop())
  const model = modelSettings({ provider: 'OpenAI', model: 'gpt-4o', baseURL: stub.url })
  const ledger: RecordedLedger = recordedLedger()
  const journal = recordedJournal(ledger)
  const openDrafter = () => {
    const drafter = createDrafter({
      model,
      apiKey: 'key',
      batches: journal,
      batchPace: { quietMs: 50, firstPollMs: 20 },
    })
    onTestFinished(() => drafter.close())
    return drafter
  }
  return { stub, ledger, journal, openDrafter }
}

const never = new AbortController().signal

describe('questions that go out in batches', () => {
  test('are sent together, answered, and accounted for at the price of batches', async () => {
    const { stub, ledger, journal, openDrafter } = await setting()
    const drafter = openDrafter()
    const drafted = await Promise.all([1, 2, 3].map((number) => drafter.draftBatch(requestOf(number), ledger, never)))
    expect(drafted.flatMap(({ rows }) => rows.map(({ alternatives }) => alternatives.length))).toEqual([3, 3, 3])
    expect(stub.batches()).toBe(1)
    await expect
      .poll(() => journal.batches.map(({ state, callIds }) => [state, callIds.length]))
      .toEqual([['Collected', 3]])
    const [call] = ledger.calls
    const usage = call?.outcome?.usage
    // gpt-4o: $2.50 and $10.00 a million tokens, half of that in batches.
    const full = ((usage?.inputTokens ?? 0) * 2.5 + (usage?.outputTokens ?? 0) * 10) / 1e6
    expect(Number(call?.outcome?.costUsd)).toBeCloseTo(full / 2, 9)
  })

  test('that an ended process left with the provider are taken up, and none is asked twice', async () => {
    const { stub, ledger, journal, openDrafter } = await setting({ batchMs: 500 })
    const first = openDrafter()
    const leaving = new AbortController()
    const left = first.draftBatch(requestOf(1), ledger, leaving.signal)
    await expect.poll(() => journal.batches[0]?.state, { timeout: 15_000 }).toBe('Working')
    leaving.abort(new Error('the process ends'))
    await expect(left).rejects.toThrow('the process ends')
    await first.close()
    expect(ledger.calls[0]?.outcome).toBeNull()

    const { rows } = await openDrafter().draftBatch(requestOf(1), ledger, never)
    expect(rows[0]?.alternatives).toHaveLength(3)
    expect(rows[0]?.callIds).toEqual([ledger.calls[0]?.intent.callId])
    expect(stub.batches()).toBe(1)
    expect(stub.report().answeredAgain).toEqual([])
    expect(ledger.calls).toHaveLength(1)
  })

  test('whose sending was cut off are looked for at the provider before they are sent again', async () => {
    const { stub, ledger, journal, openDrafter } = await setting({ batchMs: 500 })
    const first = openDrafter()
    const leaving = new AbortController()
    const left = first.draftBatch(requestOf(1), ledger, leaving.signal)
    await expect.poll(() => journal.batches[0]?.state, { timeout: 15_000 }).toBe('Working')
    leaving.abort(new Error('the process ends'))
    await expect(left).rejects.toThrow()
    await first.close()
    journal.forgetProviderName()

    await openDrafter().draftBatch(requestOf(1), ledger, never)
    expect(stub.batches()).toBe(1)
    await expect.poll(() => journal.batches[0]?.state).toBe('Collected')
  })

  test('that a batch expires without answering fail in a way that is tried again, and the others are kept', async () => {
    const { ledger, journal, openDrafter } = await setting({ batchUnanswered: 1 })
    const drafter = openDrafter()
    const drafted = await Promise.allSettled(
      [1, 2, 3].map((number) => drafter.draftBatch(requestOf(number), ledger, never)),
    )
    expect(drafted.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    const [failed] = drafted.filter((result) => result.status === 'rejected')
    expect(failed?.reason).toMatchObject({ entry: { retry: 'Retry' } })
    await expect.poll(() => journal.batches[0]?.state).toBe('Collected')
  })

  test('are given up when the run is cancelled: nobody is left waiting, and nothing more is paid for', async () => {
    const { stub, ledger, journal, openDrafter } = await setting({ batchMs: 600_000 })
    const drafter = openDrafter()
    const waiting = drafter.draftBatch(requestOf(1), ledger, never)
    await expect.poll(() => journal.batches[0]?.state, { timeout: 15_000 }).toBe('Working')
    drafter.cancel()
    await expect(waiting).rejects.toMatchObject({ code: 'AMX-3011' })
    expect(stub.report().calls).toEqual([])
    expect(ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Failed', costUsd: null })
    await expect.poll(() => journal.batches[0]?.state).toBe('Collected')
  })
})

test('a provider without batches is refused by name', () => {
  const model = modelSettings({ provider: 'DeepSeek', model: 'deepseek-chat', baseURL: 'http://127.0.0.1:1' })
  expect(() => createDrafter({ model, batches: recordedJournal(recordedLedger()) })).toThrow(
    'spec.generation.batchAPI with provider DeepSeek',
  )
})
