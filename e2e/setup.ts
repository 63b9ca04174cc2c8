import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    systemStateDir: string
    /** What the first `npm run quickstart` printed. */
    quickstartOutput: string
    /** Comments of the demo warehouse right after it, by path. */
    commentsAfterQuickstart: Readonly<Record<string, string>>
  }
}

const checkout = resolve(import.meta.dirname, '..')

/** Brings the whole system up with the quick start's own command, and takes it down with the other. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateDir = process.env['AMX_E2E_STATE_DIR'] ?? mkdtempSync(join(tmpdir(), 'amx-e2e-'))
  const kept = process.env['AMX_E2E_STATE_DIR'] !== undefined
  const down = async () => {
    await npmRun('quickstart:down', stateDir)
    rmSync(stateDir, { recursive: true, force: true })
  }
  try {
    project.provide('quickstartOutput', await npmRun('quickstart', stateDir))
    project.provide('commentsAfterQuickstart', await readComments(stateDir))
  } catch (error) {
    if (!kept) await down().catch(() => {})
    throw error
  }
  project.provide('systemStateDir', stateDir)
  return kept ? async () => {} : down
}

/** What the warehouse itself says, before other tests write to it. */
async function readComments(stateDir: string): Promise<Record<string, string>> {
  const url = new URL(readFileSync(join(stateDir, 'warehouse.url'), 'utf8').trim())
  url.pathname = '/amx_demo'
  const client = new Client({ connectionString: url.href, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    const found = await client.query<{ path: string; text: string }>(
      `SELECT concat_ws('.', n.nspname, c.relname, a.attname) AS path, d.description AS text
        FROM pg_description AS d JOIN pg_class AS c ON c.oid = d.objoid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
        WHERE n.nspname IN ('catalog', 'sales', 'events')`,
    )
    return Object.fromEntries(found.rows.map(({ path, text }) => [path, text]))
  } finally {
    await client.end()
  }
}

/** Standard output of one of the repository's own commands. Throws with everything it printed when it fails. */
export function npmRun(script: string, stateDir: string): Promise<string> {
  // The tests stop and kill single processes of the system.
  const env = { ...process.env, AMX_STATE_DIR: stateDir, AMX_CLUSTER: 'bare' }
  const child = spawn('npm', ['run', '--silent', script], { cwd: checkout, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => {
      if (code === 0) done(output)
      else fail(new Error(`npm run ${script} ended with ${code}:\n${output}\n${complaint}`))
    })
  })
}
