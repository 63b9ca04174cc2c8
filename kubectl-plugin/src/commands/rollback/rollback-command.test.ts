import { afterAll, beforeAll, expect, test } from 'vitest'
import { changeRow, runSummary } from '../../results/run-summary-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

let served: StoredRunsFixture

beforeAll(async () => {
  served = await serveStoredRuns([
    { summary: runSummary('drafts-only') },
    { summary: runSummary('shown-only'), changes: [changeRow('sales.customer', { dryRun: true })] },
  ])
})
afterAll(() => served.stop())

test.each([
  ['a run that nobody knows', 'nope', 3, 'AMX-1013'],
  ['a run that wrote nothing', 'drafts-only', 3, 'AMX-1050'],
  ['a run that only showed what it would write', 'shown-only', 3, 'AMX-1050'],
])('%s is refused before anything is created', async (_, run, code, error) => {
  const ended = await served.amx(['rollback', run, '--yes'])
  expect(ended).toMatchObject({ code, stdout: '' })
  expect(ended.stderr).toContain(error)
  expect(await served.amx(['rollback', run], { typed: ['y'] })).toMatchObject({ code, stdout: '' })
})
