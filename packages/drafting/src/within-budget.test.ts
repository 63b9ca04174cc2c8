import { AmxError, type CallIntent } from '@amx/api'
import { startLlmStub } from '@amx/hack/llm-stub'
import { expect, test } from 'vitest'
import { createDrafter } from './create-drafter.ts'
import type { CallLedger } from './drafting.ts'
import { recordedLedger } from './testing/recorded-ledger.ts'
import { generationSettings, modelSettings, tableProfile } from './testing/table-profile-fixture.ts'

const columns = ['name', 'price']
const profile = tableProfile({ path: 'shop.product', columns: columns.map((name) => ({ name, type: 'text' })) })
const usedUp = new AmxError('AMX-1030', { limit: '$1', used: '$1', wanted: '$0.01' })

/** Drafts with a ledger that permits calls of these purposes only. */
async function drafted(permitted: readonly CallIntent['purpose'][]) {
  const stub = await startLlmStub({ faults: [{ kind: 'too-few-alternatives', count: 1 }] })
  const drafter = createDrafter({ model: modelSettings({ baseURL: stub.url }) })
  const kept = recordedLedger()
  const ledger: CallLedger = {
    ...kept,
    async begin(intent) {
      if (!permitted.includes(intent.purpose)) throw usedUp
      return kept.begin(intent)
    },
  }
  try {
    const request = { profile, columns, includeTable: false, generation: generationSettings() }
    return { ...(await drafter.draftBatch(request, ledger, new AbortController().signal)), calls: stub.calls().length }
  } finally {
    await drafter.close()
    await stub.stop()
  }
}

test('what a first call gave is kept when the budget has no room for another', async () => {
  const { rows, calls } = await drafted(['draft'])
  expect(calls).toBe(1)
  for (const row of rows) {
    expect(row.alternatives.map(({ fallback }) => fallback)).toEqual([false, true, true])
    expect(row.skippedReason).toBeNull()
  }
})

test('a batch whose first call is refused is not drafted, and nothing is asked', async () => {
  await expect(drafted([])).rejects.toMatchObject({ code: 'AMX-1030' })
})
