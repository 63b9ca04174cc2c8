import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resultRow } from '../../results/result-row-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

const results = '/api/v1/namespaces/team-a/runs/nightly/results'
const facets = {
  status: [{ value: 'Drafted', rows: 3 }],
  state: [
    { value: 'Unreviewed', rows: 2 },
    { value: 'Accepted', rows: 1 },
  ],
  band: [],
  kind: [],
  source: [],
  applyOutcome: [],
  hasCitations: [{ value: 'true', rows: 3 }],
  hasComment: [],
  hasWarnings: [],
  schema: [],
  table: [],
}
const group = { rows: 2, unreviewed: 1, accepted: 1, skipped: 0, rejected: 0, meanScore: 0.755, texts: 2 }
let runs: StoredRunsFixture

beforeAll(async () => {
  const rows = ['sales.customer.id', 'sales.order.id', 'hr.staff'].map((path) => resultRow(path))
  runs = await serveStoredRuns([], 2, {
    answers: {
      '/apis/amx.dev/v1alpha1/namespaces/team-a/metadataruns/nightly': {
        apiVersion: 'amx.dev/v1alpha1',
        kind: 'MetadataRun',
        metadata: { name: 'nightly', namespace: 'team-a', uid: 'u-1' },
      },
      [results]: { rows, next: null, draftDigest: null, total: 3 },
      [`${results}/facets`]: { total: 3, facets },
      [`${results}/groups`]: {
        groups: [{ ...group, key: 'id', filter: { columnName: 'id', dataType: 'bigint' } }],
        next: null,
      },
    },
  })
})
afterAll(() => runs.stop())

describe('get --results', () => {
  test('asks for rows with every filter that is given, repeated ones as often', async () => {
    const flags = ['--state', 'Unreviewed', '--state', 'Skipped', '--table', 'sales.order', '--min-score', '0.5']
    const more = ['--has-citations', '--has-comment', 'no', '--sort', 'confidence', '--order', 'ascending']
    const { code, stderr } = await runs.amx(['get', 'nightly', '--results', ...flags, ...more])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const asked = new URL(`http://x${runs.asked.at(-1)?.split(' ')[1]}`).searchParams
    expect(asked.getAll('state')).toEqual(['Unreviewed', 'Skipped'])
    expect(Object.fromEntries(asked)).toMatchObject({
      uid: 'u-1',
      table: 'sales.order',
      minimumScore: '0.5',
      hasCitations: 'true',
      hasComment: 'false',
      sort: 'confidence',
      order: 'ascending',
    })
  })

  test('takes an RE2 pattern for paths', async () => {
    const { stdout } = await runs.amx(['get', 'nightly', '--results', '--filter', '^sales\\..*\\.id$', '-o', 'name'])
    expect(stdout).toBe('sales.customer.id\nsales.order.id\n')
    const refused = await runs.amx(['get', 'nightly', '--results', '--filter', '(a'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('--filter (a')
  })

  test.each([
    [['--min-score', '2'], 'Write a number from 0 to 1.'],
    [['--has-citations', 'maybe'], 'Write yes or no.'],
    [['--band', 'Middling'], 'Allowed choices are'],
    [['--table', 'Sales..x'], 'AMX-1011'],
  ])('%j is refused', async (flags, problem) => {
    const { code, stderr } = await runs.amx(['get', 'nightly', '--results', ...flags])
    expect(code).toBe(2)
    expect(stderr).toContain(problem)
  })
})

test('get --facets counts rows by each dimension', async () => {
  const { stdout } = await runs.amx(['get', 'nightly', '--facets', '--band', 'Low'])
  expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['BY', 'VALUE', 'ROWS'],
    ['status', 'Drafted', '3'],
    ['state', 'Unreviewed', '2'],
    ['state', 'Accepted', '1'],
    ['has citations', 'yes', '3'],
    ['total', '3'],
    [''],
  ])
  expect(runs.asked.at(-1)).toContain('/facets?uid=u-1&band=Low')
  expect((await runs.amx(['get', 'nightly', '--facets', '-o', 'jsonpath={.total}'])).stdout).toBe('3')
})

test('get --group-by shows groups with their figures, as a table and as a file', async () => {
  const { stdout } = await runs.amx(['get', 'nightly', '--group-by', 'name', '--no-headers'])
  expect(stdout.trim().split(/ +/)).toEqual(['id', 'bigint', '2', '1', '1', '0', '0', '0.76', '2'])
  const file = await runs.amx(['get', 'nightly', '--group-by', 'name', '-o', 'csv'])
  expect(file.stdout.split('\r\n')[0]).toBe('column,type,rows,unreviewed,accepted,skipped,rejected,mean score,texts')
})

test.each([
  [['get', 'nightly', '--band', 'Low'], 'belong to --results'],
  [['get', 'nightly', '--facets', '--group-by', 'kind'], 'not both'],
  [['get', 'nightly', '--facets', '--filter', 'a'], 'use --path or --search'],
])('%j is refused', async (args, problem) => {
  const { code, stderr } = await runs.amx(args)
  expect(code).toBe(2)
  expect(stderr).toContain(problem)
})
