import { expect, test } from 'vitest'
import { foundChunk } from '../testing/context-fixture.ts'
import type { Excerpt } from './excerpt.ts'
import { verifyQuotes } from './verify-quotes.ts'

const chunk = foundChunk('The net total is before tax.\nShipping is extra.', { startLine: 5 })
const excerpts: Excerpt[] = [{ id: 'D1', chunk, text: chunk.text, assets: ['net_total'] }]

const found = {
  source: 'handbook',
  path: 'orders.md',
  startLine: 6,
  endLine: 6,
  snippet: 'Shipping is extra.',
}

test.each([
  ['by its id', 'D1'],
  ['by its id as models write it', ' [d1] '],
])('a quotation of an excerpt named %s becomes a citation with its place', (_, excerpt) => {
  expect(verifyQuotes([{ excerpt, quote: 'shipping is extra' }], excerpts)).toEqual({
    citations: [{ ...found, snippet: 'Shipping is extra' }],
    invented: 0,
  })
})

test.each([
  ['names an excerpt that was not shown', 'D2', 'Shipping is extra.'],
  ['quotes what the excerpt does not say', 'D1', 'Shipping is free.'],
  ['quotes nothing', 'D1', ''],
])('a citation that %s is dropped and counted', (_, excerpt, quote) => {
  expect(verifyQuotes([{ excerpt, quote }], excerpts)).toEqual({ citations: [], invented: 1 })
})

test('citations of the same lines are one', () => {
  const quotes = ['Shipping is extra.', 'is extra.'].map((quote) => ({ excerpt: 'D1', quote }))
  expect(verifyQuotes(quotes, excerpts).citations).toEqual([found])
})
