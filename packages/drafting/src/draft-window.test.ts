import { startLlmStub } from '@amx/hack/llm-stub'
import { expect, test } from 'vitest'
import { createDrafter } from './create-drafter.ts'
import type { DraftBatchRequest } from './drafting.ts'
import { recordedLedger } from './testing/recorded-ledger.ts'
import { generationSettings, modelSettings, tableProfile } from './testing/table-profile-fixture.ts'

const columns = ['name', 'price', 'weight', 'color']
const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ')

/** Drafts with a model of this window; gives rows, purposes of the calls and what the stub was asked. */
async function drafted(contextTokens: number, change: Partial<DraftBatchRequest>) {
  const stub = await startLlmStub({})
  const drafter = createDrafter({ model: modelSettings({ baseURL: stub.url, contextTokens }) })
  const ledger = recordedLedger()
  try {
    const { rows } = await drafter.draftBatch(
      {
        profile: tableProfile({ path: 'shop.product', columns: columns.map((name) => ({ name, type: 'text' })) }),
        columns,
        includeTable: false,
        generation: generationSettings({ alternatives: 1 }),
        ...change,
      },
      ledger,
      new AbortController().signal,
    )
    return {
      rows,
      purposes: ledger.calls.map(({ intent }) => intent.purpose),
      prompts: ledger.calls.map(({ intent }) => intent.messages.map(({ content }) => content).join('\n')),
      asked: stub.calls().map((call) => call.columns),
    }
  } finally {
    await drafter.close()
    await stub.stop()
  }
}

test('a batch that fits goes in one call', async () => {
  const { purposes } = await drafted(32_768, {})
  expect(purposes).toEqual(['draft'])
})

test('a batch that does not fit the window is split before anything is sent', async () => {
  const profile = tableProfile({
    path: 'shop.product',
    columns: columns.map((name) => ({ name, type: 'text', comment: words(190) })),
  })
  const { rows, purposes, asked } = await drafted(3_400, { profile })
  expect(purposes).toEqual(['split', 'split'])
  expect(asked).toEqual([
    ['name', 'price'],
    ['weight', 'color'],
  ])
  for (const row of rows) {
    expect(row.alternatives).toHaveLength(1)
    expect(row.warnings.join()).not.toContain('too long')
  }
})

test('evidence too long for one column is shortened in the stated order, and the row says so', async () => {
  const profile = tableProfile({
    path: 'shop.product',
    viewDefinition: `SELECT ${words(900)}`,
    columns: columns.map((name) => ({
      name,
      type: 'text',
      samples: Array.from({ length: 5 }, (_, index) => `${index} ${words(20)}`),
    })),
  })
  const generation = generationSettings({ alternatives: 1, promptDetail: 'Full', otherColumnNames: -1 })
  const wide = await drafted(32_768, { profile, columns: ['name'], generation })
  expect(wide.rows[0]?.warnings).toEqual([])
  expect(wide.prompts[0]).toContain('view definition')

  const small = await drafted(2_900, { profile, columns: ['name'], generation })
  expect(small.purposes).toEqual(['draft'])
  expect(small.rows[0]?.warnings).toEqual([
    'the evidence was too long for the model and went without names of other columns, the view definition and usage',
  ])
  expect(small.prompts[0]).not.toContain('view definition')
  expect(small.prompts[0]).not.toContain('other columns of the table')
  expect(small.prompts[0]).toContain('examples:')
})

test('a long block about the table is shortened for the whole batch instead of asking column by column', async () => {
  const profile = tableProfile({
    path: 'shop.product',
    viewDefinition: `SELECT ${words(900)}`,
    columns: columns.map((name) => ({ name, type: 'text' })),
  })
  const generation = generationSettings({ alternatives: 1, promptDetail: 'Full' })
  const { purposes } = await drafted(3_500, { profile, generation })
  expect(purposes).toEqual(['draft'])
})

test('what fits no window at all is skipped with the reason, and nothing is sent', async () => {
  const { rows, purposes } = await drafted(1_000, { columns: ['name'] })
  expect(purposes).toEqual([])
  expect(rows[0]?.skippedReason).toContain('does not fit the 1000 tokens of stub-model')
})
