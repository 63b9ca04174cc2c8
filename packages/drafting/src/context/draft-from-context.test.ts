import { AmxError, type FoundChunk } from '@amx/api'
import { type LlmStubOptions, startLlmStub } from '@amx/hack/llm-stub'
import { describe, expect, test } from 'vitest'
import { createDrafter } from '../create-drafter.ts'
import type { DraftBatchRequest } from '../drafting.ts'
import { fixedSearch, foundChunk } from '../testing/context-fixture.ts'
import { recordedLedger } from '../testing/recorded-ledger.ts'
import { routeSetting } from '../testing/route-setting.ts'
import { generationSettings, modelSettings, tableProfile } from '../testing/table-profile-fixture.ts'

const profile = tableProfile({
  path: 'shop.sales_order',
  columns: [
    { name: 'net_total', type: 'numeric' },
    { name: 'carrier_name', type: 'text' },
    { name: 'x1', type: 'text' },
  ],
})

const handbook = foundChunk(
  '# Totals\n\nThe net total of a sales order is the sum of its lines before tax.\nIt never changes.',
  {
    startLine: 21,
    title: 'Orders > Totals',
  },
)
const code = foundChunk('def total(order):\n    order.net_total = sum(line.price for line in order.lines)', {
  kind: 'Code',
  source: 'webshop',
  path: 'orders/total.py',
  startLine: 7,
})
const canteen = foundChunk('The canteen opens at noon.', { path: 'canteen.md', score: 1 })

/** Drafts the three columns of the table with these chunks to be found; gives the rows by column. */
async function drafted(
  chunks: readonly FoundChunk[],
  options: LlmStubOptions = {},
  change: Partial<DraftBatchRequest> = {},
) {
  const stub = await startLlmStub(options)
  const drafter = createDrafter({ model: modelSettings({ baseURL: stub.url }) })
  const ledger = recordedLedger()
  const { search, asked } = fixedSearch(chunks)
  try {
    const { rows } = await drafter.draftBatch(
      {
        profile,
        columns: ['net_total', 'carrier_name', 'x1'],
        includeTable: false,
        generation: generationSettings(),
        context: search,
        ...change,
      },
      ledger,
      new AbortController().signal,
    )
    const of = (name: string) => {
      const row = rows.find(({ path }) => path === `shop.sales_order.${name}`)
      if (row === undefined) throw new Error(`no row for ${name}`)
      return row
    }
    return { rows, of, asked, ledger, purposes: ledger.calls.map(({ intent }) => intent.purpose) }
  } finally {
    await drafter.close()
    await stub.stop()
  }
}

describe('documents and code beside the profile', () => {
  test('take one call each where something relevant is found, and one call merges a batch', async () => {
    const { purposes, of, asked } = await drafted([handbook, code, canteen])
    expect(purposes).toEqual(['draft', 'documents', 'code', 'merge'])
    expect(new Set(asked.map(({ kind }) => kind))).toEqual(new Set(['Documents', 'Code']))
    const row = of('net_total')
    expect(row.source).toBe('combined')
    expect(row.alternatives).toHaveLength(3)
    expect(row.alternatives[0]?.text).toContain('sum of its lines before tax')
    expect(row.citations.filter(({ path }) => path !== undefined)).toEqual([
      {
        source: 'handbook',
        path: 'orders.md',
        startLine: 23,
        endLine: 23,
        snippet: 'The net total of a sales order is the sum of its lines before tax.',
      },
      {
        source: 'webshop',
        path: 'orders/total.py',
        startLine: 8,
        endLine: 8,
        snippet: 'order.net_total = sum(line.price for line in order.lines)',
      },
    ])
  })

  test('leave columns alone of which they say nothing', async () => {
    const { of } = await drafted([handbook, code])
    expect(of('x1')).toMatchObject({ source: 'profile', citations: [] })
  })

  test('take no call when nothing that was found has to do with the batch', async () => {
    const { purposes, rows } = await drafted([canteen])
    expect(purposes).toEqual(['draft'])
    for (const row of rows) expect(row).toMatchObject({ source: 'profile', warnings: [] })
  })

  test('take no search for a run without sources', async () => {
    const { context: _, ...without } = { context: undefined }
    const { purposes } = await drafted([], {}, without)
    expect(purposes).toEqual(['draft'])
  })

  test('are all the draft has when the profile gave nothing, and pass through without a merge', async () => {
    const { purposes, of } = await drafted([handbook], { faults: [{ kind: 'prose', first: 2 }] })
    expect(purposes).toEqual(['draft', 'missing-columns', 'documents', 'continuation'])
    expect(of('net_total')).toMatchObject({ source: 'documents' })
    expect(of('net_total').alternatives.filter(({ fallback }) => !fallback).length).toBeGreaterThan(1)
    expect(of('x1').alternatives.every(({ fallback }) => fallback)).toBe(true)
  })

  test('are shown with the draft exactly as the model saw them', async () => {
    const { of, ledger } = await drafted([handbook])
    const shown = 'excerpt D1 (handbook: orders.md, lines 21-24, Orders > Totals)\n| # Totals'
    expect(ledger.calls[1]?.intent.messages.at(-1)?.content).toContain(shown)
    expect(of('net_total').evidence).toContain(shown)
    expect(of('x1').evidence).not.toContain('excerpt')
  })

  test('describe the table too', async () => {
    const table = foundChunk('The table sales_order holds what customers bought.')
    const { rows } = await drafted([table], {}, { includeTable: true, columns: [] })
    expect(rows[0]).toMatchObject({ path: 'shop.sales_order', source: 'combined' })
    expect(rows[0]?.citations[0]).toMatchObject({ snippet: 'The table sales_order holds what customers bought.' })
  })
})

describe('a search that fails', () => {
  test('costs the batch nothing and is told on every row', async () => {
    const context = async () => {
      throw new AmxError('AMX-4006', { detail: 'HTTP 503' })
    }
    const { purposes, rows } = await drafted([], {}, { context })
    expect(purposes).toEqual(['draft'])
    for (const row of rows) {
      expect(row.alternatives).toHaveLength(3)
      expect(row.warnings).toEqual([
        expect.stringMatching(/^drafted without documents: their search failed \(AMX-4006: /),
        expect.stringMatching(/^drafted without code: their search failed \(AMX-4006: /),
      ])
    }
  })
})

describe('an agent or a merge that gives nothing to use', () => {
  test.each([
    ['refusal', 'drafted without documents: AMX-3007'],
    ['prose', 'drafted without documents: the reply could not be read'],
    ['truncated', 'drafted without documents: AMX-3008'],
  ] as const)('%s leaves what the profile gave, with the reason', async (kind, reason) => {
    const { of } = await drafted([handbook], { faults: [{ kind, after: 1, first: 1 }] })
    expect(of('net_total')).toMatchObject({ source: 'profile' })
    expect(of('net_total').warnings.join('\n')).toContain(reason)
    expect(of('x1').warnings).toEqual([])
  })

  test.each(['refusal', 'prose', 'truncated', 'missing-columns'] as const)(
    'a merge that ends in %s keeps the surest candidates of all writers',
    async (kind) => {
      const { of, purposes } = await drafted([handbook, code], { faults: [{ kind, after: 3, first: 1 }] })
      expect(purposes).toEqual(['draft', 'documents', 'code', 'merge'])
      const row = of('net_total')
      expect(row).toMatchObject({ source: 'combined' })
      // Code is as sure as the profile and stands before it.
      expect(row.alternatives[0]?.text).toBe('order.net_total = sum(line.price for line in order.lines).')
      expect(row.warnings.join('\n')).toContain('not merged, the surest candidates were kept')
    },
  )
})

describe('citations that stand nowhere', () => {
  /** An agent that answers this about the net total; everything else is answered as a good model would. */
  async function draftedWith(citations: readonly { excerpt: string; quote: string }[]) {
    const texts = ['Net of everything.', 'Net of all.', 'Net of it.'].map((text) => ({ text, confidence: 'high' }))
    const answer = (asset: object) => ({
      body: {
        choices: [
          {
            finish_reason: 'stop',
            message: { role: 'assistant', content: JSON.stringify({ columns: [{ name: 'net_total', ...asset }] }) },
          },
        ],
      },
    })
    await using setting = await routeSetting(
      {},
      answer({ alternatives: texts, reasoning: 'The name.', citations: [] }),
      answer({ alternatives: [{ text: 'Worth nothing.', confidence: 'high' }], reasoning: '', citations }),
      answer({ alternatives: texts, reasoning: 'Merged.', from: ['documents', 'nobody'] }),
    )
    const { rows } = await setting.drafter.draftBatch(
      {
        profile,
        columns: ['net_total'],
        includeTable: false,
        generation: generationSettings(),
        context: fixedSearch([handbook]).search,
      },
      setting.ledger,
      new AbortController().signal,
    )
    const [row] = rows
    if (row === undefined) throw new Error('no row')
    return { row, purposes: setting.ledger.calls.map(({ intent }) => intent.purpose) }
  }
  const real = { excerpt: 'D1', quote: 'sum of its lines' }
  const invented = { excerpt: 'D7', quote: 'worth nothing' }

  test('take their text with them when there is no other', async () => {
    const { row, purposes } = await draftedWith([invented])
    expect(purposes).toEqual(['draft', 'documents'])
    expect(row).toMatchObject({ source: 'profile', citations: [] })
    expect(row.alternatives.map(({ text }) => text)).not.toContain('Worth nothing.')
    expect(row.warnings).toEqual([
      'a citation was dropped: not found in the documents',
      'a text said to come from documents was left out: it cites nothing that stands there',
    ])
  })

  test('are dropped beside those that stand', async () => {
    const { row, purposes } = await draftedWith([invented, real])
    expect(purposes).toEqual(['draft', 'documents', 'merge'])
    expect(row.citations).toEqual([
      { source: 'handbook', path: 'orders.md', startLine: 23, endLine: 23, snippet: 'sum of its lines' },
    ])
    expect(row.warnings).toEqual(['a citation was dropped: not found in the documents'])
    // The merge names the writers it followed; one that is none does not count.
    expect(row.source).toBe('documents')
  })
})

describe('the built-in drafter', () => {
  test('offers provided descriptions with their place, and makes no call', async () => {
    const schema = foundChunk('models:\n  - name: sales_order\n    description: Orders of the shop.', {
      path: 'models/schema.yml',
      kind: 'Code',
      provided: [
        { table: 'sales_order', column: null, text: 'Orders of the shop.' },
        { table: 'sales_order', column: 'net_total', text: 'Net total in euros, before tax.' },
      ],
    })
    const drafter = createDrafter({ model: modelSettings({ provider: 'BuiltIn' }) })
    const ledger = recordedLedger()
    const { rows } = await drafter.draftBatch(
      {
        profile,
        columns: ['net_total', 'x1'],
        includeTable: true,
        generation: generationSettings(),
        context: fixedSearch([schema]).search,
      },
      ledger,
      new AbortController().signal,
    )
    expect(rows.map(({ source, alternatives }) => [source, alternatives[0]?.text])).toEqual([
      ['provided', 'Orders of the shop.'],
      ['provided', 'Net total in euros, before tax.'],
      ['profile', expect.any(String)],
    ])
    expect(rows[0]?.citations).toEqual([
      { source: 'handbook', path: 'models/schema.yml', startLine: 3, endLine: 3, snippet: 'Orders of the shop.' },
    ])
    expect(ledger.calls).toEqual([])
  })
})
