import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { apiVersion, plurals, type ReviewDecision } from '@amx/api'
import { callApiServer, rigKubeConfigPath, testNamespace } from '@amx/hack'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { resultRow } from '../../results/result-row-fixture.ts'
import { type ResultsServer, serveResults } from '../../results-server-fixture.ts'
import { openTerminal, type TerminalSession } from '../../terminal-fixture.ts'

// The built executable on a pseudo-terminal, against a real API server. Rows come from a server of this file in the wire format
// of the real one; what the operator would do to a decision is done by hand.

const digest = `sha256:${'a'.repeat(64)}`
const name = 'nightly'
const columns = Array.from({ length: 24 }, (_, index) => `column_${String(index + 1).padStart(2, '0')}`)
const rows = [
  resultRow('sales.customer', { kind: 'Table', band: 'Medium', score: 0.6, revision: 3 }),
  ...columns.map((column, index) =>
    resultRow(`sales.customer.${column}`, {
      ...(index % 3 === 0 && { band: 'Low', score: 0.2 }),
      existingComment: index === 0 ? 'An old comment.' : null,
    }),
  ),
  resultRow('sales.sale.strange', {
    databaseProfile: 'prod-pg',
    alternatives: [
      {
        text: 'Title \u001b]0;taken over\u0007 \u001b[31mred\u001b[0m \u202eesrever 日本語 😀 שלום\ttab',
        score: 0.5,
        fallback: false,
      },
    ],
    evidence: 'line one\nline \u0000 two',
  }),
  resultRow('sales.sale."名前 👩‍👩‍👧 é"'),
]

let folder: string
let plugin: string
let namespace: string
let state: string
let server: ResultsServer
let terminal: TerminalSession | null = null

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amx-review-'))
  plugin = join(folder, 'kubectl-amx.mjs')
  const build = fileURLToPath(new URL('../../../build.ts', import.meta.url))
  await promisify(execFile)(process.execPath, [build, folder])
  namespace = await testNamespace({ prefix: 'review' })
  server = await serveResults({ rows, draftDigest: digest, pageSize: 10 })
  await call('POST', runs(), {
    apiVersion,
    kind: 'MetadataRun',
    metadata: { name },
    spec: { type: 'Analyze', targets: [{ databaseProfileRef: { name: 'prod-pg' } }], llmProfileRef: { name: 'llm' } },
  })
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  state = await mkdtemp(join(folder, 'state-'))
})
afterEach(() => {
  terminal?.close()
  terminal = null
})

const runs = () => `/apis/${apiVersion}/namespaces/${namespace}/${plurals.MetadataRun}`
const decisions = () => `/apis/${apiVersion}/namespaces/${namespace}/${plurals.ReviewDecision}`

async function call<Answer>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer> {
  const answer = await callApiServer(rigKubeConfigPath(), method, path, body)
  if (answer.status === 429) return call(method, path, body)
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
  return JSON.parse(answer.body) as Answer
}

interface Opened {
  readonly size?: readonly [columns: number, rows: number]
  readonly env?: Readonly<Record<string, string>>
}

const words = (args: readonly string[]) => [
  ...['review', name, '--kubeconfig', rigKubeConfigPath(), '-n', namespace, '--server', server.url],
  ...args,
]

function environment(env: Readonly<Record<string, string>> = {}) {
  const { PATH, HOME } = process.env
  return { PATH, HOME, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', XDG_STATE_HOME: state, ...env }
}

/** Opens the review; with no word about the strategy, one by one. */
function review(args: readonly string[] = [], { size: [wide, high] = [80, 24], env }: Opened = {}): TerminalSession {
  terminal?.close()
  const strategy = args.includes('--strategy') ? [] : ['--strategy', 'one-by-one']
  terminal = openTerminal(process.execPath, [plugin, ...words([...strategy, ...args])], {
    columns: wide,
    rows: high,
    env: environment(env),
  })
  return terminal
}

const keptFiles = () => readdir(join(state, 'kubectl-amx', 'reviews')).catch(() => [])

/** The next decision about the run, given the condition that an operator would give it. */
async function settleDecision(condition: { status: 'True' | 'False'; reason: string; message: string }) {
  for (;;) {
    const { items } = await call<{ items: ReviewDecision[] }>('GET', decisions())
    const decision = items.find(({ status }) => status?.conditions === undefined)
    if (decision === undefined) continue
    const conditions = [{ type: 'Recorded', lastTransitionTime: '2026-11-21T08:00:00Z', ...condition }]
    await call('PUT', `${decisions()}/${decision.metadata.name}/status`, {
      ...decision,
      apiVersion,
      kind: 'ReviewDecision',
      status: { conditions, counts: { accepted: 3, skipped: 1, rejected: 1, restored: 0, superseded: 0 } },
    })
    return decision
  }
}

test('a sitting: numbers, own words, skipping, rejecting, undo and redo become one decision', async () => {
  const screen = review()
  const lines = await screen.until('column_18')
  expect(lines.filter((line) => /[HML] 0\.\d\d/.test(line)).length).toBeGreaterThanOrEqual(20)
  screen.press('2')
  await screen.until('1 accepted')
  screen.press('o', 'Own')
  await screen.until('  Own')
  screen.press('left', 'left', 'My ', 'end', ' text', 'alt-enter', 'and more.', 'enter')
  await screen.until('2 accepted (1 edited)')
  screen.press('s')
  await screen.until('1 skipped')
  screen.press('r', 'r')
  await screen.until('2 rejected')
  screen.press('u', 'u')
  await screen.until('undone: reject sales.customer.column_03')
  screen.press('ctrl-r')
  await screen.until('done again')
  screen.press('n')
  await screen.until('1 rejected')
  screen.press('e')
  await screen.until('── sales.customer.column_04')
  screen.press(' Edited.', 'enter')
  await screen.until('3 accepted (2 edited), 1 skipped, 1 rejected')
  screen.press('q')
  await screen.until('[r] record them')
  screen.press('enter')
  const recorded = { status: 'True', reason: 'Recorded', message: 'All items are recorded.' } as const
  const [decision, { code }] = await Promise.all([settleDecision(recorded), screen.exited])
  expect(code).toBe(0)
  expect(screen.isAlternate()).toBe(false)
  expect(screen.screen().join('\n')).toContain('recorded: 3 accepted, 1 skipped, 1 rejected')
  expect(decision.spec.draftDigest).toBe(digest)
  expect(decision.spec.items).toEqual([
    { asset: 'sales.customer', verdict: 'Accept', alternative: 2, revision: 3 },
    { asset: 'sales.customer.column_01', verdict: 'Accept', text: 'OMy wn text\nand more.' },
    { asset: 'sales.customer.column_02', verdict: 'Skip' },
    { asset: 'sales.customer.column_03', verdict: 'Reject' },
    { asset: 'sales.customer.column_04', verdict: 'Accept', text: 'What sales.customer.column_04 is. Edited.' },
  ])
  expect(await keptFiles()).toEqual([])
})

test('a decision that is refused loses nothing: the verdicts are kept and offered again', async () => {
  const screen = review()
  await screen.until('column_18')
  screen.press('1', '2', 'q')
  await screen.until('2 accepted')
  screen.press('r')
  const stale = {
    status: 'False',
    reason: 'Stale',
    message: 'the drafts changed since they were read (AMX-1007)',
  } as const
  const [, { code }] = await Promise.all([settleDecision(stale), screen.exited])
  expect(code).toBe(7)
  expect(screen.screen().join('')).toContain('offers them again')
  expect(await keptFiles()).toHaveLength(1)
  const again = review()
  await again.until('2 verdicts of an earlier sitting')
  again.press('y')
  await again.until('2 verdicts taken up')
  expect(again.screen().join('\n')).toMatch(/✓1 .*\(table\).*\n.*✓2 .*column_01/)
})

test('own words are written in the editor of the environment', async () => {
  const editor = join(folder, 'editor.sh')
  await writeFile(editor, '#!/bin/sh\ngrep -q "Now: An old comment" "$2" && printf "From %s.\\n" "$1" > "$2"\n')
  await chmod(editor, 0o755)
  const screen = review([], { env: { EDITOR: `${editor} afar` } })
  await screen.until('column_18')
  screen.press('down', 'o', 'ctrl-e')
  await screen.until('  From afar.')
  screen.press('enter')
  await screen.until('1 accepted (1 edited)')
})

test('a filter narrows the list with every key, and a group closes', async () => {
  const screen = review()
  await screen.until('column_18')
  screen.press('/', 'band:low _1')
  await screen.until((lines) => lines.some((line) => line.includes('filter: band:low _1   4 rows')))
  screen.press('enter', 'a')
  await screen.until('4 rows accepted')
  screen.press('escape', 'home', 'left')
  await screen.until(
    (lines) => lines.some((line) => line.includes('▸ sales.customer')) && !lines.join('').includes('column_02 '),
  )
})

test('the command line narrows as well, and a strategy decides before the first key', async () => {
  const screen = review(['--filter', String.raw`^sales\.customer\.`, '--band', 'Low', '--strategy', 'accept-all'])
  await screen.until('8 of 8 decided')
})

test('the screen follows its size, down to one pane and back', async () => {
  const screen = review()
  await screen.until('column_18')
  screen.resize(120, 40)
  const large = await screen.until((lines) => lines.some((line) => line.includes('strange')))
  expect(large.join('\n')).toContain('L 0.20  What sales.customer')
  expect(large[0]).toHaveLength(120)
  screen.resize(40, 10)
  await screen.until(
    (lines) => lines.length === 10 && lines.every((line) => line.length <= 40) && lines[9]?.includes('accept') === true,
  )
  expect(screen.screen().join('\n')).not.toContain('Proposed')
  screen.press('tab')
  await screen.until('Proposed')
  screen.resize(80, 24)
  await screen.until(
    (lines) => lines.some((line) => line.includes('column_18')) && lines.some((line) => line.includes('│')),
  )
})

test('wide characters and control characters of the database move nothing', async () => {
  const screen = review(['--search', 'sale.'])
  await screen.until('strange')
  await screen.until('Title')
  const text = screen.screen().join('\n')
  expect(text).toContain('日本語')
  expect(text).toMatch(/Title �\]0;taken over� �\[31mred/)
  expect(text.replaceAll(/\s+│\s+/g, ' ')).toContain('�esrever')
  expect(screen.title()).toBe('')
  expect(Array.from({ length: 20 }, (_, row) => screen.cell(row + 1, 36))).toEqual(
    Array.from({ length: 20 }, () => '│'),
  )
})

test('without colour, and in a locale without Unicode, nothing else is written', async () => {
  const screen = review(['--search', 'sale.'], { env: { LC_ALL: 'C', NO_COLOR: '1' } })
  await screen.until('strange')
  screen.press('1')
  await screen.until('1 accepted')
  expect([...screen.written()].filter((character) => character > '~')).toEqual([])
  expect(screen.written()).not.toMatch(new RegExp(`${String.fromCharCode(27)}\\[(\\d+;)*3\\dm`))
})

test('a dumb terminal gets lines', async () => {
  const screen = review([], { env: { TERM: 'dumb', NO_COLOR: '1' } })
  await screen.until('1-2 o s r a h b u q ? >')
  expect(screen.isAlternate()).toBe(false)
  screen.press('q', 'enter')
  expect((await screen.exited).code).toBe(0)
})

describe('verdicts outlive', () => {
  test('Ctrl-C, which asks', async () => {
    const screen = review()
    await screen.until('column_18')
    screen.press('1', 'ctrl-c')
    await screen.until('Interrupted. Decided: 1 accepted')
    screen.press('b')
    await screen.until('column_18')
    screen.press('ctrl-c')
    await screen.until('[k] keep them')
    screen.press('k')
    expect((await screen.exited).code).toBe(0)
    expect(screen.isAlternate()).toBe(false)
    expect(await keptFiles()).toHaveLength(1)
  })

  test.each(['SIGHUP', 'SIGTERM'])('%s', async (signal) => {
    const screen = review()
    await screen.until('column_18')
    screen.press('1')
    await screen.until('1 accepted')
    screen.signal(signal)
    await screen.exited
    expect(await keptFiles()).toHaveLength(1)
  })

  test('Ctrl-Z and fg', async () => {
    const shell = openTerminal('/bin/bash', ['--norc', '--noprofile', '-i'], {
      columns: 80,
      rows: 24,
      env: { ...environment(), PS1: 'shell> ' },
    })
    terminal = shell
    await shell.until('shell>')
    const line = [process.execPath, plugin, ...words(['--strategy', 'one-by-one'])]
    shell.press(line.map((word) => `'${word}'`).join(' '), 'enter')
    await shell.until('column_18')
    shell.press('1')
    await shell.until('1 accepted')
    shell.press('ctrl-z')
    await shell.until('Stopped')
    expect(shell.isAlternate()).toBe(false)
    shell.press('fg', 'enter')
    await shell.until('1 accepted')
    shell.press('u')
    await shell.until('undone')
    shell.press('q')
    await shell.until((lines) => lines.some((one) => one.includes('nothing was recorded')))
  })
})
