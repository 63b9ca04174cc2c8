import { dirname, resolve } from 'node:path'
import { type LlmStub, startLlmStub } from '@amx/hack/llm-stub'
import { openTerminal, type TerminalSession } from '@amx/hack/terminal'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { pluginCommand } from './plugin-command.ts'
import { applyRun, namespace, neverTested, openSystem, type System, untilPhase } from './system.ts'
import { createTranscript } from './transcript.ts'

// The way a person goes at a terminal, from a scope to comments: every command is the built executable, the questions are asked on
// a pseudo-terminal, and the page in docs/transcripts is what was shown.

const transcript = createTranscript()
let system: System
let stub: LlmStub
let terminal: TerminalSession | null = null

beforeAll(async () => {
  system = openSystem()
  stub = await startLlmStub()
  await system.kubectl.apply([
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'walk-key', namespace }, stringData: { apiKey: 'stub-key' } },
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'LLMProfile',
      metadata: { name: 'openai-prod', namespace, annotations: neverTested },
      spec: {
        provider: 'OpenAICompatible',
        model: 'gpt-4o',
        baseURL: stub.url,
        apiKeySecretRef: { name: 'walk-key' },
        price: { inputPerMillion: '2.50', outputPerMillion: '10.00' },
      },
    },
  ])
  await system.warehouse(`
    CREATE SCHEMA walk AUTHORIZATION amx_owner;
    SET ROLE amx_owner;
    CREATE TABLE walk.customer (c_customer_sk bigint PRIMARY KEY, c_first_name text, x_legacy_status smallint);
    CREATE TABLE walk.customer_address (ca_address_sk bigint PRIMARY KEY, ca_city text,
      ca_customer_sk bigint REFERENCES walk.customer);
    CREATE TABLE walk.legacy_export (legacy_blob bytea, legacy_meta jsonb);
    CREATE TABLE walk.stg_order (order_id bigint PRIMARY KEY, ordered_at timestamptz, total numeric(10, 2));
    CREATE TABLE walk.stg_order_line (order_id bigint REFERENCES walk.stg_order, line_no int, quantity int);
    INSERT INTO walk.customer SELECT n, 'Name ' || n % 40, n % 8 FROM generate_series(1, 2000) n;
    INSERT INTO walk.customer_address SELECT n, 'City ' || n % 25, n FROM generate_series(1, 2000) n;
    INSERT INTO walk.stg_order SELECT n, '2026-01-01'::timestamptz + n * interval '1 hour', n FROM generate_series(1, 500) n;
    INSERT INTO walk.stg_order_line SELECT n, 1, n % 9 FROM generate_series(1, 500) n;
    COMMENT ON TABLE walk.stg_order IS 'Orders as the shop delivers them.';
    GRANT USAGE ON SCHEMA walk TO amx_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA walk TO amx_reader;
    SELECT pg_stat_force_next_flush();
    ANALYZE walk.customer; ANALYZE walk.customer_address; ANALYZE walk.legacy_export; ANALYZE walk.stg_order;
    ANALYZE walk.stg_order_line;`)
  // What the scope is picked from is what a run has read.
  const look = await applyRun(system, { include: ['walk'] })
  await untilPhase(system, look, 'AwaitingReview')
})

afterEach(() => {
  terminal?.close()
  terminal = null
})

afterAll(async () => {
  await stub?.stop()
  await system?.warehouse('DROP SCHEMA IF EXISTS walk CASCADE')
})

function open(...args: readonly string[]): TerminalSession {
  const plugin = resolve(import.meta.dirname, '../kubectl-plugin/dist')
  const path = [dirname(system.kubectlPath), plugin, process.env['PATH']].join(':')
  const env = {
    ...process.env,
    PATH: path,
    KUBECONFIG: system.kubeconfigPath,
    TERM: 'xterm-256color',
    LC_ALL: 'C.UTF-8',
  }
  terminal = openTerminal('kubectl', ['amx', ...args], { columns: 160, rows: 45, env: { ...env, NO_COLOR: '1' } })
  return terminal
}

async function amx(...args: readonly string[]) {
  const spoken = await pluginCommand(system, args)
  const line = args.map((word) => (/^[\w@./=:-]+$/.test(word) ? word : `'${word}'`)).join(' ')
  transcript.shown(`kubectl amx ${line}`, `${spoken.output}${spoken.complaint}`)
  return spoken
}

function nameIn(lines: readonly string[]): string {
  return /metadatarun\.amx\.dev\/(\S+) created/.exec(lines.join('\n'))?.[1] ?? ''
}

const comments = (schema: string) =>
  system.warehouse(
    `SELECT concat_ws('.', c.relname, a.attname) AS path, d.description AS text
     FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
     WHERE c.relnamespace = '${schema}'::regnamespace ORDER BY 1`,
  )

let run = ''

test('a scope is picked, and the progress tells what each batch took', async () => {
  const screen = open('run', '-d', 'demo-warehouse', '-l', 'openai-prod', '--name', 'walk-first', '--watch')
  await screen.until('Pick a scope')
  screen.press('down', 'down', 'enter')
  await screen.until('Schemas')
  // The schema of this test is the last.
  screen.press('up', ' ', 'enter')
  const picker = await screen.until((lines) => lines.join('\n').includes('walk.stg_order_line'))
  expect(picker.join('\n')).toMatch(/walk\.stg_order {2}\(table, 500 rows, has comment, columns 0\/3\)/)
  screen.press(' ', 'down', ' ', 'down', ' ', 'enter')
  const { code } = await screen.exited
  const shown = screen.screen()
  expect(code, shown.join('\n')).toBe(0)
  run = nameIn(shown)
  expect(run).toBe('walk-first')
  const text = shown.join('\n')
  expect(text).toMatch(
    /Draft {4}walk\.customer \(4 descriptions\) ok \(\d+\.\d s · [\d,]+ in \/ [\d,]+ out · \$0\.\d{4}\)/,
  )
  expect(text).toMatch(/Confidence: high \d+ · medium \d+ · low \d+/)
  transcript.chapter('A scope, and progress', 'Without a scope `run` asks on a terminal. Space ticks, Enter confirms.')
  transcript.shown('kubectl amx run -d demo-warehouse -l openai-prod --name walk-first --watch', text)
})

test('rows are reviewed by number, in own words, or skipped, and recorded together', async () => {
  const screen = open('review', run, '--strategy', 'one-by-one')
  const first = await screen.until(
    (lines) => lines.join('\n').includes('Evidence') && lines.join('\n').includes('q finish'),
  )
  transcript.chapter(
    'Review',
    'A number takes an alternative, `o` is for own words, `s` leaves a row for later; `?` lists all keys.',
  )
  transcript.shown(`kubectl amx review ${run}`, first.join('\n'))
  screen.press('1', 'o', 'Number of the customer.', 'enter')
  await screen.until('2 accepted (1 edited)')
  screen.press('2', 's', 'a')
  await screen.until('7 rows accepted')
  screen.press('q')
  await screen.until('[r] record them')
  screen.press('r')
  const { code } = await screen.exited
  expect(code, screen.screen().join('\n')).toBe(0)
  expect(screen.screen().join('\n')).toMatch(/recorded: 10 accepted, 1 skipped/)
})

test('a dry run shows every statement and changes nothing', async () => {
  const before = await comments('walk')
  transcript.chapter('Apply', 'A dry run first: the statements, with the texts as bound parameters.')
  const { code, output } = await amx('apply', run, '--dry-run')
  expect(code).toBe(0)
  expect(output).toContain('[1/10] COMMENT ON TABLE')
  expect(await comments('walk')).toEqual(before)
})

test('two rows that fail do not stop the others, stay queued, and are written once they can be', async () => {
  await amx('restore', run, 'walk.legacy_export')
  await system.warehouse('ALTER TABLE walk.legacy_export OWNER TO postgres')
  const screen = open('apply', run, '--watch')
  await screen.until('[y/N]')
  screen.press('y', 'enter')
  const { code } = await screen.exited
  const text = screen.screen().join('\n')
  expect(code, text).toBe(6)
  expect(text).toContain('7/9 written, 2 failed.')
  expect(text).toContain('must be owner')
  transcript.shown(`kubectl amx apply ${run} --watch`, text)
  expect(await comments('walk')).toContainEqual({ path: 'customer.c_customer_sk', text: 'Number of the customer.' })

  transcript.chapter(
    'What failed is written later',
    'The failed rows stay queued with their reason. Once the owner is right again:',
  )
  await amx('pending', 'list', '--run', run)
  await system.warehouse('ALTER TABLE walk.legacy_export OWNER TO amx_owner')
  const again = await amx('apply', run, '--yes', '--watch')
  expect(again.code, again.complaint).toBe(0)
  expect(again.output).toContain('2/2 written.')
})

test('a row is drafted again with its original context', async () => {
  transcript.chapter(
    'Draft a row again',
    'With the profile and the settings of its run; the run itself stays as it is.',
  )
  const { code, complaint, output } = await amx('rerun', run, 'walk.customer.x_legacy_status', '--watch')
  expect(code, complaint).toBe(0)
  expect(output).toContain('1 description drafted')
})

test('run, review and apply in one go over the staging tables', async () => {
  transcript.chapter(
    'Run and apply',
    'Tables by a pattern, accepted by policy, written at once. A comment that is there is kept.',
  )
  const flags = ['--filter', '^stg_', '--review', 'auto', '--accept', 'all', '--apply', '--watch']
  const { code, complaint, output } = await amx('run', 'walk', '-d', 'demo-warehouse', '-l', 'openai-prod', ...flags)
  expect(code, complaint).toBe(0)
  expect(output).toMatch(/Review {3}accept-all: 7 accepted/)
  const written = await comments('walk')
  expect(written).toContainEqual({ path: 'stg_order', text: 'Orders as the shop delivers them.' })
  expect(written.filter(({ path }) => String(path).startsWith('stg_'))).toHaveLength(8)
})

test('what was written is in the audit, and the coverage knows it', async () => {
  transcript.chapter('Look at it', 'Every write is audited; coverage counts what is there.')
  const history = await amx('history', 'asset', 'walk.customer')
  expect(history.output).toContain('Number of the customer.')
  const { code } = await amx('inspect', 'walk', '-d', 'demo-warehouse', '--by', 'table')
  expect(code).toBe(0)
})

test('the transcript in the documentation is what was shown', () => {
  transcript.compare(
    'docs/transcripts/seed-walk.md',
    '# From a scope to comments, at a terminal\n\nWhat `e2e/seed-walk.test.ts` typed and saw. Times and made-up names are evened out.',
  )
})
