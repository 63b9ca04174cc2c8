import { afterAll, beforeAll, expect, test } from 'vitest'
import { changeRow, runSummary } from '../../results/run-summary-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

let served: StoredRunsFixture

beforeAll(async () => {
  served = await serveStoredRuns([
    {
      summary: runSummary('second', { type: 'Apply' }),
      changes: [
        changeRow('sales.customer', { oldText: 'Buyers.', newText: 'Who\nbuys.' }),
        changeRow('sales.customer.email', {
          outcome: 'Failed',
          error: 'AMX-2008 must be owner',
          appliedAt: '2026-11-20T09:00:01.000Z',
        }),
        changeRow('hr.person', { newText: '', appliedAt: '2026-11-20T09:00:02.000Z' }),
      ],
    },
    { summary: runSummary('drafts-only') },
    { summary: runSummary('shown-only'), changes: [changeRow('sales.customer', { dryRun: true })] },
    {
      summary: runSummary('first'),
      changes: [changeRow('sales.customer', { newText: 'Buyers.', appliedAt: '2026-11-19T09:00:00.000Z' })],
    },
  ])
})
afterAll(() => served.stop())

test('shows all pages of what a run wrote, in that order', async () => {
  const { stdout } = await served.amx(['audit', 'second', '-o', 'csv'])
  const lines = stdout.split('\r\n')
  expect(lines).toHaveLength(5)
  expect(lines[1]).toContain('2026-11-20T09:00:00.000Z,second,Apply,postgresql://pg:5432/shop,shop-db,sales.customer,')
  expect(lines[1]).toContain(',Applied,no,ada,grace,Buyers.,"Who\nbuys.",')
})

test('groups what was written by the day, the newest first, over all runs', async () => {
  const { stdout } = await served.amx(['audit', '--outcome', 'Applied'])
  const lines = stdout.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^TIME +RUN +TARGET +ASSET +OUTCOME +DECIDED BY +APPLIED BY +BEFORE +AFTER$/)
  expect(lines.filter((line) => /^2026-/.test(line))).toEqual(['2026-11-20', '2026-11-19'])
  expect(lines.findIndex((line) => line.includes('hr.person'))).toBe(2)
})

test('stops at its limit and says so', async () => {
  const { stdout, stderr } = await served.amx(['audit', '--limit', '1', '--no-headers'])
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  expect(stderr).toContain('--limit shows more')
})

test('asks the server for what its flags say', async () => {
  await served.amx([
    'audit',
    '--since',
    '7d',
    '--until',
    '2026-11-21',
    '--by',
    'ada',
    '--asset',
    'sales',
    '--target',
    'pg',
  ])
  const asked = new URL(served.asked.at(-1)?.split(' ')[1] ?? '', 'http://server').searchParams
  expect(Object.fromEntries(asked)).toMatchObject({
    since: '2026-11-14T08:07:55.000Z',
    until: '2026-11-21T00:00:00.000Z',
    by: 'ada',
    asset: 'sales',
    target: 'pg',
  })
})

test('shows a dry run as one', async () => {
  expect((await served.amx(['audit', 'shown-only'])).stdout).toContain('Applied (dry run)')
})

test('takes one outcome', async () => {
  const { stdout } = await served.amx(['audit', 'second', '--outcome', 'Failed', '--no-headers'])
  expect(stdout.split('\n')).toHaveLength(2)
  expect(stdout).toContain('must be owner')
})

test('of a run that wrote nothing says so', async () => {
  expect((await served.amx(['audit', 'drafts-only'])).stderr).toBe('run "drafts-only" wrote nothing\n')
})

test.each([
  [3, ['audit', 'absent']],
  [2, ['audit', '--since', 'yesterday']],
  [2, ['audit', '--limit', '0']],
])('exits with %i for %j', async (code, args) => {
  expect(await served.amx(args)).toMatchObject({ code, stdout: '' })
})
