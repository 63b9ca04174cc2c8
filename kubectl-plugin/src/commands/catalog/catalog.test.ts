import type { CatalogEntry } from '@amx/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'
import { readWords, staleRemark } from './freshness.ts'
import { refreshManifest } from './refresh-catalog.ts'

function entry(path: string, changes: Partial<CatalogEntry> = {}): CatalogEntry {
  return {
    target: 'postgresql://pg:5432/shop',
    path,
    schemaPath: path.split('.')[0] ?? '',
    kind: 'Table',
    comment: null,
    columns: [],
    columnsCommented: 0,
    rowEstimate: null,
    readAt: '2026-11-21T08:02:00Z',
    ...changes,
  }
}

const customer = entry('sales.customer', {
  comment: 'Who buys.\u001b[31m',
  columns: [
    { name: 'id', type: 'bigint' },
    { name: 'email', type: 'text', comment: 'Where to write to.' },
  ],
  columnsCommented: 1,
  rowEstimate: 2_450_118,
})
const described = entry('sales', { kind: 'Schema', comment: 'Sales.', readAt: '2026-11-01T08:00:00Z' })

let served: StoredRunsFixture
beforeAll(async () => {
  served = await serveStoredRuns([], 2, {
    answers: {
      '/api/v1/namespaces/team-a/catalog': { entries: [described, customer], next: null },
      '/api/v1/namespaces/one/catalog': { entries: [customer], next: null },
      '/api/v1/namespaces/empty/catalog': { entries: [], next: null },
    },
  })
})
afterAll(() => served.stop())

describe('catalog', () => {
  test('shows tables with rows, comments and how fresh that is', async () => {
    const { code, stdout, stderr } = await served.amx(['catalog', 'list', 'sales'])
    expect(code).toBe(0)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/\s{2,}/)),
    ).toEqual([
      ['ASSET', 'KIND', 'ROWS', 'COMMENT', 'COLUMNS', 'COMMENTED', 'READ'],
      ['sales', 'Schema', '-', 'yes', '-', '-', '20 days ago'],
      ['sales.customer', 'Table', '2,450,118', 'yes', '2', '1', '5 min ago'],
    ])
    expect(stderr).toContain('2 of 2 entries and 1 of 2 columns have a comment (75.0%).')
    expect(stderr).toContain('1 of these entries was read more than 7 days ago')
    expect(served.asked.at(-1)).toContain('within=sales')
  })

  test('names what lacks a comment', async () => {
    expect((await served.amx(['catalog', '--missing-only', '-o', 'name'])).stdout).toBe('sales.customer\n')
  })

  test('shows a table with its columns, and lets no text drive the terminal', async () => {
    const { stdout } = await served.amx(['catalog', 'show', 'sales.customer', '-n', 'one'])
    expect(stdout).toContain('Table of postgresql://pg:5432/shop, about 2,450,118 rows, read 5 min ago')
    expect(stdout).toMatch(/email +text +Where to write to\./)
    expect(stdout).not.toContain('\u001b')
  })

  test('says how to read what is not known', async () => {
    expect((await served.amx(['catalog', '-n', 'empty'])).stderr).toContain('catalog refresh')
    expect(await served.amx(['catalog', 'show', 'gone', '-n', 'empty'])).toMatchObject({ code: 3 })
  })
})

test('a refresh names databases and scope, and no model', () => {
  const place = { namespace: 'team-a', now: new Date('2026-11-21T08:07:55Z') }
  expect(refreshManifest(['sales'], { database: ['pg/shop'] }, place)).toMatchObject({
    metadata: { name: 'pg-refresh-20261121-080755-000' },
    spec: {
      type: 'Refresh',
      targets: [{ databaseProfileRef: { name: 'pg' }, database: 'shop', scope: { include: ['sales'] } }],
    },
  })
})

test.each([
  ['2026-11-21T08:07:30Z', 'just now'],
  ['2026-11-21T07:00:00Z', '67 min ago'],
  ['2026-11-20T08:00:00Z', '24 h ago'],
])('%s was %s', (readAt, words) => {
  expect(readWords(readAt, new Date('2026-11-21T08:07:55Z'))).toBe(words)
})

test('what is fresh needs no remark', () => {
  expect(staleRemark([customer], new Date('2026-11-21T08:07:55Z'))).toBeNull()
})
