import type { ComparedRow, RunComparison } from '@amx/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSummary } from '../../results/run-summary-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

function cell(text: string, score: number): ComparedRow['cells'][number] {
  const rest = {
    state: 'Unreviewed' as const,
    edited: false,
    band: null,
    tokenProbability: null,
    signal: 'Judge',
    reason: null,
  }
  return { rowId: '1', version: 1, text, score, ...rest }
}

const comparison: RunComparison = {
  runs: [runSummary('first'), runSummary('second')],
  metrics: [
    { name: 'coverage', better: 'more', unit: 'share', values: [0.9, 1], winners: [1], notCompared: null },
    { name: 'cost', better: 'less', unit: 'dollars', values: [0.25, null], winners: [], notCompared: 'assets differ' },
  ],
  remarks: ['The runs cover different assets.'],
  overlap: { assets: 3, inAll: 2, same: 1 },
  rows: [
    {
      path: 's.t.a',
      kind: 'Column',
      target: null,
      cells: [cell('The old | name.', 0.5), cell('The new | name.', 0.7)],
      same: false,
      winners: [1],
    },
    {
      path: 's.t.b',
      kind: 'Column',
      target: null,
      cells: [null, cell('Of \u001b[31mone.', 0.7)],
      same: false,
      winners: [],
    },
  ],
  next: null,
  groups: [{ place: 's', figures: [{ rows: 2, high: 1, medium: 1, low: 0, mean: 0.5, accepted: 1, rejected: 0 }] }],
}

let served: StoredRunsFixture
beforeAll(async () => {
  const runs = ['newest', 'middle', 'oldest'].map((name) => ({ summary: runSummary(name) }))
  served = await serveStoredRuns(runs, 2, { answers: { '/api/v1/namespaces/team-a/compare': comparison } })
})
afterAll(() => served.stop())

describe('compare', () => {
  test('shows figures with the best of each, and why none is', async () => {
    const { code, stdout, stderr } = await served.amx(['compare', 'first', 'second@uid'])
    expect(code).toBe(0)
    const cells = stdout.split('\n').map((line) => line.split(/\s{2,}/))
    expect(cells.slice(0, 3)).toEqual([
      ['FIGURE', 'FIRST', 'SECOND', 'NOT COMPARED'],
      ['coverage', '90.0%', '100.0% *'],
      ['cost', '$0.2500', '-', 'assets differ'],
    ])
    expect(stderr).toBe('3 assets: 2 in all runs, 1 with the same text\nThe runs cover different assets.\n')
    expect(served.asked.at(-1)).toContain('run=first&run=second%40uid&by=asset&only=all')
  })

  test('marks word by word what differs, and keeps colours of texts out', async () => {
    const { stdout } = await served.amx(['compare', 'first', 'second', '--diff'])
    expect(stdout).toContain('The [-old-]{+new+} | name.  (0.70, best)')
    expect(stdout).toContain('first    (not in this run)')
    expect(stdout).not.toContain('\u001b')
    expect(served.asked.at(-1)).toContain('only=different')
    expect((await served.amx(['compare', 'first', 'second', '--diff'], { terminal: true })).stdout).toContain(
      '\u001b[32m{+new+}',
    )
  })

  test('goes into documents and files', async () => {
    const md = await served.amx(['compare', 'first', 'second', '--table', 's.t', '-o', 'md'])
    expect(md.stdout).toContain('| s.t.a | no | The old \\| name. | The new \\| name. \\* |')
    const csv = await served.amx(['compare', 'first', 'second', '--rows', 'all', '-o', 'csv'])
    expect(csv.stdout.split('\r\n')[1]).toBe(
      's.t.a,no,The old | name.,0.5,Unreviewed,1,The new | name.,0.7,Unreviewed,1',
    )
    expect(JSON.parse((await served.amx(['compare', 'first', 'second', '-o', 'json'])).stdout)).toEqual(comparison)
    const schemas = await served.amx(['compare', 'first', 'second', '--by', 'schema'])
    expect(schemas.stdout).toMatch(/^SCHEMA .*\ns +2 +1\/1\/0 +0\.50 +1/)
  })

  test('takes the last runs, the oldest of them first', async () => {
    await served.amx(['compare', '--last', '2'])
    expect(served.asked.at(-1)).toContain('run=middle%40uid-of-middle&run=newest%40uid-of-newest')
    expect((await served.amx(['compare', '--last', '4'])).stderr).toContain('has 3 runs with drafts')
  })

  test.each([
    [['one']],
    [['a', 'b', 'c', 'd', 'e']],
    [['a', '--last', '2']],
    [['--last', '9']],
    [['a', 'b', '--by', 'x']],
  ])('of %j exits with 2', async (args) => {
    expect(await served.amx(['compare', ...args])).toMatchObject({ code: 2, stdout: '' })
  })
})
