import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resultRow } from '../../results/result-row-fixture.ts'
import { runSummary } from '../../results/run-summary-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

let served: StoredRunsFixture

beforeAll(async () => {
  const low = { band: 'Low', score: 0.2 } as const
  served = await serveStoredRuns([
    {
      summary: runSummary('newer'),
      rows: [
        resultRow('sales.customer', { kind: 'Table', existingComment: 'Who buys.' }),
        resultRow('sales.customer.email', { state: 'Accepted', applyOutcome: 'Applied', decidedBy: 'ada' }),
        resultRow('sales.customer.note', { ...low }),
        resultRow('sales.customer.seen', { ...low, state: 'Accepted', decidedBy: 'ada' }),
        resultRow('sales.customer.auto', { ...low, state: 'Accepted', decidedBy: 'policy:Auto/All' }),
      ],
    },
    { summary: runSummary('both', { databaseProfiles: ['prod-pg', 'other'] }), rows: [resultRow('x.y.z')] },
    {
      summary: runSummary('older'),
      rows: [
        resultRow('sales.customer.note', { existingComment: 'Outdated: it was dropped since.' }),
        resultRow('sales.order', { kind: 'Table', existingComment: 'What was bought.', applyOutcome: 'Failed' }),
      ],
    },
  ])
})
afterAll(() => served.stop())

describe('check', () => {
  test.each([
    ['coverage that is enough', ['--min-coverage', '0.4'], 0],
    ['coverage as a percentage', ['--min-coverage', '40%'], 0],
    ['coverage by its other name', ['--minimum', '41%'], 8],
    ['coverage that is not', ['--min-coverage', '0.41'], 8],
    ['no threshold: everything is to be described', [], 8],
    ['coverage that counts what is accepted', ['--min-coverage', '80%', '--counting', 'accepted'], 0],
    ['coverage that counts drafts', ['--min-coverage', '1', '--counting', 'drafted'], 0],
    ['doubtful drafts, those a policy accepted among them', ['--max-low', '1'], 9],
    ['as many doubtful drafts as may be', ['--max-low', '2'], 0],
    ['open drafts', ['--max-unreviewed', '1'], 9],
    ['texts not written', ['--max-failed', '0'], 0],
    ['both, where coverage has the word', ['--min-coverage', '1', '--max-low', '0'], 8],
    ['a part of it', ['--within', 'sales.customer.email'], 0],
  ])('%s', async (_, flags, code) => {
    expect(await served.amx(['check', 'newer', ...flags])).toMatchObject({ code, stderr: '' })
  })

  test('says what was held against what', async () => {
    const { stdout } = await served.amx(['check', '--min-coverage', '0.9', '--max-low', '2'])
    expect(stdout).toBe(
      'run newer\nFAILED  coverage: 40.0% (2 of 5 commented), at least 90.0%\nok      low: 2 low, at most 2\n',
    )
  })

  test('of a database takes each asset as the newest run over it alone found it', async () => {
    const { code, stdout } = await served.amx(['check', '--database', 'prod-pg', '--max-failed', '0', '-o', 'json'])
    expect(code).toBe(9)
    expect(JSON.parse(stdout)).toMatchObject({
      about: 'database prod-pg (2 runs)',
      passed: false,
      exitCode: 9,
      gates: [{ name: 'failed', passed: false, value: 1, limit: 0 }],
      coverage: { assets: 6, commented: 3 },
    })
  })

  test('gives programs one figure, or a file', async () => {
    expect((await served.amx(['check', '-o', 'jsonpath={.coverage.assets}'])).stdout).toBe('5')
    expect((await served.amx(['check', '-o', 'csv'])).stdout).toBe(
      'gate,passed,value,limit\r\ncoverage,false,0.4,1\r\n',
    )
  })

  test.each([
    ['a share that is none', ['newer', '--min-coverage', '110%'], 2],
    ['a number that is none', ['newer', '--max-low', 'few'], 2],
    ['an asset of a database that no run has', ['newer', '--database', 'prod-pg'], 3],
    ['a jsonpath that is none', ['newer', '-o', 'jsonpath={.a'], 2],
    ['a scope without any asset, which must not pass', ['newer', '--within', 'absent'], 3],
    ['a database no run is about', ['--database', 'absent'], 3],
  ])('refuses %s', async (_, args, code) => {
    const { stdout, ...rest } = await served.amx(['check', ...args])
    expect(stdout).toBe('')
    expect(rest).toMatchObject({ code })
  })
})

describe('inspect', () => {
  test('shows a line per schema and one per table, with their sums', async () => {
    const { code, stdout, stderr } = await served.amx(['inspect', '-d', 'prod-pg'])
    expect(code).toBe(0)
    expect(stderr).toBe('database prod-pg (2 runs)\n')
    expect(stdout.split('\n').map((line) => line.split(/\s{2,}/))).toEqual([
      [
        'SCHEMA',
        'COVERAGE',
        'ASSETS',
        'COMMENTED',
        'ACCEPTED',
        'DRAFTED',
        'HIGH',
        'MEDIUM',
        'LOW',
        'UNREVIEWED',
        'FAILED',
      ],
      ['sales', '50.0%', '6', '3', '5', '6', '3', '0', '2', '3', '1'],
      ['total', '50.0%', '6', '3', '5', '6', '3', '0', '2', '3', '1'],
      [''],
      [
        'TABLE',
        'COVERAGE',
        'ASSETS',
        'COMMENTED',
        'ACCEPTED',
        'DRAFTED',
        'HIGH',
        'MEDIUM',
        'LOW',
        'UNREVIEWED',
        'FAILED',
      ],
      ['sales.customer', '40.0%', '5', '2', '4', '5', '2', '0', '2', '2', '0'],
      ['sales.order', '100.0%', '1', '1', '1', '1', '1', '0', '0', '1', '1'],
      ['total', '50.0%', '6', '3', '5', '6', '3', '0', '2', '3', '1'],
      [''],
    ])
  })

  test('gives the same to programs', async () => {
    const { stdout } = await served.amx(['inspect', 'newer', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({
      about: 'run newer',
      total: { assets: 5, coverage: 0.4 },
      schemas: [{ place: 'sales' }],
      tables: [{ place: 'sales.customer', coverage: 0.4 }],
    })
    const csv = await served.amx(['inspect', 'newer', '--by', 'table', '-o', 'csv'])
    expect(csv.stdout.split('\r\n')[1]).toBe('table,postgresql://pg:5432/shop,sales.customer,5,2,4,5,2,0,2,2,0,0.4000')
  })
})
