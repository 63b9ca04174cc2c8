import type { UsageReport, UsageRow } from '@amx/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

function row(group: string, changes: Partial<UsageRow> = {}): UsageRow {
  const tokens = { inputTokens: 1000, cachedInputTokens: 100, outputTokens: 500, reasoningTokens: 50 }
  const counts = { runs: 1, calls: 4, cachedReplies: 0, unpricedCalls: 0, unknownCalls: 0 }
  return { group, ...counts, ...tokens, cost: '0.3', costToday: '0.25', ...changes }
}

const report: UsageReport = {
  since: '2026-10-22T08:07:55.000Z',
  until: '2026-11-21T08:07:55.000Z',
  by: 'model',
  groups: [row('OpenAI/gpt-5'), row('Ollama/llama', { cost: null, costToday: null, unpricedCalls: 4 })],
  total: row('total', { runs: 2, calls: 8, unpricedCalls: 4, unknownCalls: 1, costToday: null }),
}
const empty: UsageReport = { ...report, groups: [], total: row('total', { runs: 0, calls: 0, cost: null }) }

let served: StoredRunsFixture
beforeAll(async () => {
  served = await serveStoredRuns([], 2, {
    answers: {
      '/api/v1/namespaces/team-a/usage': report,
      '/api/v1/namespaces/empty/usage': empty,
      '/api/v1/usage': report,
    },
  })
})
afterAll(() => served.stop())

const cells = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/\s{2,}/))

describe('usage', () => {
  test('shows what was used, and says what is not in the cost', async () => {
    const { code, stdout, stderr } = await served.amx(['usage'])
    expect(code).toBe(0)
    expect(cells(stdout)).toEqual([
      ['MODEL', 'RUNS', 'CALLS', 'CACHED REPLIES', 'INPUT', 'CACHED', 'OUTPUT', 'REASONING', 'COST'],
      ['OpenAI/gpt-5', '1', '4', '0', '1000', '100', '500', '50', '$0.3'],
      ['Ollama/llama', '1', '4', '0', '1000', '100', '500', '50', 'unknown'],
      ['total', '2', '8', '0', '1000', '100', '500', '50', '$0.3 and more'],
    ])
    expect(stderr).toContain('4 calls without a known price')
    expect(stderr).toContain('1 call begun and lost')
    expect(served.asked.at(-1)).toBe('GET /api/v1/namespaces/team-a/usage?window=30d&by=model&today=false')
  })

  test("has a column for today's prices when asked", async () => {
    const { stdout } = await served.amx(['usage', '--live', '--by', 'run', '--window', '7d'])
    expect(cells(stdout)[0]?.at(-1)).toBe('COST TODAY')
    expect(cells(stdout)[1]?.at(-1)).toBe('$0.25')
    expect(served.asked.at(-1)).toContain('window=7d&by=run&today=true')
    expect((await served.amx(['usage', '--today'])).stdout).toContain('COST TODAY')
    expect((await served.amx(['usage', '--live', '-o', 'md'])).stdout).toContain('| OpenAI/gpt-5 | 1 | 4 |')
  })

  test('goes to every namespace, and to programs', async () => {
    const { stdout } = await served.amx(['usage', '-A', '-o', 'json'])
    expect(JSON.parse(stdout)).toEqual(report)
    expect(served.asked.at(-1)).toMatch(/^GET \/api\/v1\/usage\?/)
    const csv = await served.amx(['usage', '-o', 'csv'])
    expect(csv.stdout.split('\r\n')[1]).toBe('OpenAI/gpt-5,1,4,0,1000,100,500,50,0.3,0,0')
  })

  test('without a call says so', async () => {
    expect((await served.amx(['usage', '-n', 'empty'])).stderr).toContain(
      'No calls of a model since 2026-10-22T08:07:55Z',
    )
  })

  test('by a unit that is none exits with 2', async () => {
    expect(await served.amx(['usage', '--by', 'colour'])).toMatchObject({ code: 2 })
  })
})
