import { estimateBatch, promptDetails } from '@amx/api'
import { startLlmStub } from '@amx/hack/llm-stub'
import { expect, test } from 'vitest'
import { createDrafter } from '../create-drafter.ts'
import { recordedLedger } from '../testing/recorded-ledger.ts'
import { salesOrder } from '../testing/shop-profile.ts'
import { generationSettings, modelSettings } from '../testing/table-profile-fixture.ts'

// The estimate knows counts alone: its figures must follow when the templates or the evidence grow.
test.each(promptDetails)('a prompt of detail %s is as long as it is estimated to be', async (promptDetail) => {
  const stub = await startLlmStub()
  const model = modelSettings({ baseURL: stub.url })
  const drafter = createDrafter({ model })
  const ledger = recordedLedger()
  try {
    const profile = salesOrder()
    const generation = generationSettings({ promptDetail, alternatives: 3 })
    const columns = profile.catalog.columns.map(({ name }) => name)
    const request = { profile, columns, includeTable: true, generation }
    await drafter.draftBatch(request, ledger, new AbortController().signal)
    const messages = ledger.calls[0]?.intent.messages ?? []
    const tokens = messages.reduce((sum, { content }) => sum + content.length, 0) / 4
    const estimate = estimateBatch({ columns: columns.length, includeTable: true }, generation, model)
    expect(estimate.inputTokens / tokens).toBeGreaterThan(0.75)
    expect(estimate.inputTokens / tokens).toBeLessThan(1.25)
  } finally {
    await drafter.close()
    await stub.stop()
  }
})
