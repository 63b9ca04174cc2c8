import { confidenceSignals } from '@amx/api'
import { expect, test } from 'vitest'
import { createDrafter } from '../create-drafter.ts'
import type { CallLedger, DraftBatchRequest } from '../drafting.ts'
import { salesOrder } from '../testing/shop-profile.ts'
import { generationSettings, modelSettings, tableProfile } from '../testing/table-profile-fixture.ts'

const profile = salesOrder()
const columns = profile.catalog.columns.map(({ name }) => name)
const noCalls: CallLedger = {
  begin: () => Promise.reject(new Error('the built-in drafter makes no calls')),
  end: () => Promise.reject(new Error('the built-in drafter makes no calls')),
}

function draft(change: Partial<DraftBatchRequest> = {}) {
  const drafter = createDrafter({ model: modelSettings({ provider: 'BuiltIn' }) })
  const request = { profile, columns, includeTable: true, generation: generationSettings(), ...change }
  return drafter.draftBatch(request, noCalls, new AbortController().signal)
}

test('drafts every asset without a call', async () => {
  const { rows, calls } = await draft()
  expect(calls).toBe(0)
  expect(rows.map(({ path }) => path)).toEqual([
    'sales.sales_order',
    ...columns.map((name) => `sales.sales_order.${name}`),
  ])
  for (const row of rows) expect(row).toMatchObject({ callIds: [], skippedReason: null, signal: 'Evidence' })
})

test.each([1, 2, 3, 4, 5])('gives exactly %d alternatives', async (alternatives) => {
  const { rows } = await draft({ generation: generationSettings({ alternatives }) })
  for (const row of rows) {
    expect(new Set(row.alternatives.map(({ text }) => text)).size).toBe(alternatives)
    expect(row.alternatives.some(({ fallback }) => fallback)).toBe(false)
  }
})

test('writes the same every time', async () => {
  expect(await draft()).toEqual(await draft())
})

test('is sure of the obvious and not of what it cannot know', async () => {
  const { rows } = await draft()
  const bands = Object.fromEntries(rows.map(({ path, band }) => [path.split('.').at(2) ?? 'table', band]))
  expect(bands).toMatchObject({
    table: 'High',
    order_id: 'High',
    order_number: 'High',
    customer_id: 'High',
    order_status: 'High',
    shipped_at: 'High',
    net_total: 'High',
    weight_g: 'High',
    updated_at: 'High',
    x_legacy_status: 'Medium',
    flg2: 'Low',
  })
})

test.each(confidenceSignals)('scores with signal %s or says why not', async (confidenceSignal) => {
  const { rows } = await draft({ generation: generationSettings({ confidenceSignal }) })
  for (const row of rows) {
    const computed = confidenceSignal === 'Evidence' || confidenceSignal === 'SelfConsistency'
    expect(row.score === null).toBe(!computed)
    expect(row.warnings.length > 0).toBe(!computed && confidenceSignal !== 'None')
  }
})

test('prefers a comment that is there and holds, doubts one that does not', async () => {
  const commented = tableProfile({
    path: 'shop.product',
    columns: [
      { name: 'sku', type: 'text', comment: 'Stock keeping unit of the ERP.' },
      { name: 'weight_g', type: 'integer', comment: 'Price of the product in euros.' },
    ],
  })
  const { rows } = await draft({ profile: commented, columns: ['sku', 'weight_g'], includeTable: false })
  expect(rows[0]).toMatchObject({ source: 'provided', warnings: [] })
  expect(rows[0]?.alternatives.map(({ text }) => text)).toContain('Stock keeping unit of the ERP.')
  expect(rows[0]?.alternatives[0]?.text).toBe('Stock keeping unit of the ERP.')
  expect(rows[1]).toMatchObject({ source: 'profile', warnings: [expect.stringContaining('contradicts')] })
  expect(rows[1]?.alternatives[0]?.text).toBe('Weight of the product, in grams.')
})

test.each([
  ['a long one with lines', `Stock keeping unit of the ERP.\n\n${'It has parts. '.repeat(400)}`, 'provided'],
  ['one too long for an alternative', `Stock keeping unit. ${'x'.repeat(17_000)}`, 'profile'],
])('offers a comment that is there to the letter, or not at all: %s', async (_, comment, source) => {
  const commented = tableProfile({ path: 'shop.product', columns: [{ name: 'sku', type: 'text', comment }] })
  const { rows } = await draft({ profile: commented, columns: ['sku'], includeTable: false })
  expect(rows[0]?.source).toBe(source)
  const texts = rows[0]?.alternatives.map(({ text }) => text) ?? []
  expect(texts[0] === comment).toBe(source === 'provided')
  expect(texts).toHaveLength(3)
})

test('knows less, and is less sure, where nothing was read', async () => {
  const unread = { ...profile, mode: 'Metadata' as const, rowsRead: 0, columns: [] }
  const { rows } = await draft({ profile: unread })
  for (const row of rows) expect(row.alternatives).toHaveLength(3)
  expect(rows.find(({ path }) => path.endsWith('.flg2'))?.band).toBe('Low')
})

test('leaves out a column the table does not have', async () => {
  const { rows } = await draft({ columns: ['gone'], includeTable: false })
  expect(rows).toMatchObject([{ alternatives: [], skippedReason: 'the table has no column "gone"' }])
})

test('a server without an address is refused by the field that is missing', () => {
  expect(() => createDrafter({ model: modelSettings({ provider: 'OpenAICompatible', baseURL: null }) })).toThrow(
    'spec.baseURL',
  )
})
