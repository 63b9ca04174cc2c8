import { builtInPrices, type PriceList } from '@amx/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

const own = { provider: 'OpenAI', model: 'our-gpt', inputPerMillion: '1', outputPerMillion: '2' } as const
const list: PriceList = {
  version: '2026-11-01+contract-7',
  models: [
    { origin: 'Own', entry: { ...own, asOf: '2026-11-20', source: 'our contract' } },
    ...builtInPrices.models.map(({ entry, origin }) => ({ entry, origin })),
  ],
}

let served: StoredRunsFixture
beforeAll(async () => {
  served = await serveStoredRuns([], 2, { answers: { '/api/v1/prices': list } })
})
afterAll(() => served.stop())

describe('prices', () => {
  test('shows rates with their age, and whose they are', async () => {
    const { code, stdout, stderr } = await served.amx(['prices', '--model', '^openai/(our-gpt|gpt-4o)$'])
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.split(/\s{2,}/))).toEqual([
      ['PROVIDER', 'MODEL', 'INPUT', 'CACHED', 'OUTPUT', 'BATCH IN', 'BATCH OUT', 'AGE', 'FROM', 'NOTES'],
      ['OpenAI', 'our-gpt', '1', '-', '2', '-', '-', '1d', 'own file'],
      ['OpenAI', 'gpt-4o', '2.5', '1.25', '10', '1.25', '5', '20d', 'built in'],
    ])
    expect(stderr).toContain('2026-11-01+contract-7')
  })

  test('tells of rates that depend on length and time', async () => {
    const { stdout } = await served.amx(['prices', '--model', 'haiku-5-5|deepseek-flash'])
    expect(stdout).toContain('above 100000 tokens of input 0.5 / 2.5')
    expect(stdout).toContain('at busy hours 0.3 / 1.2')
  })

  test('goes to programs whole', async () => {
    const { stdout } = await served.amx(['prices', '--model', 'our-gpt', '-o', 'json'])
    expect(JSON.parse(stdout)).toEqual({ version: list.version, models: list.models.slice(0, 1) })
    const csv = await served.amx(['prices', '--model', 'our-gpt', '-o', 'csv'])
    expect(csv.stdout.split('\r\n')[1]).toBe('OpenAI,our-gpt,1,,2,,,2026-11-20,Own,our contract')
  })

  test('of a model nobody knows are unknown, not 0', async () => {
    expect((await served.amx(['prices', '--model', 'nobody'])).stderr).toContain('its cost is unknown')
  })

  test('of a pattern that is none exits with 2', async () => {
    expect(await served.amx(['prices', '--model', '('])).toMatchObject({ code: 2 })
  })
})
