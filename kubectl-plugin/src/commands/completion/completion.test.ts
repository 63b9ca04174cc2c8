import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resultRow } from '../../results/result-row-fixture.ts'
import { runSummary } from '../../results/run-summary-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

let served: StoredRunsFixture

const known = { target: 'pg', schemaPath: 'sales', comment: null, columnsCommented: 0, rowEstimate: null, readAt: '' }
const database = { ...known, path: '*', schemaPath: '*', kind: 'Database', columns: [] }
const schema = { ...known, path: 'sales', kind: 'Schema', columns: [] }
const customer = { ...known, path: 'sales.customer', kind: 'Table', columns: [{ name: 'email', type: 'text' }] }

beforeAll(async () => {
  served = await serveStoredRuns(
    [
      { summary: runSummary('nightly', { draftDigest: null }) },
      {
        summary: runSummary('first'),
        rows: [resultRow('hr.pay.day')],
      },
      { summary: runSummary('other'), rows: [resultRow('hr."Person X".id'), resultRow('hr.pay.day')] },
    ],
    100,
    { answers: { '/api/v1/namespaces/team-a/catalog': { entries: [database, schema, customer], next: null } } },
  )
})
afterAll(() => served.stop())

async function complete(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await served.amx(['__complete', ...words])
  expect([code, stderr]).toEqual([0, ''])
  return stdout.trimEnd().split('\n')
}
const values = (lines: readonly string[]) => lines.map((line) => line.split('\t')[0])

describe('the word that is typed is completed', () => {
  test.each([
    ['commands', ['re'], ['review', 'reject', 'restore', 'rerun', 'resume', 'report', ':4']],
    ['flags', ['check', '--max-'], ['--max-low', '--max-unreviewed', '--max-failed', ':4']],
    ['choices of a flag', ['export', '--format', 'm'], ['md', 'markdown', ':4']],
    ['choices in the same word', ['export', '--format=c'], ['--format=csv', ':4']],
    ['formats', ['get', '-o', ''], ['table', 'wide', 'json', 'yaml', 'name', 'csv', 'jsonpath=', ':4']],
    ['shells', ['completion', ''], ['bash', 'zsh', 'fish', ':4']],
    ['runs', ['watch', ''], ['nightly', 'first', 'other', ':4']],
    ['runs after flags with values', ['export', '--format', 'sql', '-n', 'team-a', 'fi'], ['first', ':4']],
    ['every run of several but those that are there', ['cancel', 'first', ''], ['nightly', 'other', ':4']],
    ['a command behind flags', ['-n', 'team-a', 'watch', 'f'], ['first', ':4']],
    ['nothing where a command takes no more', ['watch', 'first', ''], [':4']],
    ['assets that are known of the databases', ['history', 'asset', ''], ['sales', 'sales.customer', ':4']],
    ['commands of a command', ['history', 's'], ['show', 'stats', ':4']],
    [
      'runs and assets where either is meant',
      ['export', ''],
      ['nightly', 'first', 'other', 'sales', 'sales.customer', ':4'],
    ],
    ['columns below a table', ['history', 'sales.customer.'], ['sales.customer.email', ':4']],
    ['assets of the run that is named', ['accept', 'other', 'hr.p'], ['hr.pay', ':4']],
    ['quoted assets', ['accept', 'other', 'hr."Per'], ['hr."Person X"', ':4']],
    [
      'assets of a flag',
      ['inspect', 'other', '--within=h'],
      ['--within=hr', '--within=hr."Person X"', '--within=hr.pay', ':4'],
    ],
    ['files', ['export', '-f', ''], [':0']],
    ['nothing of a command that is none', ['analyse', ''], [':4']],
    ['nothing where no cluster answers', ['run', '--database', ''], [':4']],
    ['nothing where no kubeconfig is', ['watch', '--kubeconfig', '/nonexistent', ''], [':4']],
  ])('%s', async (_, words, expected) => {
    expect(values(await complete(...words))).toEqual(expected)
  })

  test('with what it is about', async () => {
    expect(await complete('watch', 'f')).toEqual(['first\tAwaitingReview, prod-pg: sales', ':4'])
  })

  test('although the server never answers', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    try {
      const { code, stdout } = await served.amx(['__complete', 'watch', ''], { env: { AMX_SERVER: url } })
      expect([code, stdout]).toEqual([0, ':4\n'])
    } finally {
      silent.closeAllConnections()
      silent.close()
    }
  })
})

test('a shell that is none exits with 2', async () => {
  expect(await served.amx(['completion', 'tcsh'])).toMatchObject({ code: 2, stdout: '' })
})
