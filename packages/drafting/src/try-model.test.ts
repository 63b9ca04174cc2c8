import type { ModelSettings } from '@amx/api'
import { type LlmStubOptions, startLlmStub } from '@amx/hack/llm-stub'
import { describe, expect, test } from 'vitest'
import { recordedLedger } from './testing/recorded-ledger.ts'
import { modelSettings } from './testing/table-profile-fixture.ts'
import { tryModel } from './try-model.ts'

async function tested(options: LlmStubOptions, model: Partial<ModelSettings> = {}) {
  const stub = await startLlmStub({ plainAnswer: '{"ok":true}', apiKey: 'key-1234', ...options })
  const ledger = recordedLedger()
  try {
    const settings = modelSettings({ baseURL: stub.url, ...model })
    const outcome = await tryModel({ model: settings, apiKey: 'key-1234' }, ledger, new AbortController().signal).catch(
      (thrown: unknown) => thrown,
    )
    return { outcome, ledger }
  } finally {
    await stub.stop()
  }
}

describe('a test of a model', () => {
  test('is one tiny call, accounted for, and tells what the server offers', async () => {
    const { outcome, ledger } = await tested({})
    expect(outcome).toEqual({
      part: 'Model',
      capabilities: { structuredOutput: true, logprobs: true, reasoning: false },
    })
    expect(ledger.calls.map(({ intent }) => intent.purpose)).toEqual(['test'])
    expect(ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Succeeded' })
    expect(ledger.calls[0]?.outcome?.usage?.inputTokens).toBeLessThan(100)
  })

  test('finds what the server does not take', async () => {
    const faults = [{ kind: 'response-format-rejected' } as const, { kind: 'logprobs-rejected' } as const]
    const { outcome } = await tested({ faults })
    expect(outcome).toEqual({
      part: 'Model',
      capabilities: { structuredOutput: false, logprobs: false, reasoning: false },
    })
  })

  test('does not believe a server that answers with prose', async () => {
    const { outcome } = await tested({ plainAnswer: 'Yes, I am here.' })
    expect(outcome).toMatchObject({ capabilities: { structuredOutput: false } })
  })

  test.each([
    ['AMX-3001', { faults: [{ kind: 'unauthorized' }] }],
    ['AMX-3003', { models: ['another-model'] }],
    ['AMX-3002', { faults: [{ kind: 'insufficient-quota' }] }],
  ] satisfies [string, LlmStubOptions][])('says %s as a draft would', async (code, options) => {
    const { outcome } = await tested(options)
    expect(outcome).toMatchObject({ code })
  })

  test('asks the embedding model as well, where the profile names one', async () => {
    const embeddings = { embeddings: { model: 'stub-embedding', baseURL: null } }
    const good = await tested({}, embeddings)
    expect(good.ledger.calls.map(({ intent }) => intent.purpose)).toEqual(['test', 'embedding'])
    const bad = await tested({ faults: [{ kind: 'model-not-found', route: 'embeddings' }] }, embeddings)
    expect(bad.outcome).toMatchObject({ code: 'AMX-1098', message: expect.stringContaining('stub-embedding') })
  })
})
