import { describe, expect, test } from 'vitest'
import { costOf, hasKnownPrice, type PricedModel } from './cost-of.ts'
import { builtInPrices, listedPrice, withOwnPrices } from './price-table.ts'

const modelSettings = (change: Partial<PricedModel>): PricedModel => ({
  provider: 'OpenAICompatible',
  model: 'stub-model',
  price: null,
  ...change,
})

const usage = { inputTokens: 1_000, cachedInputTokens: 400, outputTokens: 200, reasoningTokens: 50 }
const openAI = (model: string) => modelSettings({ provider: 'OpenAI', model })

describe('the cost of a call', () => {
  // 600 · 2.50 + 400 · 1.25 + 200 · 10 = 4,000 dollars per million = 0.004
  test('counts input, cached input and output at their own rates', () => {
    expect(costOf(usage, openAI('gpt-4o'))).toEqual({ costUsd: '0.004', priceTable: builtInPrices.version })
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
  expect(listedPrice(builtInPrices, 'OpenAI', 'gpt-4o-2024-08-06')?.entry.model).toBe('gpt-4o')
  expect(listedPrice(builtInPrices, 'OpenAI', 'gpt-4o-mini-audio')).toBeNull()
  expect(listedPrice(builtInPrices, 'Anthropic', 'claude-sonnet-4-5-20250929')?.entry.model).toBe('claude-sonnet-4-5')
})

describe('the batch API', () => {
  // 600 · 1.25 + 400 · 1.25 + 200 · 5: its rate for cached input is not known, so that of its input counts
  test('has rates of its own', () => {
    expect(costOf(usage, openAI('gpt-4o'), { batch: true }).costUsd).toBe('0.00225')
  })

  test('is unknown where its rates are', () => {
    expect(costOf(usage, modelSettings({ provider: 'Kimi', model: 'kimi-k3' }), { batch: true }).costUsd).toBeNull()
  })

  test('costs what the profile says, which knows no other rate', () => {
    const price = { inputPerMillion: '1', cachedInputPerMillion: null, outputPerMillion: '2' }
    expect(costOf(usage, { ...openAI('gpt-4o'), price }, { batch: true }).costUsd).toBe('0.0014')
  })
})

test('a rate for reasoning counts for that part of the output', () => {
  const entry = {
    provider: 'Kimi',
    model: 'k',
    inputPerMillion: '0',
    outputPerMillion: '4',
    reasoningPerMillion: '2',
    asOf: '2026-11-01',
    source: 'here',
  } as const
  const model = modelSettings({ provider: 'Kimi', model: 'k', listed: { version: 'v', entry } })
  // 150 · 4 + 50 · 2
  expect(costOf(usage, model)).toEqual({ costUsd: '0.0007', priceTable: 'v' })
})

test.each([
  ['a listed model', openAI('gpt-4o'), true],
  ['an unlisted one', openAI('my-own-model'), false],
  ['one the server has no price of', { ...openAI('gpt-4o'), listed: null }, false],
  [
    'one with a price of its own',
    modelSettings({ price: { inputPerMillion: '1', cachedInputPerMillion: null, outputPerMillion: '1' } }),
    true,
  ],
  ['the built-in drafter, which calls nobody', modelSettings({ provider: 'BuiltIn', model: 'built-in' }), true],
])('whether calls can be priced is known beforehand: %s', (_, model, known) => {
  expect(hasKnownPrice(model)).toBe(known)
})

describe('other providers', () => {
  const claude = modelSettings({ provider: 'Anthropic', model: 'claude-sonnet-4-5-20250929' })

  // 300 · 3 + 300 · 3.75 + 400 · 0.30 + 200 · 15 = 5,145 dollars per million
  test('input written to a cache has a rate of its own', () => {
    expect(costOf(usage, claude, { cacheWriteTokens: 300 })).toEqual({
      costUsd: '0.005145',
      priceTable: builtInPrices.version,
    })
  })

  test("a profile's price knows no such rate: the input rate counts", () => {
    const price = { inputPerMillion: '1', cachedInputPerMillion: null, outputPerMillion: '1' }
    expect(costOf(usage, { ...claude, price }, { cacheWriteTokens: 300 }).costUsd).toBe('0.0012')
  })

  test('a long prompt has rates of its own where they are known', () => {
    const haiku = modelSettings({ provider: 'Anthropic', model: 'claude-haiku-5-5' })
    const long = { inputTokens: 100_001, cachedInputTokens: 0, outputTokens: 1, reasoningTokens: 0 }
    expect(costOf({ ...long, inputTokens: 100_000 }, haiku).costUsd).toBe('0.0100005')
    expect(costOf(long, haiku).costUsd).toBe('0.050003')
  })

  test('a price that holds for short prompts says nothing of long ones', () => {
    const long = { inputTokens: 272_001, cachedInputTokens: 0, outputTokens: 1, reasoningTokens: 0 }
    expect(costOf(long, openAI('gpt-5.6-terra'))).toEqual({ costUsd: null, priceTable: null })
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

const allRates = builtInPrices.models.flatMap(({ entry }) => {
  const name = `${entry.provider} ${entry.model}`
  const { peak, longInput, batch } = entry
  return [
    [name, entry] as const,
    ...(peak === undefined ? [] : [[`${name} at busy hours`, peak] as const]),
    ...(longInput === undefined ? [] : [[`${name} with long input`, longInput] as const]),
    ...(batch === undefined ? [] : [[`${name} in a batch`, batch] as const]),
  ]
})

test.each(allRates)('%s: cached input is not dearer than input, output not cheaper', (_, rates) => {
  expect(Number(rates.inputPerMillion)).toBeGreaterThan(0)
  expect(Number(rates.cachedInputPerMillion ?? 0)).toBeLessThanOrEqual(Number(rates.inputPerMillion))
  expect(Number(rates.outputPerMillion)).toBeGreaterThanOrEqual(Number(rates.inputPerMillion))
})

describe('an own price file', () => {
  const entry = {
    provider: 'OpenAI',
    model: 'GPT-4o',
    inputPerMillion: '1',
    outputPerMillion: '2',
    asOf: '2026-11-20',
    source: 'our contract',
  }
  const file = (models: unknown) => JSON.stringify({ version: 'contract-7', models })

  test('replaces what the built-in table says of a model, and the calls tell', () => {
    const table = withOwnPrices(file([entry]), 'prices.json')
    const model = { ...openAI('gpt-4o'), listed: listedPrice(table, 'OpenAI', 'gpt-4o') }
    expect(costOf(usage, model)).toEqual({ costUsd: '0.0014', priceTable: `${builtInPrices.version}+contract-7` })
    expect(
      table.models.filter(({ entry: { provider, model: name } }) => provider === 'OpenAI' && /^gpt-4o$/i.test(name)),
    ).toHaveLength(1)
  })

  test('adds models, also of servers with prices of their own', () => {
    const table = withOwnPrices(file([{ ...entry, provider: 'OpenRouter', model: 'openai/gpt-4o' }]), 'prices.json')
    expect(table.models).toHaveLength(builtInPrices.models.length + 1)
    expect(listedPrice(table, 'OpenRouter', 'openai/gpt-4o')?.entry.source).toBe('our contract')
  })

  test.each([
    ['no JSON', '{', /prices\.json.*no JSON/],
    ['nothing in it', 'null', /needs "version" and "models"/],
    ['a number for a rate', file([entry, { ...entry, inputPerMillion: 1 }]), /models\[1\].*decimal text/],
    ['no version', JSON.stringify({ models: [entry] }), /needs a "version"/],
  ])('with %s is refused with the place', (_, text, words) => {
    expect(() => withOwnPrices(text, 'prices.json')).toThrow(words)
  })
})

test('the built-in table is a valid price file', () => {
  const { version } = builtInPrices
  const models = builtInPrices.models.map(({ entry }) => entry)
  expect(withOwnPrices(JSON.stringify({ version, models }), 'built-in').models).toHaveLength(models.length)
})
