import { type LlmStubOptions, startLlmStub } from '@amx/hack/llm-stub'
import { describe, expect, test } from 'vitest'
import { createDrafter } from './create-drafter.ts'
import type { DraftBatchRequest } from './drafting.ts'
import { recordedLedger } from './testing/recorded-ledger.ts'
import { generationSettings, modelSettings, tableProfile } from './testing/table-profile-fixture.ts'

const columns = ['name', 'price', 'weight', 'color']
const profile = tableProfile({ path: 'shop.product', columns: columns.map((name) => ({ name, type: 'text' })) })

/** Drafts one batch of a stub with these faults; gives what came back and what it took. */
async function drafted(options: LlmStubOptions, change: Partial<DraftBatchRequest> = {}) {
  const stub = await startLlmStub(options)
  const drafter = createDrafter({ model: modelSettings({ baseURL: stub.url }) })
  const ledger = recordedLedger()
  try {
    const request = { profile, columns, includeTable: true, generation: generationSettings(), ...change }
    const result = await drafter.draftBatch(request, ledger, new AbortController().signal)
    const purposes = ledger.calls.map(({ intent }) => intent.purpose)
    return {
      ...result,
      purposes,
      ledger,
      asked: stub.calls().map((call) => ({ columns: call.columns, wantTable: call.wantTable })),
    }
  } finally {
    await drafter.close()
    await stub.stop()
  }
}

function texts(row: { alternatives: readonly { text: string; fallback: boolean }[] } | undefined): string[] {
  return (row?.alternatives ?? []).filter(({ fallback }) => !fallback).map(({ text }) => text)
}

describe('exactly N alternatives', () => {
  test.each([1, 2, 3, 4, 5])('%d are asked for and given, all different', async (alternatives) => {
    const { rows, purposes } = await drafted({}, { generation: generationSettings({ alternatives }) })
    expect(purposes).toEqual(['draft'])
    for (const row of rows) expect(new Set(texts(row)).size).toBe(alternatives)
  })

  test('too few are filled up by one continuation for the whole batch', async () => {
    const { rows, purposes, ledger } = await drafted({ faults: [{ kind: 'too-few-alternatives', count: 1, first: 1 }] })
    expect(purposes).toEqual(['draft', 'continuation'])
    for (const row of rows) {
      expect(new Set(texts(row)).size).toBe(3)
      expect(row.warnings).toEqual([])
      expect(row.callIds).toEqual(ledger.calls.map(({ intent }) => intent.callId))
    }
    const prompt = ledger.calls[1]?.intent.messages.at(-1)?.content ?? ''
    expect(prompt).toContain(texts(rows[1])[0])
  })

  test('a continuation that gives too little is padded, marked and recorded', async () => {
    const { rows, purposes } = await drafted(
      { faults: [{ kind: 'too-few-alternatives', count: 1 }] },
      { includeTable: false },
    )
    expect(purposes).toEqual(['draft', 'continuation'])
    for (const row of rows) {
      expect(row.alternatives.map(({ fallback }) => fallback)).toEqual([false, false, true])
      expect(row.alternatives.at(-1)?.score).toBeNull()
      expect(row.warnings).toContain('produced 1 of 3 requested (retry got 1, fallback padded 1)')
    }
  })

  test('a continuation that is refused says why the row is padded', async () => {
    const { rows } = await drafted(
      { faults: [{ kind: 'too-few-alternatives', count: 1, first: 1 }, { kind: 'refusal' }] },
      { includeTable: false },
    )
    for (const row of rows) {
      expect(row.alternatives.map(({ fallback }) => fallback)).toEqual([false, true, true])
      expect(row.warnings).toContainEqual(expect.stringContaining('no further alternatives came: AMX-3007'))
      expect(row.warnings).toContain('produced 1 of 3 requested (retry got 0, fallback padded 2)')
    }
  })

  test('duplicates in other case and spacing do not count', async () => {
    const { rows, purposes } = await drafted({ faults: [{ kind: 'duplicates' }] }, { includeTable: false })
    expect(purposes).toEqual(['draft', 'continuation'])
    for (const row of rows) {
      const given = texts(row)
      expect(new Set(given.map((text) => text.toLowerCase().replaceAll(/\s+/g, ' '))).size).toBe(given.length)
      expect(row.alternatives).toHaveLength(3)
    }
  })

  test('only rows that are short are asked for again', async () => {
    const { asked } = await drafted(
      { faults: [{ kind: 'too-few-alternatives', first: 1 }] },
      { columns: ['name', 'price'], includeTable: false },
    )
    expect(asked[1]).toEqual({ columns: ['name', 'price'], wantTable: false })
  })
})

describe('missing columns', () => {
  test('are asked for once more, together', async () => {
    const { rows, purposes, asked } = await drafted({ faults: [{ kind: 'missing-columns', count: 2, first: 1 }] })
    expect(purposes).toEqual(['draft', 'missing-columns'])
    expect(asked[1]).toEqual({ columns: ['name', 'price'], wantTable: false })
    for (const row of rows) expect(texts(row)).toHaveLength(3)
  })

  test('that stay missing are skipped with what came, not padded with placeholders alone', async () => {
    const { rows, purposes } = await drafted({ faults: [{ kind: 'missing-columns', count: 1 }] })
    expect(purposes).toEqual(['draft', 'missing-columns'])
    const name = rows.find(({ path }) => path === 'shop.product.name')
    expect(name).toMatchObject({ score: null, band: null, alternatives: [] })
    expect(name?.skippedReason).toBe(
      'the model wrote no description: produced 0 of 3 requested (retry got 0, fallback padded 0)',
    )
  })

  test('answers about columns nobody asked for are left aside', async () => {
    const { rows } = await drafted({ faults: [{ kind: 'unknown-columns', first: 1 }] })
    expect(rows.map(({ path }) => path)).toEqual(['shop.product', ...columns.map((name) => `shop.product.${name}`)])
    for (const row of rows) expect(texts(row)).toHaveLength(3)
  })
})

describe('replies that are not JSON', () => {
  test.each(['fenced-json', 'labelled-text'] as const)('%s is read all the same', async (kind) => {
    const { rows, purposes } = await drafted({ faults: [{ kind }] })
    expect(purposes).toEqual(['draft'])
    for (const row of rows) expect(texts(row)).toHaveLength(3)
  })

  test.each(['malformed-json', 'prose', 'empty-content'] as const)('%s is asked for again once', async (kind) => {
    const { rows, purposes } = await drafted({ faults: [{ kind, first: 1 }] })
    expect(purposes).toEqual(['draft', 'missing-columns'])
    for (const row of rows) {
      expect(texts(row)).toHaveLength(3)
      expect(row.warnings).toEqual(['a reply of the model could not be read'])
    }
  })

  test.each(['malformed-json', 'empty-content', 'unknown-columns'] as const)(
    '%s is not kept for later',
    async (kind) => {
      const { ledger } = await drafted({ faults: [{ kind, first: 1 }] }, { includeTable: false })
      expect(ledger.calls.map(({ outcome }) => outcome?.outcome)).toEqual(['Failed', 'Succeeded'])
      expect(ledger.calls[0]?.outcome).toMatchObject({
        error: { code: 'AMX-3009' },
        usage: { outputTokens: expect.any(Number) },
      })
    },
  )

  test('a model that never answers in form leaves skipped rows, not a failed run', async () => {
    const { rows, purposes } = await drafted({ faults: [{ kind: 'prose' }] })
    expect(purposes).toEqual(['draft', 'missing-columns'])
    for (const row of rows) {
      expect(row.alternatives).toEqual([])
      expect(row.skippedReason).toContain('produced 0 of 3 requested')
      expect(row.warnings).toContain('a reply of the model could not be read')
    }
  })
})

describe('a reply that was cut', () => {
  test('is never read: the batch is split in two until it fits', async () => {
    const { rows, purposes, asked, ledger } = await drafted({ faults: [{ kind: 'truncated', minimumColumns: 3 }] })
    expect(purposes).toEqual(['draft', 'split', 'split'])
    expect(asked).toEqual([
      { columns, wantTable: true },
      { columns: ['name', 'price'], wantTable: true },
      { columns: ['weight', 'color'], wantTable: false },
    ])
    for (const row of rows) expect(texts(row)).toHaveLength(3)
    expect(ledger.calls.map(({ outcome }) => outcome?.outcome)).toEqual(['Truncated', 'Succeeded', 'Succeeded'])
  })

  test('of a single column leaves it out with the reason', async () => {
    const { rows, ledger } = await drafted({ faults: [{ kind: 'truncated', mentions: 'price' }] })
    const price = rows.find(({ path }) => path === 'shop.product.price')
    expect(price).toMatchObject({
      alternatives: [],
      score: null,
      skippedReason: expect.stringMatching(/^AMX-3008: the reply was cut at \d+ tokens$/),
    })
    for (const row of rows.filter((other) => other !== price)) expect(texts(row)).toHaveLength(3)
    expect(ledger.calls.every(({ outcome }) => outcome !== null)).toBe(true)
  })

  test('and a prompt too long for the model are handled alike', async () => {
    const { rows, purposes } = await drafted({ faults: [{ kind: 'context-length-exceeded', minimumColumns: 3 }] })
    expect(purposes).toEqual(['draft', 'split', 'split'])
    for (const row of rows) expect(texts(row)).toHaveLength(3)
  })
})

test.each([
  ['refusal', "AMX-3007: the model refused: I'm sorry, but I can't help with that request."],
  ['content-filter', 'AMX-3007: the model refused: content filter'],
] as const)('%s leaves the rows out with the reason and is not asked again', async (kind, reason) => {
  const { rows, purposes, ledger } = await drafted({ faults: [{ kind }] })
  expect(purposes).toEqual(['draft'])
  for (const row of rows) expect(row).toMatchObject({ alternatives: [], skippedReason: reason })
  expect(ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Refused', error: { code: 'AMX-3007' } })
})

test('a column the table does not have is left out, the others are drafted', async () => {
  const { rows } = await drafted({}, { columns: ['name', 'gone'], includeTable: false })
  expect(rows.map(({ skippedReason }) => skippedReason)).toEqual([null, 'the table has no column "gone"'])
})

test('a table alone is drafted without columns', async () => {
  const { rows, asked } = await drafted({}, { columns: [] })
  expect(asked).toEqual([{ columns: [], wantTable: true }])
  expect(texts(rows[0])).toHaveLength(3)
})

test.each(['SelfConsistency', 'Evidence'] as const)(
  'with signal %s the row has the score of its first alternative',
  async (confidenceSignal) => {
    const { rows } = await drafted({ alternatives: 'Alike' }, { generation: generationSettings({ confidenceSignal }) })
    for (const row of rows) {
      expect(row.score).toBe(row.alternatives[0]?.score)
      expect(row.signal).toBe(confidenceSignal)
    }
  },
)

test('alternatives that agree score higher than ones that do not', async () => {
  const generation = generationSettings({ confidenceSignal: 'SelfConsistency' })
  const alike = await drafted({ alternatives: 'Alike' }, { generation })
  const different = await drafted({ alternatives: 'Different' }, { generation })
  expect(alike.rows.every(({ band }) => band === 'High')).toBe(true)
  expect(different.rows.some(({ band }) => band !== 'High')).toBe(true)
})

test('one alternative has no self-consistency, and the row says why', async () => {
  const generation = generationSettings({ alternatives: 1, confidenceSignal: 'SelfConsistency' })
  const { rows } = await drafted({}, { generation })
  for (const row of rows)
    expect(row).toMatchObject({ score: null, band: null, warnings: [expect.stringContaining('a single alternative')] })
})
