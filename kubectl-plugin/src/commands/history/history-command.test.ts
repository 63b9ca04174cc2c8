import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changeRow, runSummary } from '../../results/run-summary-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

let served: StoredRunsFixture

beforeAll(async () => {
  const apply = { applied: 2, failed: 1, refused: 0, unsupported: 0 }
  served = await serveStoredRuns([
    {
      summary: runSummary('second', { type: 'Apply', apply }),
      changes: [
        changeRow('sales.customer', { oldText: 'Buyers.', newText: 'Who\nbuys.' }),
        changeRow('sales.customer.email', {
          outcome: 'Failed',
          error: 'AMX-2008 must be owner',
          appliedAt: '2026-11-20T09:00:01.000Z',
        }),
        changeRow('hr.person', { appliedAt: '2026-11-20T09:00:02.000Z' }),
      ],
    },
    { summary: runSummary('drafts-only') },
    {
      summary: runSummary('shown-only', { type: 'Apply', apply: { ...apply, failed: 0 } }),
      changes: [changeRow('sales.customer', { dryRun: true, newText: 'Never written.' })],
    },
    {
      summary: runSummary('first', { apply: { ...apply, failed: 0 } }),
      changes: [
        changeRow('sales.customer', { newText: 'Buyers.', appliedAt: '2026-11-19T09:00:00.000Z' }),
        changeRow('sales.customers', { newText: 'A view.', appliedAt: '2026-11-20T10:00:00.000Z' }),
      ],
    },
  ])
})
afterAll(() => served.stop())

describe('history', () => {
  test('of an asset shows what was written to it and below it, the newest first', async () => {
    const { code, stdout, stderr } = await served.amx(['history', 'sales.customer'])
    expect([code, stderr]).toEqual([0, ''])
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/\s{2,}/)),
    ).toEqual([
      ['TIME', 'RUN', 'TARGET', 'ASSET', 'OUTCOME', 'DECIDED BY', 'APPLIED BY', 'BEFORE', 'AFTER'],
      ['2026-11-20'],
      [
        '09:00:01',
        'second',
        'shop-db',
        'sales.customer.email',
        'Failed',
        'ada',
        'grace',
        '-',
        'What sales.customer.email is. (AMX-2008 must be owner)',
      ],
      ['09:00:00', 'second', 'shop-db', 'sales.customer', 'Applied', 'ada', 'grace', 'Buyers.', 'Who buys.'],
      ['2026-11-19'],
      ['09:00:00', 'first', 'shop-db', 'sales.customer', 'Applied', 'ada', 'grace', '-', 'Buyers.'],
    ])
  })

  test('of everything is in the order of the writes, not of the runs, and says what the limit left out', async () => {
    const { stdout, stderr } = await served.amx([
      'history',
      'asset',
      '--limit',
      '2',
      '-o',
      'jsonpath={.changes[*].path}',
    ])
    expect(stdout).toBe('sales.customers hr.person')
    expect(stderr).toContain('the first 2 changes')
  })

  test('is read in one pass, not run by run', async () => {
    const before = served.asked.length
    await served.amx(['history', 'sales.customer'])
    expect(served.asked.slice(before).every((path) => /\/namespaces\/[^/]+\/changes\?/.test(path))).toBe(true)
  })

  test('of an asset nothing was written to says so', async () => {
    expect(await served.amx(['history', 'absent'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'nothing was written to absent\n',
    })
  })

  test.each([[['history', 'Sales']], [['history', '--limit', '0']]])('%j exits with 2', async (args) => {
    expect(await served.amx(args)).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('history of runs', () => {
  test('lists them, with what is told of each', async () => {
    const { code, stdout } = await served.amx([
      'history',
      '--phase',
      'Failed,Cancelled',
      '--since',
      '7d',
      '--search',
      'shop',
    ])
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]?.split(/\s{2,}/)).toEqual([
      'NAME',
      'TYPE',
      'PHASE',
      'SCOPE',
      'MODEL',
      'COLUMNS',
      'ACCEPTED',
      'WRITTEN',
      'COST',
      'DURATION',
      'STARTED',
    ])
    expect(stdout).toContain('drafts-only')
    expect(served.asked.at(-1)).toMatch(
      /\/runs\?sort=started&phase=Failed%2CCancelled&search=shop&since=2026-11-14T08%3A07%3A55.000Z/,
    )
  })

  test('reads as many pages as the limit wants, and says that there is more', async () => {
    const { stdout, stderr } = await served.amx(['history', 'list', '--limit', '2', '-o', 'name'])
    expect(stdout).toBe('second\ndrafts-only\n')
    expect(stderr).toContain('--limit shows more')
  })

  test('goes into files and documents', async () => {
    expect((await served.amx(['history', '-o', 'csv'])).stdout).toMatch(/^name,uid,type,phase,reason,/)
    expect((await served.amx(['history', '-o', 'md'])).stdout).toContain('|---|---|')
    expect(JSON.parse((await served.amx(['history', '-o', 'json'])).stdout).runs).toHaveLength(4)
  })

  test.each([[['history', '--since', 'yesterday']], [['history', 'sales', '-o', 'md']], [['history', 'show']]])(
    '%j exits with 2',
    async (args) => {
      expect(await served.amx(args)).toMatchObject({ code: 2, stdout: '' })
    },
  )
})
