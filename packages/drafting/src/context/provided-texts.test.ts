import { describe, expect, test } from 'vitest'
import { evidenceSubject } from '../confidence/evidence-subject.ts'
import { foundChunk } from '../testing/context-fixture.ts'
import { salesOrder } from '../testing/shop-profile.ts'
import { tableProfile } from '../testing/table-profile-fixture.ts'
import { providedTexts } from './provided-texts.ts'

const profile = salesOrder()

function provided(asset: string | null, entries: { table: string | null; column: string | null; text: string }[]) {
  const text = entries.map((entry) => `${entry.column ?? entry.table}: ${entry.text}`).join('\n')
  const chunk = foundChunk(text, { path: 'models/schema.yml', startLine: 5, provided: entries })
  return providedTexts(evidenceSubject(profile, asset), [chunk])
}

test('what an earlier version offered is not offered to whoever asks again', () => {
  const comment = 'Number of the order at the tax office.'
  const table = tableProfile({ path: 'sales.orders', columns: [{ name: 'order_number', type: 'text', comment }] })
  const subject = evidenceSubject(table, 'order_number')
  expect(providedTexts(subject, [], ['Something else.']).kept.map(({ text }) => text)).toEqual([comment])
  expect(providedTexts(subject, [], [comment.toUpperCase()]).kept).toEqual([])
})

test('the comment of an excluded column is not offered: it must reach no model', () => {
  const comment = 'Number of the order at the tax office.'
  const column = { name: 'order_number', type: 'text', comment }
  const offered = (heldBack: 'Excluded' | null) => {
    const held = tableProfile({ path: 'sales.orders', columns: [{ ...column, ...(heldBack && { heldBack }) }] })
    return providedTexts(evidenceSubject(held, 'order_number'), []).kept.map(({ text }) => text)
  }
  expect(offered(null)).toEqual([comment])
  expect(offered('Excluded')).toEqual([])
})

describe('a description of a dbt project', () => {
  test.each([
    ['the model alone', 'sales_order'],
    ['the model in its schema', 'sales.sales_order'],
    ['the model in its database', 'SHOP.Sales."sales_order"'],
  ])('is offered to the letter when it names %s', (_, table) => {
    const { kept } = provided('net_total', [
      { table, column: 'other', text: 'Something else.' },
      { table, column: 'NET_TOTAL', text: 'Sum of all lines,  before tax.' },
    ])
    expect(kept).toEqual([
      {
        text: 'Sum of all lines,  before tax.',
        citation: {
          source: 'handbook',
          path: 'models/schema.yml',
          startLine: 6,
          endLine: 6,
          snippet: 'Sum of all lines, before tax.',
        },
      },
    ])
  })

  test('is not offered for a table or column of another name', () => {
    const entries = [
      { table: 'purchase_order', column: 'net_total', text: 'Of purchases.' },
      { table: 'archive.sales_order', column: 'net_total', text: 'Of the archive.' },
      { table: 'sales_order', column: null, text: 'Of the table.' },
    ]
    expect(provided('net_total', entries).kept).toEqual([])
  })

  test('describes the table when it names no column', () => {
    const { kept } = provided(null, [{ table: 'sales_order', column: null, text: 'Orders of the shop.' }])
    expect(kept.map(({ text }) => text)).toEqual(['Orders of the shop.'])
  })

  test('that the profile contradicts is doubted with its file', () => {
    const { kept, doubted } = provided('is_gift', [
      { table: 'sales_order', column: 'is_gift', text: 'Unique e-mail address, with values from 5 to 9 kilograms.' },
    ])
    expect(kept).toEqual([])
    expect(doubted).toEqual([expect.stringMatching(/^the description in models\/schema.yml \(handbook\) contradicts/)])
  })
})

describe('a term of a glossary', () => {
  test.each([
    ['in words', 'Net total'],
    ['as an identifier', 'net_total'],
  ])('is offered where it means the column, %s', (_, term) => {
    const { kept } = provided('net_total', [{ table: null, column: term, text: 'Sum before tax.' }])
    expect(kept.map(({ text }) => text)).toEqual(['Sum before tax.'])
  })

  test('of one general word is not', () => {
    expect(provided('note', [{ table: null, column: 'Note', text: 'A bank note.' }]).kept).toEqual([])
  })

  test('stands behind a description of the very column', () => {
    const { kept } = provided('net_total', [
      { table: null, column: 'Net total', text: 'Sum before tax.' },
      { table: 'sales_order', column: 'net_total', text: 'Total of the lines.' },
    ])
    expect(kept.map(({ text }) => text)).toEqual(['Total of the lines.', 'Sum before tax.'])
  })
})

test('the comment in the database comes first, and the same text is offered once', () => {
  const commented = tableProfile({
    path: 'sales.sales_order',
    columns: [{ name: 'net_total', type: 'numeric', comment: 'Net total of the lines.' }],
  })
  const chunk = foundChunk('…', {
    provided: [
      { table: 'sales_order', column: 'net_total', text: 'net total of the lines.' },
      { table: 'sales_order', column: 'net_total', text: 'Total before tax.' },
    ],
  })
  const { kept } = providedTexts(evidenceSubject(commented, 'net_total'), [chunk])
  expect(kept.map(({ text, citation }) => [text, citation.source])).toEqual([
    ['Net total of the lines.', 'comment'],
    ['Total before tax.', 'handbook'],
  ])
})
