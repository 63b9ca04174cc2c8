import type { VersionRow } from '@amx/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resultRow } from '../../results/result-row-fixture.ts'
import { runSummary } from '../../results/run-summary-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

let served: StoredRunsFixture

function versionRow(version: number, run: string, rest: Partial<VersionRow>): VersionRow {
  const text = `Version ${version} of it.`
  return {
    rowId: String(version),
    version,
    run: { uid: run, name: run, type: 'Rerun' },
    parentId: null,
    seed: null,
    status: 'Drafted',
    state: 'Unreviewed',
    score: 0.8,
    band: 'High',
    alternatives: [{ text, score: 0.8, fallback: false }],
    chosenText: null,
    applyOutcome: null,
    model: 'gpt-5',
    instructions: '',
    draftedAt: null,
    locks: false,
    ...rest,
  }
}

const versions = [
  versionRow(1, 'first', { run: { uid: 'a', name: 'first', type: 'Analyze' }, state: 'Accepted', locks: true }),
  versionRow(2, 'again', { parentId: '1' }),
  versionRow(3, 'varied', {
    run: { uid: 'c', name: 'varied', type: 'Variations' },
    parentId: '2',
    seed: { rowId: '2', index: 3, text: 'A seed.' },
  }),
]
const locked = { version: 2, versions: 3, lock: { rowId: '1', version: 1, run: 'first' } }
const twice = ['pg', 'other'].map((databaseProfile) => resultRow('sales.sale', { databaseProfile }))

beforeAll(async () => {
  served = await serveStoredRuns(
    [{ summary: runSummary('first'), rows: [resultRow('sales.customer.email', locked), ...twice] }],
    9,
    { versions },
  )
})
afterAll(() => served.stop())

test('each version says what it was made of and which of them locks the others', async () => {
  const { code, stdout } = await served.amx(['versions', 'first', 'sales.customer.email'])
  expect(code).toBe(0)
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/\s{2,}/)),
  ).toEqual([
    ['VERSION', 'RUN', 'MADE BY', 'OF', 'BAND', 'SCORE', 'STATE', 'TEXT'],
    ['v1', 'first', 'Analyze', '-', 'High', '0.80', 'Accepted, locks the others', 'Version 1 of it.'],
    ['v2', 'again', 'Rerun', 'v1', 'High', '0.80', 'Unreviewed', 'Version 2 of it.'],
    ['v3', 'varied', 'Variations', 'v2, alternative 3', 'High', '0.80', 'Unreviewed', 'Version 3 of it.'],
  ])
})

test('an asset the run has not is not found', async () => {
  const { code, stderr } = await served.amx(['versions', 'first', 'sales.nope'])
  expect(code).toBe(3)
  expect(stderr).toContain('sales.nope does not exist among the results of run "first"')
})

test('an asset in two databases wants its target', async () => {
  const { code, stderr } = await served.amx(['versions', 'first', 'sales.sale'])
  expect(code).toBe(2)
  expect(stderr).toContain('give --target, one of pg, other')
  expect((await served.amx(['versions', 'first', 'sales.sale', '--target', 'pg'])).code).toBe(0)
})
