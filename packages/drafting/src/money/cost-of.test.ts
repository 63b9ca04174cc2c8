import { describe, expect, test } from 'vitest'
import { modelSettings } from '../testing/table-profile-fixture.ts'
import { costOf, priceOf } from './cost-of.ts'
import { anthropicPrices, deepSeekPrices, kimiPrices, openAIPrices, priceTableDate } from './price-table.ts'

const usage = { inputTokens: 1_000, cachedInputTokens: 400, outputTokens: 200, reasoningTokens: 50 }
const openAI = (model: string) => modelSettings({ provider: 'OpenAI', model })

describe('the cost of a call', () => {
  // 600 · 2.50 + 400 · 1.25 + 200 · 10 = 4,000 dollars per million = 0.004
  test('counts input, cached input and output at their own rates', () => {
    expect(costOf(usage, openAI('gpt-4o'))).toEqual({ costUsd: '0.004', priceTable: priceTableDate })
  })

  // 1 · 0.05 = 0.05 dollars per million = 50 nano-dollars
  test('is exact to the nano-dollar, where binary fractions are not', () => {
    const one = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 }
    expect(costOf(one, openAI('gpt-5-nano')).costUsd).toBe('0.00000005')
    const three = modelSettings({
      price: { inputPerMillion: '0.1', cachedInputPerMillion: null, outputPerMillion: '0.2' },
    })
    expect(
      costOf({ inputTokens: 3_000_000, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 }, three).costUsd,
    ).toBe('0.3')
  })

  // 0.0005 per million for one token = 0.5 nano-dollars, rounded half up
  test('is rounded once, half up', () => {
    const tiny = modelSettings({
      price: { inputPerMillion: '0.0005', cachedInputPerMillion: null, outputPerMillion: '0' },
    })
    expect(costOf({ inputTokens: 1, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 }, tiny).costUsd).toBe(
      '0.000000001',
    )
  })

  test("takes the profile's price before the table's", () => {
    const model = {
      ...openAI('gpt-4o'),
      price: { inputPerMillion: '1', cachedInputPerMillion: null, outputPerMillion: '2' },
    }
    expect(costOf(usage, model)).toEqual({ costUsd: '0.0014', priceTable: 'profile' })
  })

  test('of large runs does not overflow', () => {
    const huge = { inputTokens: Number.MAX_SAFE_INTEGER, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 }
    expect(costOf(huge, openAI('gpt-4.1')).costUsd).toBe('18014398509.481982')
  })

  test.each([
    ['the model has no known price', openAI('my-own-model'), usage],
    [
      'another server offers a model of that name',
      modelSettings({ provider: 'OpenAICompatible', model: 'gpt-4o' }),
      usage,
    ],
    ['the usage is unknown', openAI('gpt-4o'), null],
  ])('is unknown, not 0, when %s', (_, model, used) => {
    expect(costOf(used, model)).toEqual({ costUsd: null, priceTable: null })
  })
})

test('a dated name has the price of its model', () => {
  expect(priceOf(openAI('gpt-4o-2024-08-06'))?.price).toEqual(openAIPrices['gpt-4o'])
  expect(priceOf(openAI('gpt-4o-mini-audio'))).toBeNull()
})

describe('other providers', () => {
  const claude = modelSettings({ provider: 'Anthropic', model: 'claude-sonnet-4-5-20250929' })

  // 300 · 3 + 300 · 3.75 + 400 · 0.30 + 200 · 15 = 5,145 dollars per million
  test('input written to a cache has a rate of its own', () => {
    expect(costOf(usage, claude, { cacheWriteTokens: 300 })).toEqual({
      costUsd: '0.005145',
      priceTable: priceTableDate,
    })
  })

  test("a profile's price knows no such rate: the input rate counts", () => {
    const price = { inputPerMillion: '1', cachedInputPerMillion: null, outputPerMillion: '1' }
    expect(costOf(usage, { ...claude, price }, { cacheWriteTokens: 300 }).costUsd).toBe('0.0012')
  })

  test('a price that holds for short prompts says nothing of long ones', () => {
    const haiku = modelSettings({ provider: 'Anthropic', model: 'claude-haiku-5-5' })
    const long = { inputTokens: 100_001, cachedInputTokens: 0, outputTokens: 1, reasoningTokens: 0 }
    expect(costOf({ ...long, inputTokens: 100_000 }, haiku).costUsd).toBe('0.0100005')
    expect(costOf(long, haiku)).toEqual({ costUsd: null, priceTable: null })
  })

  // 600 · 0.15 + 400 · 0.003 + 200 · 0.6 = 211.2 dollars per million; double in the peak
  test.each([
    ['2026-11-17T00:59:59Z', '0.0002112'],
    ['2026-11-17T01:00:00Z', '0.0004224'],
    ['2026-11-17T04:00:00Z', '0.0002112'],
    ['2026-11-20T09:59:59Z', '0.0004224'],
    ['2026-11-20T10:00:00Z', '0.0002112'],
    ['2026-11-21T07:00:00Z', '0.0002112'],
  ])('DeepSeek at %s costs %s', (at, costUsd) => {
    const deepSeek = modelSettings({ provider: 'DeepSeek', model: 'deepseek-flash' })
    expect(costOf(usage, deepSeek, { at: new Date(at) }).costUsd).toBe(costUsd)
  })

  test('what a route reports goes before a table, and after the price of a profile', () => {
    expect(costOf(null, claude, { reportedUsd: '0.5' })).toEqual({ costUsd: '0.5', priceTable: 'provider' })
    const price = { inputPerMillion: '0', cachedInputPerMillion: null, outputPerMillion: '0' }
    expect(costOf(usage, { ...claude, price }, { reportedUsd: '0.5' })).toEqual({ costUsd: '0', priceTable: 'profile' })
  })

  test.each([
    ['Anthropic', 'claude-of-tomorrow'],
    ['DeepSeek', 'deepseek-chat'],
    ['Kimi', 'kimi-k9'],
    ['Ollama', 'llama3.2'],
    ['OpenRouter', 'openai/gpt-4o'],
  ] as const)('%s %s is unknown', (provider, model) => {
    expect(costOf(usage, modelSettings({ provider, model }))).toEqual({ costUsd: null, priceTable: null })
  })
})

const allPrices = [
  ...Object.entries({ ...openAIPrices, ...anthropicPrices, ...kimiPrices }),
  ...Object.entries(deepSeekPrices).flatMap(([name, { offPeak, peak }]) => [
    [`${name} off-peak`, offPeak] as const,
    [`${name} peak`, peak] as const,
  ]),
]

test.each(allPrices)('%s: cached input is not dearer than input, output not cheaper', (_, price) => {
  expect(Number(price.inputPerMillion)).toBeGreaterThan(0)
  expect(Number(price.cachedInputPerMillion ?? 0)).toBeLessThanOrEqual(Number(price.inputPerMillion))
  expect(Number(price.outputPerMillion)).toBeGreaterThanOrEqual(Number(price.inputPerMillion))
})
