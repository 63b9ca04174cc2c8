import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { resultRow } from '../src/results/result-row-fixture.ts'
import { serveResults } from '../src/results-server-fixture.ts'
import { openTerminal, type TerminalSession } from '../src/terminal-fixture.ts'

// Measures `kubectl amx review` as a person meets it: the built executable on a pseudo-terminal, from its start to the first
// rows on the screen, and from a key to the end of what it draws. The servers it reads from answer at once, so what is measured is
// the plugin alone.
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000' },
    /** How often the review is opened; keys are pressed in the first. */
    starts: { type: 'string', default: '10' },
    /** How often every key is pressed. */
    rounds: { type: 'string', default: '20' },
  },
})
const rowCount = Number(values.rows)
const digest = `sha256:${'a'.repeat(64)}`
const columnsPerTable = 25
const endOfFrame = '\u001b[?2026l'

const rows = Array.from({ length: rowCount }, (_, index) => {
  const table = `sales.table_${String(Math.floor(index / columnsPerTable)).padStart(4, '0')}`
  return resultRow(`${table}.column_${String(index % columnsPerTable).padStart(2, '0')}`, {
    id: String(index),
    evidence: Array.from(
      { length: 8 },
      (__, line) => `evidence line ${line} of row ${index}, as long as one usually is`,
    ).join('\n'),
    existingComment: index % 3 === 0 ? 'A comment that is there.' : null,
  })
})

const folder = await mkdtemp(join(tmpdir(), 'amx-bench-review-'))
const build = fileURLToPath(new URL('../build.ts', import.meta.url))
await promisify(execFile)(process.execPath, [build, folder])
const server = await serveResults({ rows, draftDigest: digest, pageSize: 1_000 })
const run = { metadata: { name: 'bench', namespace: 'default', uid: 'bench' }, spec: {}, status: { draft: { digest } } }
const apiServer = createServer((_, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(run))
})
await new Promise<void>((resolve) => apiServer.listen(0, '127.0.0.1', resolve))
const { port } = apiServer.address() as AddressInfo
const kubeconfig = join(folder, 'kubeconfig')
await writeFile(
  kubeconfig,
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'default' } }],
    'current-context': 'x',
  }),
)

function open(): TerminalSession {
  const { PATH, HOME } = process.env
  const flags = ['--strategy', 'one-by-one', '--kubeconfig', kubeconfig, '--server', server.url]
  return openTerminal(process.execPath, [join(folder, 'kubectl-amx.mjs'), 'review', 'bench', ...flags], {
    columns: 140,
    rows: 45,
    env: { PATH, HOME, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', XDG_STATE_HOME: folder },
  })
}

/** A sitting in which every kind of key is pressed, as pairs of its kind and its key. It ends as it began. */
const sitting: readonly (readonly [string, string])[] = [
  ...keys('one row on or back', 'down', 'down', 'up', 'n', 'b'),
  ...keys('one page on or back', 'pagedown', 'pageup'),
  ...keys('end, home', 'end', 'home'),
  ...keys('decide about a row', '1', '2', 's', 'r', 'home', 'down', 'x'),
  ...keys('undo, redo of a row', 'u', 'u', 'U', 'u', 'u', 'u', 'u'),
  ...keys('accept all, all high', 'a'),
  ...keys('undo, redo of all', 'u', 'U', 'u'),
  ...keys('accept all, all high', 'h'),
  ...keys('undo, redo of all', 'u', 'U', 'u'),
  ...keys('decide about a group', 'home', 's', 'u'),
  ...keys('filter, each letter', '/', 'c', 'o', 'l', 'u', 'm', 'n', '_', '0', '3', 'enter'),
  ...keys('no filter (Esc)', 'escape'),
  ...keys('filter, each letter', '/', ...'is:undecided band:low', 'enter'),
  ...keys('no filter (Esc)', 'escape'),
  ...keys('sort', 'S', 'S', 'S', 'S', 'S', 'S'),
  ...keys('group', 'g', 'g', 'g'),
  ...keys('close, open all groups', 'c', 'c'),
  ...keys('close, open a group', 'home', 'enter', 'enter', 'down'),
  ...keys('write a text', 'o', 'a', 'b', 'c', 'escape'),
  ...keys('panes, diff, help', 'tab', 'down', 'tab', 'd', 'd', '?', 'q'),
  ...keys('finish, and back', 's', 'q', 'b', 'u'),
]

const opened: number[] = []
const complete: number[] = []
const answered = new Map<string, number[]>()
try {
  for (let start = 0; start < Number(values.starts); start += 1) {
    const from = performance.now()
    const screen = open()
    await screen.until('column_00')
    opened.push(performance.now() - from)
    await screen.until(
      (lines) => !lines[0]?.includes('reading') && (lines[0]?.includes(`of ${rowCount} decided`) ?? false),
    )
    complete.push(performance.now() - from)
    if (start === 0) await measureKeys(screen)
    screen.close()
  }
} finally {
  await server.stop()
  apiServer.close()
  await rm(folder, { recursive: true, force: true })
}
print('open, first rows shown', opened, 700)
print('all rows read', complete, null)
for (const [kind, times] of answered) print(kind, times, 30)
print('any key', [...answered.values()].flat(), 30)

function keys(kind: string, ...names: readonly string[]): [string, string][] {
  return names.map((name) => [kind, name])
}

/** Times from each key to the end of what is drawn for it, by its kind. */
async function measureKeys(screen: TerminalSession): Promise<void> {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [kind, key] of sitting) {
      const before = screen.written().length
      const from = performance.now()
      screen.press(key)
      await screen.until(() => screen.written().includes(endOfFrame, before))
      answered.set(kind, [...(answered.get(kind) ?? []), performance.now() - from])
    }
  }
}

function print(what: string, times: readonly number[], reach: number | null): void {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)
  const goal = reach === null ? '' : `  (p95 ≤ ${reach} ms)`
  process.stdout.write(`${what.padEnd(24)} median ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms${goal}\n`)
}
