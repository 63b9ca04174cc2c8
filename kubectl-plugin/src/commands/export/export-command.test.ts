import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResultRow } from '@amx/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resultRow } from '../../results/result-row-fixture.ts'
import { runSummary } from '../../results/run-summary-fixture.ts'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

let served: StoredRunsFixture

beforeAll(async () => {
  const accepted = { state: 'Accepted', decidedBy: 'ada' } as const
  served = await serveStoredRuns([
    { summary: runSummary('wrote', { type: 'Apply', draftDigest: null }) },
    {
      summary: runSummary('first'),
      rows: [
        resultRow('*', { kind: 'Database', chosenText: 'The shop.', ...accepted }),
        resultRow('sales', { kind: 'Schema', chosenText: 'What is sold.', ...accepted }),
        resultRow('sales.customer', { kind: 'Table', chosenText: "The customer's \\ master; DROP", ...accepted }),
        resultRow('sales.customer."E-Mail ""x"""', { chosenText: 'Two\nlines, "quoted" | *', ...accepted }),
        resultRow('sales.customer.address.zip', {
          chosenText: 'Nested.',
          source: 'combined',
          citations: [
            { source: 'handbook', path: 'people.md', startLine: 4, endLine: 5, snippet: 'Where *parcels* go.' },
            { source: 'profile', snippet: 'type text' },
          ],
          ...accepted,
        }),
        resultRow('sales.customer.note', { band: 'Low', score: 0.2 }),
        resultRow('sales.v', { kind: 'MaterializedView', chosenText: '- view', ...accepted }),
        resultRow('sales.customer.none', { alternatives: [], skippedReason: 'nothing was drafted' }),
      ],
    },
  ])
})
afterAll(() => served.stop())

describe('export --format sql', () => {
  test('writes accepted texts as quoted statements of one transaction, of the newest run with drafts', async () => {
    const { code, stdout } = await served.amx(['export', '--format', 'sql'])
    expect(code).toBe(0)
    expect(stdout).toBe(`-- Comments of run first

-- postgresql://pg:5432/shop
BEGIN;
COMMENT ON DATABASE "shop" IS 'The shop.';
COMMENT ON SCHEMA "sales" IS 'What is sold.';
COMMENT ON TABLE "sales"."customer" IS E'The customer''s \\\\ master; DROP';
COMMENT ON COLUMN "sales"."customer"."E-Mail ""x""" IS 'Two
lines, "quoted" | *';
-- left out: Column sales.customer.address.zip has no comment in PostgreSQL
COMMENT ON MATERIALIZED VIEW "sales"."v" IS '- view';
COMMIT;
`)
  })

  test('takes drafts nobody decided about with --state, and one asset with --within', async () => {
    const args = ['export', 'first', '--format', 'sql', '--state', 'Unreviewed', '--within', 'sales.customer']
    const { stdout } = await served.amx(args)
    expect(stdout.match(/^COMMENT ON.*/gm)).toEqual([
      `COMMENT ON COLUMN "sales"."customer"."note" IS 'What sales.customer.note is.';`,
    ])
  })
})

test('export --format csv has a line per asset as RFC 4180 wants it', async () => {
  const { stdout } = await served.amx(['export', 'first', '--format', 'csv'])
  expect(stdout).toContain(
    ',"sales.customer.""E-Mail """"x""""""",Column,High,0.9,Accepted,"Two\nlines, ""quoted"" | *",,profile,',
  )
  expect(stdout.startsWith('target,asset,kind,')).toBe(true)
  expect(stdout.endsWith('\r\n')).toBe(true)
})

test('export --format markdown is a data dictionary that shows texts as they are', async () => {
  const { stdout } = await served.amx(['export', 'first', '--format', 'markdown'])
  expect(stdout).toBe(`# Data dictionary

From run first.

The shop.

## sales

What is sold.

### sales.customer

The customer's \\\\ master; DROP

| Column | Description | Confidence |
|---|---|---|
| "E-Mail ""x""" | Two<br>lines, "quoted" \\| \\* | High |
| address.zip | Nested. | High |

Sources:

- address.zip: handbook people.md:4-5, “Where \\*parcels\\* go.”

### sales.v

\\- view
`)
})

test('export --format json gives rows with the text that counts', async () => {
  const { stdout } = await served.amx(['export', 'first', '--format', 'json'])
  const { about, rows } = JSON.parse(stdout)
  expect(about).toBe('run first')
  expect(rows.map(({ text }: { text: string }) => text)[1]).toBe('What is sold.')
})

describe('export --format dbt', () => {
  test('merges into the file, says what it kept, and leaves nothing else in the folder', async () => {
    const file = join(served.folder, 'schema.yml')
    await writeFile(file, 'models:\n  # ours\n  - name: customer\n    description: By hand.\n')
    const before = await readdir(served.folder)
    const { code, stdout, stderr } = await served.amx([
      ...['export', 'first', '--format', 'dbt', '-f', file],
      ...['--within', 'sales.customer'],
    ])
    expect([code, stdout]).toEqual([0, ''])
    expect(stderr).toBe(`wrote ${file}\nkept  sales.customer: it has a description\n2 descriptions written, 1 kept\n`)
    expect(await readFile(file, 'utf8')).toContain('  # ours\n  - name: customer\n    description: By hand.\n')
    expect(await readdir(served.folder)).toEqual(before)
  })

  test('of a file that is no YAML exits with 2 and leaves it alone', async () => {
    const file = join(served.folder, 'broken.yml')
    await writeFile(file, 'models: [')
    expect(await served.amx(['export', 'first', '--format', 'dbt', '-f', file])).toMatchObject({ code: 2 })
    expect(await readFile(file, 'utf8')).toBe('models: [')
  })
})

test('a file behind a link is written where it is, with the rights it has', async () => {
  const file = join(served.folder, 'real.md')
  const link = join(served.folder, 'link.md')
  await writeFile(file, '', { mode: 0o600 })
  await symlink(file, link)
  await served.amx(['export', 'first', '--format', 'markdown', '-f', link])
  expect((await lstat(link)).isSymbolicLink()).toBe(true)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readFile(file, 'utf8')).toContain('# Data dictionary')
})

test('what cannot be put in its place leaves nothing behind', async () => {
  const folder = join(served.folder, 'folder')
  await mkdir(folder)
  expect(await served.amx(['export', 'first', '--format', 'sql', '-f', folder])).toMatchObject({ code: 2 })
  expect((await readdir(served.folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('a run without accepted texts says how to get the drafts', async () => {
  const { stderr } = await served.amx(['export', 'first', '--format', 'sql', '--state', 'Rejected'])
  expect(stderr).toContain('--state all')
})

test('a run that does not exist exits with 3', async () => {
  expect(await served.amx(['export', 'absent', '--format', 'sql'])).toMatchObject({ code: 3 })
})

test('an export to where nothing can be written exits with 2', async () => {
  const file = join(served.folder, 'absent', 'x.sql')
  const { code, stderr } = await served.amx(['export', 'first', '--format', 'sql', '-f', file])
  expect(code).toBe(2)
  expect(stderr).toContain('cannot be written')
})

describe('over all runs', () => {
  let several: StoredRunsFixture
  const accepted = (path: string, chosenText: string, applyOutcome: ResultRow['applyOutcome'] = null) =>
    resultRow(path, { chosenText, applyOutcome, state: 'Accepted', decidedBy: 'ada' })
  const texts = async (...words: string[]) => {
    const { stdout, stderr } = await several.amx(['export', ...words, '--format', 'json'])
    if (stdout === '') return stderr
    return JSON.parse(stdout).rows.map(({ path, text }: { path: string; text: string }) => [path, text])
  }

  beforeAll(async () => {
    several = await serveStoredRuns([
      {
        summary: runSummary('newest'),
        rows: [
          resultRow('sales.customer.id'),
          accepted('sales.customer.note', 'Newer note.'),
          accepted('hr.pay.day', 'Day.'),
        ],
      },
      {
        summary: runSummary('older', { databaseProfiles: ['archive'] }),
        rows: [
          accepted('sales.customer.id', 'The key.', 'Applied'),
          accepted('sales.customer.note', 'Older note.', 'Applied'),
        ],
      },
    ])
  })
  afterAll(() => several.stop())

  test.each([
    [
      'a schema',
      ['sales'],
      [
        ['sales.customer.id', 'The key.'],
        ['sales.customer.note', 'Newer note.'],
      ],
    ],
    [
      'several assets',
      ['sales.customer.id', 'hr'],
      [
        ['hr.pay.day', 'Day.'],
        ['sales.customer.id', 'The key.'],
      ],
    ],
    [
      'a database',
      ['-d', 'archive'],
      [
        ['sales.customer.id', 'The key.'],
        ['sales.customer.note', 'Older note.'],
      ],
    ],
    [
      'what is in the database',
      ['sales', '--state', 'applied'],
      [
        ['sales.customer.id', 'The key.'],
        ['sales.customer.note', 'Older note.'],
      ],
    ],
    ['one run by its name', ['newest', '--within', 'sales'], [['sales.customer.note', 'Newer note.']]],
  ])('%s has the newest accepted text of each asset', async (_, words, expected) => {
    expect(await texts(...words)).toEqual(expected)
  })

  test('what is neither a run nor an asset is not found', async () => {
    expect(await texts('nothing')).toContain('a run or an asset "nothing" does not exist')
    expect((await several.amx(['export', 'nothing', '--format', 'sql'])).code).toBe(3)
  })
})
