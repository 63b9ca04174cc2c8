import { beforeAll, expect, test } from 'vitest'
import { pluginCommand } from './plugin-command.ts'
import { namespace, openSystem, readRun, type System, until, untilPhase } from './system.ts'

let system: System

beforeAll(() => {
  system = openSystem()
})

const amx = (...args: string[]) => pluginCommand(system, args)

async function amxRun(...args: string[]): Promise<string> {
  const { code, output, complaint } = await amx('run', ...args, '-d', 'demo-warehouse', '-l', 'built-in', '-o', 'name')
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  return output.trim().split('/').at(-1) ?? ''
}

test('version names the plugin and the server', async () => {
  const { output, code } = await amx('version')
  expect(code).toBe(0)
  expect(output).toMatch(/^kubectl-amx \d+\.\d+\.\d+\nserver \d+\.\d+\.\d+ \(API v1, https:/)
})

test('run shows its manifest without creating it, and creates it', async () => {
  const dry = await amx(
    'run',
    'catalog.category',
    '-d',
    'demo-warehouse',
    '-l',
    'built-in',
    '--dry-run',
    'client',
    '-o',
    'yaml',
  )
  expect(dry.output).toMatch(/kind: MetadataRun/)
  const name = await amxRun('catalog.category')
  await untilPhase(system, name, 'AwaitingReview')
  expect((await readRun(system, name)).metadata.labels?.['amx.dev/origin']).toBe('plugin')
})

test('watch follows a run to its review, and get shows it and its results', async () => {
  const name = await amxRun('catalog.supplier')
  const watched = await amx('watch', name)
  expect(watched.code, watched.complaint).toBe(0)
  expect(watched.output + watched.complaint).toMatch(/AwaitingReview/)
  expect((await amx('get', name)).output).toMatch(new RegExp(`${name}\\s+Analyze\\s+AwaitingReview`))
  const results = await amx('get', name, '--results')
  expect(results.output).toMatch(/catalog\.supplier\.payment_terms_days/)
  const json = JSON.parse((await amx('get', name, '--results', '-o', 'json')).output) as { rows: { path: string }[] }
  expect(json.rows.map(({ path }) => path)).toContain('catalog.supplier.iban')
})

test('accept and apply write what was accepted, in its own words and once', async () => {
  const name = await amxRun('events.job_log')
  await untilPhase(system, name, 'AwaitingReview')
  const own = await amx('accept', name, 'events.job_log.message', '--text', "What the job's last line said.")
  expect(own.code, own.complaint).toBe(0)
  const drafted = await amx('accept', name, 'events.job_log.finished_at')
  expect(drafted.code, drafted.complaint).toBe(0)
  const applied = await amx('apply', name, '--yes', '--watch')
  expect(applied.code, applied.output + applied.complaint).toBe(0)
  const [comments] = await system.warehouse(
    `SELECT col_description('events.job_log'::regclass, 6) AS message, col_description('events.job_log'::regclass, 4) AS finished`,
  )
  const draft = (await system.results(name)).find(({ path }) => path === 'events.job_log.finished_at')
  expect(draft?.chosenText).toBe(draft?.alternatives[0]?.text)
  expect(comments).toEqual({ message: "What the job's last line said.", finished: draft?.chosenText })
  const again = await amx('apply', name, '--yes', '--watch')
  expect(again.code, again.complaint).toBe(0)
})

test('review off a terminal, an unknown run and a wrong flag are answered with what to do', async () => {
  const missing = await amx('watch', 'no-such-run')
  expect(missing.code).toBe(3)
  expect(missing.complaint).toMatch(/AMX-\d{4}/)
  const usage = await amx('accept', 'first-run')
  expect(usage.code).toBe(2)
  expect(usage.complaint).toMatch(/--high/)
})

test('cancel stops a run for good', async () => {
  const name = 'plugin-suspended'
  await system.kubectl.apply([
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'MetadataRun',
      metadata: { name, namespace },
      spec: {
        type: 'Analyze',
        targets: [{ databaseProfileRef: { name: 'demo-warehouse' } }],
        llmProfileRef: { name: 'built-in' },
        desiredState: 'Suspend',
      },
    },
  ])
  await untilPhase(system, name, 'Suspended')
  expect((await amx('cancel', name)).code).toBe(0)
  await untilPhase(system, name, 'Cancelled')
  await until('watch says so', async () => (await amx('watch', name)).code === 6)
})
