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
  options: { rows: { type: 'string', default: '10000' }, starts: { type: 'string', default: '10' } },
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

const opened: number[] = []
const complete: number[] = []
const answered: number[] = []
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
    if (start === 0) answered.push(...(await measureKeys(screen)))
    screen.close()
  }
} finally {
  await server.stop()
  apiServer.close()
  await rm(folder, { recursive: true, force: true })
}
print('open, first rows shown', opened, 700)
print('all rows read', complete, null)
print('a key', answered, 30)

/** Time from each key to the end of what is drawn for it. */
async function measureKeys(screen: TerminalSession): Promise<number[]> {
  const round = ['down', '1', 'pagedown', '2', 's', 'u', 'S', 'end', 'home', 'g', 'd', 'd', '/', 'c', 'o', 'escape']
  const times: number[] = []
  for (let index = 0; index < 160; index += 1) {
    const before = screen.written().length
    const from = performance.now()
    screen.press(round[index % round.length] ?? 'down')
    await drawn(screen, before)
    times.push(performance.now() - from)
  }
  return times
}

async function drawn(screen: TerminalSession, before: number): Promise<void> {
  await screen.until(() => screen.written().includes(endOfFrame, before))
}

function print(what: string, times: readonly number[], reach: number | null): void {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)
  const goal = reach === null ? '' : `  (≤ ${reach} ms)`
  process.stdout.write(`${what}: median ${at(0.5)} ms, p95 ${at(0.95)} ms${goal}\n`)
}
