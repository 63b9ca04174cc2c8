import { describe, expect, test } from 'vitest'
import { modelSettings } from '../testing/table-profile-fixture.ts'
import { costOf, priceOf } from './cost-of.ts'
import { openAIPrices, priceTableDate } from './price-table.ts'

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

test.each(Object.entries(openAIPrices))('%s: cached input is not dearer than input, output not cheaper', (_, price) => {
  expect(Number(price.inputPerMillion)).toBeGreaterThan(0)
  expect(Number(price.cachedInputPerMillion ?? 0)).toBeLessThanOrEqual(Number(price.inputPerMillion))
  expect(Number(price.outputPerMillion)).toBeGreaterThanOrEqual(Number(price.inputPerMillion))
})
