import { expect, test } from 'vitest'
import { modelUsage, reportedUsd } from './model-usage.ts'

const good = { prompt_tokens: 100, completion_tokens: 40, total_tokens: 140 }

test('cached and reasoning tokens are parts of input and output', () => {
  const reported = {
    ...good,
    prompt_tokens_details: { cached_tokens: 64 },
    completion_tokens_details: { reasoning_tokens: 30 },
  }
  expect(modelUsage(reported)).toEqual({
    inputTokens: 100,
    cachedInputTokens: 64,
    outputTokens: 40,
    reasoningTokens: 30,
  })
})

test('servers that give no details or no total are believed', () => {
  const expected = { inputTokens: 100, cachedInputTokens: 0, outputTokens: 40, reasoningTokens: 0 }
  expect(modelUsage({ prompt_tokens: 100, completion_tokens: 40 })).toEqual(expected)
  expect(modelUsage({ ...good, prompt_tokens_details: null, completion_tokens_details: {} })).toEqual(expected)
})

test.each([
  ['nothing', undefined],
  ['no prompt', { ...good, prompt_tokens: 0 }],
  ['negative output', { ...good, completion_tokens: -1 }],
  ['text', { ...good, prompt_tokens: '100' }],
  ['parts of a token', { ...good, completion_tokens: 1.5 }],
  ['more cached than sent', { ...good, prompt_tokens_details: { cached_tokens: 101 } }],
  ['more reasoning than output', { ...good, completion_tokens_details: { reasoning_tokens: 41 } }],
  ['a total below its parts', { ...good, total_tokens: 139 }],
])('usage that reports %s is unknown', (_, reported) => {
  expect(modelUsage(reported)).toBeNull()
})

test.each([
  ['DeepSeek', { prompt_cache_hit_tokens: 60, prompt_cache_miss_tokens: 40 }],
  ['Kimi', { cached_tokens: 60 }],
  ['OpenRouter', { prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 } }],
])('%s puts cached tokens in a place of its own', (_, where) => {
  expect(modelUsage({ ...good, ...where })?.cachedInputTokens).toBe(60)
})

test.each([
  [0.00492, '0.00492'],
  [0, '0'],
  [10, '10'],
  [1e-7, '0.0000001'],
  [0.1 + 0.2, '0.3'],
  [-1, null],
  ['0.5', null],
  [Number.NaN, null],
  [undefined, null],
])('a reported cost of %s is %s', (cost, text) => {
  expect(reportedUsd(cost)).toBe(text)
})
