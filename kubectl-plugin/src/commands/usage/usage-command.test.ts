import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSummary } from '../../results/run-summary-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'
import { addDecimals } from './usage-by.ts'

let served: StoredRunsFixture

beforeAll(async () => {
  const { cost } = runSummary('x')
  served = await serveStoredRuns([
    { summary: runSummary('c', { cost: { ...cost, amount: '0.1' } }) },
    { summary: runSummary('b', { model: 'llama', cost: { ...cost, amount: null, unpricedCalls: 4 } }) },
    { summary: runSummary('a', { startedAt: '2026-11-19T08:00:00.000Z', cost: { ...cost, amount: '0.2' } }) },
    { summary: runSummary('old', { startedAt: '2026-09-01T08:00:00.000Z' }) },
  ])
})
afterAll(() => served.stop())

describe('usage', () => {
  test('adds up the last 30 days by model, and says what has no price', async () => {
    const { code, stdout, stderr } = await served.amx(['usage'])
    expect(code).toBe(0)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/\s{2,}/)),
    ).toEqual([
      ['MODEL', 'RUNS', 'CALLS', 'CACHED REPLIES', 'INPUT', 'CACHED', 'OUTPUT', 'REASONING', 'COST'],
      ['gpt-5', '2', '8', '0', '2000', '200', '1000', '100', '$0.3'],
      ['llama', '1', '4', '0', '1000', '100', '500', '50', 'unknown'],
      ['total', '3', '12', '0', '3000', '300', '1500', '150', '$0.3 and more'],
    ])
    expect(stderr).toContain('4 calls had no known price')
  })

  test('looks as far back as told, by day and for programs', async () => {
    const { stdout } = await served.amx(['usage', '--window', '52w', '--by', 'day', '-o', 'json'])
    expect(JSON.parse(stdout).groups.map(({ group }: { group: string }) => group)).toEqual([
      '2026-11-19',
      '2026-11-20',
      '2026-09-01',
    ])
    const csv = await served.amx(['usage', '--window', '25h', '-o', 'csv'])
    expect(csv.stdout.split('\r\n')[1]).toBe('gpt-5,1,4,0,1000,100,500,50,0.1,0')
  })

  test('without a run says so', async () => {
    expect((await served.amx(['usage', '--window', '1h'])).stderr).toContain('No runs since 2026-11-21T07:07:55.000Z')
  })

  test('of a time that is none exits with 2', async () => {
    expect(await served.amx(['usage', '--window', 'long'])).toMatchObject({ code: 2 })
  })
})

test('money is added exactly', () => {
  expect(addDecimals(['0.1', '0.2'])).toBe('0.3')
  expect(addDecimals(['12', '0.000001', '100'])).toBe('112.000001')
  expect(addDecimals(['0', '0.00'])).toBe('0')
  expect(addDecimals(['100'])).toBe('100')
  expect(addDecimals([])).toBeNull()
})
