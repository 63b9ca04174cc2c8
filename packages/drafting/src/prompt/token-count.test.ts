import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { expect, test } from 'vitest'
import { fitsTokens, mostTokens } from './token-count.ts'

const texts = [
  'One row per order, with the customer who placed it.',
  '550e8400-e29b-41d4-a716-446655440000',
  '!@#$%^&*()_+{}|:"<>?',
  '日本語の説明文です',
  'aGVsbG8gd29ybGQ=QUJDREVG',
  '🙂🙃😀 zufällig',
  '\u0000\u0001\u0002',
  'order_status customer_id net_total',
]

test.each(texts)('%j has no more tokens than the bound says', (text) => {
  expect(countTokens(text)).toBeLessThanOrEqual(mostTokens(text))
})

test('a text fits exactly as many tokens as it has', async () => {
  const text = texts.join('\n').repeat(20)
  const tokens = countTokens(text)
  expect(await fitsTokens([text], tokens)).toBe(true)
  expect(await fitsTokens([text], tokens - 1)).toBe(false)
  expect(await fitsTokens([text, 'one more'], tokens)).toBe(false)
})

test('what nothing can make fit is told without counting, and no room takes nothing', async () => {
  expect(await fitsTokens(['a'.repeat(1_000)], 10)).toBe(false)
  expect(await fitsTokens(['a'], -5)).toBe(false)
})

test('words that look like control tokens are counted as text', async () => {
  expect(await fitsTokens(['<|endoftext|> '.repeat(10)], 100)).toBe(true)
})
