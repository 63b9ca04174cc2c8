import type { GenerationSettings, ModelSettings } from '@amx/api'
import { createDrafter } from '../create-drafter.ts'
import type { DraftBatchRequest } from '../drafting.ts'
import { recordedLedger } from './recorded-ledger.ts'
import { type StubAnswer, startRouteStub } from './route-stub.ts'
import { generationSettings, modelSettings, tableProfile } from './table-profile-fixture.ts'

const profile = tableProfile({
  path: 'shop.product',
  columns: [
    { name: 'name', type: 'text' },
    { name: 'price', type: 'numeric' },
  ],
})

/** A good answer about the two columns of the table that {@link routeSetting} asks about. */
export const goodAnswer = JSON.stringify({
  columns: ['name', 'price'].map((name) => ({
    name,
    alternatives: ['First', 'Second', 'Third'].map((word) => ({
      text: `${word} reading of the product's ${name}.`,
      confidence: 'high',
    })),
    reasoning: `The name ${name}.`,
    citations: [],
  })),
})

/** A stub with these answers and a drafter of `model` that asks it; both end with the test. */
export async function routeSetting(model: Partial<ModelSettings>, ...answers: readonly StubAnswer[]) {
  const stub = await startRouteStub(...answers)
  const limits = { concurrency: 2, timeoutMs: 400, retries: 1 }
  const settings = modelSettings({ baseURL: stub.url, limits, ...model })
  const drafter = createDrafter({ model: settings, apiKey: 'key-1234' })
  const ledger = recordedLedger()
  function requestOf(generation: Partial<GenerationSettings>): DraftBatchRequest {
    return {
      profile,
      columns: ['name', 'price'],
      includeTable: false,
      generation: generationSettings(generation),
    }
  }
  return {
    stub,
    ledger,
    drafter,
    draft(generation: Partial<GenerationSettings> = {}, signal = new AbortController().signal) {
      return drafter.draftBatch(requestOf(generation), ledger, signal)
    },
    /** Drafts with a ledger that has these stored replies, by request digest. */
    draftWith(stored: Parameters<typeof recordedLedger>[0], generation: Partial<GenerationSettings> = {}) {
      return drafter.draftBatch(requestOf(generation), recordedLedger(stored), new AbortController().signal)
    },
    async [Symbol.asyncDispose]() {
      await drafter.close()
      await stub[Symbol.asyncDispose]()
    },
  }
}
