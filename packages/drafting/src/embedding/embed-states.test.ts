import { type LlmStubOptions, startLlmStub } from '@amx/hack/llm-stub'
import { expect, test } from 'vitest'
import { createDrafter } from '../create-drafter.ts'
import { recordedLedger } from '../testing/recorded-ledger.ts'
import { generationSettings, modelSettings, tableProfile } from '../testing/table-profile-fixture.ts'

const profile = tableProfile({
  path: 'shop.product',
  columns: [
    { name: 'name', type: 'text' },
    { name: 'price', type: 'numeric' },
  ],
})

async function drafted(options: LlmStubOptions, confidenceSignal: 'SelfConsistency' | 'Evidence' = 'SelfConsistency') {
  const stub = await startLlmStub(options)
  const embeddings = { model: 'embed-1', baseURL: null }
  const drafter = createDrafter({
    model: modelSettings({ baseURL: stub.url, embeddings, limits: { concurrency: 2, timeoutMs: 5_000, retries: 0 } }),
  })
  const ledger = recordedLedger()
  try {
    const generation = generationSettings({ confidenceSignal })
    const columns = ['name', 'price']
    const request = { profile, columns, includeTable: true, generation }
    const { rows } = await drafter.draftBatch(request, ledger, new AbortController().signal)
    return { rows, calls: ledger.calls, purposes: ledger.calls.map(({ intent }) => intent.purpose) }
  } finally {
    await drafter.close()
    await stub.stop()
  }
}

test('the texts of a batch are scored by the embedding model of the profile in one call', async () => {
  const { rows, calls, purposes } = await drafted({ alternatives: 'Alike' })
  expect(purposes).toEqual(['draft', 'embedding'])
  expect(calls[1]?.intent.messages).toHaveLength(9)
  for (const row of rows) {
    for (const { score } of row.alternatives) expect(score).toBeGreaterThan(0)
    expect(row.callIds).toContain(calls[1]?.intent.callId)
    expect(row.warnings.filter((warning) => warning.includes('built-in'))).toEqual([])
  }
})

test('where it fails the built-in embedding scores, and every row says so', async () => {
  const { rows } = await drafted({ faults: [{ kind: 'server-error', route: 'embeddings' }] })
  for (const row of rows) {
    expect(row.score).toBeGreaterThan(0)
    expect(row.warnings).toContainEqual(expect.stringMatching(/^scored with the built-in embedding: AMX-3011/))
  }
})

test('signals that compare no texts ask for no embedding', async () => {
  const { purposes } = await drafted({}, 'Evidence')
  expect(purposes).toEqual(['draft'])
})
