import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { rigKubeConfigPath, rigKubectlPath, startPostgres, testNamespace } from '@amx/hack'
import { migrate } from '@amx/store'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { waitFor } from './testing/operator-rig.ts'

// The program as a process, under the Role it ships with: what it may not do fails here first.

let namespace: string
let postgres: Awaited<ReturnType<typeof startPostgres>>
let environment: NodeJS.ProcessEnv
let first: Program
let second: Program | undefined

interface Program {
  readonly child: ChildProcess
  readonly log: { msg: string; [fact: string]: unknown }[]
}

function startProgram(): Program {
  const path = fileURLToPath(new URL('./main.ts', import.meta.url))
  const child = spawn(process.execPath, [path], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  const program: Program = { child, log: [] }
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => program.log.push(JSON.parse(line)))
  }
  return program
}

function said(program: Program, words: string): Promise<Program['log'][number] | undefined> {
  return waitFor(
    async () => program.log.find(({ msg }) => msg.includes(words)),
    (line) => line !== undefined,
  )
}

/** Tells a program to stop; gives how it ended. */
async function stopped({ child, log }: Program): Promise<{ code: number | null; signal: string | null }> {
  const gone = child.exitCode !== null || child.signalCode !== null
  // One that ended by itself has no further end to wait for; its last words say why.
  if (gone) throw new Error(`the program had ended with ${child.exitCode}: ${log.at(-1)?.msg}`)
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  )
  child.kill('SIGTERM')
  return ended
}

function kubectl(args: string[], input?: string): string {
  const done = spawnSync(rigKubectlPath(), ['--kubeconfig', rigKubeConfigPath(), ...args], { encoding: 'utf8', input })
  if (done.status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${done.stderr}`)
  return done.stdout
}

function read<T>(kind: string, name: string): T {
  return JSON.parse(kubectl(['-n', namespace, 'get', kind, name, '-o', 'json'])) as T
}

beforeAll(async () => {
  namespace = await testNamespace({ prefix: 'operator-process' })
  const folder = mkdtempSync(join(tmpdir(), 'amx-operator-process-'))
  postgres = await startPostgres({ dataDir: mkdtempSync(join(tmpdir(), 'amx-operator-store-')) })
  await migrate(postgres.url)

  const rbac = readFileSync(fileURLToPath(new URL('../deploy/rbac.yaml', import.meta.url)), 'utf8')
  kubectl(['apply', '--server-side', '-f', '-'], 'apiVersion: v1\nkind: Namespace\nmetadata: {name: amx-system}\n')
  kubectl(['apply', '--server-side', '-f', '-'], rbac)
  const token = kubectl(['-n', 'amx-system', 'create', 'token', 'amx-operator']).trim()
  const kubeConfig = parse(readFileSync(rigKubeConfigPath(), 'utf8')) as { users: { name: string; user: object }[] }
  for (const entry of kubeConfig.users) entry.user = { token }
  const kubeConfigPath = join(folder, 'kubeconfig')
  writeFileSync(kubeConfigPath, stringify(kubeConfig), { mode: 0o600 })

  environment = {
    PATH: process.env['PATH'],
    KUBECONFIG: kubeConfigPath,
    AMX_STORE_URL: postgres.url,
    AMX_SERVER_URL: 'http://127.0.0.1:1',
    AMX_WORKER_IMAGE: 'amx.dev/worker:test',
    AMX_HEALTH_PORT: '0',
    AMX_WATCH_NAMESPACES: `${namespace},nowhere`,
  }
  first = startProgram()
})

afterAll(async () => {
  for (const program of [first, second]) program?.child.kill('SIGKILL')
  await postgres?.stop()
})

it('starts, says that it is alive and ready, and leads', async () => {
  const started = await said(first, 'started')
  const health = `http://127.0.0.1:${started?.['healthPort']}`
  await waitFor(
    async () => (await fetch(`${health}/readyz`)).status,
    (status) => status === 200,
  )
  expect((await fetch(`${health}/healthz`)).status).toBe(200)
  await said(first, 'the controllers start')
  const metrics = await (await fetch(`${health}/metrics`)).text()
  expect(metrics).toContain('amx_runs{phase="Running"} 0')
})

it('may do all it has to for a run, from its first write to its deletion', async () => {
  const objects = [
    {
      kind: 'DatabaseProfile',
      metadata: { name: 'shop-db' },
      spec: {
        backend: 'PostgreSQL',
        postgresql: { host: 'warehouse', database: 'shop' },
        readerSecretRef: { name: 'reader' },
      },
    },
    { kind: 'LLMProfile', metadata: { name: 'model' }, spec: { provider: 'BuiltIn' } },
    {
      kind: 'MetadataRun',
      metadata: { name: 'first' },
      spec: {
        type: 'Analyze',
        targets: [{ databaseProfileRef: { name: 'shop-db' } }],
        llmProfileRef: { name: 'model' },
      },
    },
  ].map((object) => ({ apiVersion: 'amx.dev/v1alpha1', ...object }))
  kubectl(['-n', namespace, 'apply', '-f', '-'], objects.map((object) => stringify(object)).join('---\n'))

  type Status = { status?: { phase?: string } }
  await waitFor(
    async () => read<Status>('mrun', 'first').status?.phase,
    (phase) => phase === 'Running',
  )
  expect(kubectl(['-n', namespace, 'get', 'jobs', '-o', 'name']).trim().split('\n').sort()).toEqual([
    'job.batch/first-draft-1',
    'job.batch/first-profile-1',
  ])
  await waitFor(
    async () => kubectl(['-n', namespace, 'events', '--for', 'metadatarun/first']),
    // There is no node in this cluster, and whoever describes the run must be told.
    (events) => /Warning +PodCannotStart .*no nodes available/.test(events),
  )
  kubectl(['-n', namespace, 'delete', 'mrun', 'first', '--timeout=30s'])
  expect(first.log.filter(({ level }) => Number(level) >= 40)).toEqual([])
})

it('may create the run of a schedule, one that writes too, and says on its Lease that it does', async () => {
  const schedule = {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'MetadataSchedule',
    metadata: { name: 'writing', annotations: { 'amx.dev/run-now': 'once' } },
    spec: {
      cron: '0 6 29 2 *',
      runTemplate: {
        spec: {
          type: 'Analyze',
          targets: [{ databaseProfileRef: { name: 'shop-db' } }],
          llmProfileRef: { name: 'model' },
          apply: { policy: 'OnAccept' },
        },
      },
    },
  }
  kubectl(['-n', namespace, 'apply', '-f', '-'], stringify(schedule))
  type Status = { status?: { fired?: number; lastRunRef?: { name: string } } }
  const fired = await waitFor(
    async () => read<Status>('msched', 'writing').status,
    (status) => status?.fired === 1,
  )
  expect(read<{ spec: object }>('mrun', fired?.lastRunRef?.name ?? '').spec).toMatchObject(
    schedule.spec.runTemplate.spec,
  )
  const lease = JSON.parse(kubectl(['-n', 'amx-system', 'get', 'lease', 'amx-operator', '-o', 'json']))
  expect(lease.metadata.annotations).toEqual({ 'amx.dev/fires-schedules': 'true' })
  kubectl(['-n', namespace, 'delete', 'msched,mrun', '--all', '--timeout=30s'])
})

it('hands over to its other replica when told to stop, and gives the lease back at the end', async () => {
  second = startProgram()
  await said(second, 'started')
  expect(second.log.some(({ msg }) => msg.includes('the controllers start'))).toBe(false)
  expect(await stopped(first)).toEqual({ code: 0, signal: null })
  await said(second, 'the controllers start')
  expect(await stopped(second)).toEqual({ code: 0, signal: null })
  const lease = JSON.parse(kubectl(['-n', 'amx-system', 'get', 'lease', 'amx-operator', '-o', 'json']))
  expect(lease.spec.holderIdentity ?? '').toBe('')
})
