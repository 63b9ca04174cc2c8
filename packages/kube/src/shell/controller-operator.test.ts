import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FakeApiServer, startFakeApiServer } from '../fake-api-server/fake-api-server.ts'
import { configMap, configMapPath } from '../testing/config-map.ts'
import { eventually } from '../testing/eventually.ts'

const program = fileURLToPath(new URL('../testing/stubborn-operator.ts', import.meta.url))

let server: FakeApiServer
let folder: string
let child: ChildProcess
let told: Record<string, unknown>[]
let errors: string

beforeEach(async () => {
  server = await startFakeApiServer()
  folder = await mkdtemp(join(tmpdir(), 'kube-shell-'))
  const kubeConfigFile = join(folder, 'kubeconfig')
  await writeFile(kubeConfigFile, server.kubeConfigText)
  child = spawn(process.execPath, [program], {
    env: { ...process.env, KUBECONFIG: kubeConfigFile, NODE_OPTIONS: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  told = []
  errors = ''
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line)))
  }
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8')
  })
})

afterEach(async () => {
  child.kill('SIGKILL')
  await server.close()
  await rm(folder, { recursive: true })
})

function saw(part: Record<string, unknown>): boolean {
  const entries = Object.entries(part)
  return told.some((line) => entries.every(([name, value]) => line[name] === value))
}

async function hear(part: Record<string, unknown>): Promise<void> {
  await eventually(`${JSON.stringify(part)} in ${JSON.stringify(told)} ${errors}`, () => saw(part), 25_000)
}

async function aliveAfter(what: string): Promise<void> {
  told = told.filter((line) => line['alive'] === undefined)
  child.stdin?.write('alive?\n')
  await eventually(`the operator is alive after ${what}: ${errors}`, () => saw({ alive: true }))
  const ends = told.filter((line) => 'exit' in line || 'uncaught' in line || 'unhandled' in line)
  expect(ends, what).toEqual([])
}

test('nothing the API server or a callback does ends the process, nor does stop', async () => {
  server.plan((request) => request.query.get('limit') !== null, { status: 500 }, 5)
  server.storage.put(configMapPath, configMap('first'))
  await hear({ event: 'ADDED', name: 'first' })
  await aliveAfter('lists that fail')

  server.plan((request) => request.query.get('watch') === 'true', { status: 500 }, 1)
  server.dropWatches()
  server.storage.put(configMapPath, configMap('second'))
  await hear({ event: 'ADDED', name: 'second' })
  await aliveAfter('a watch that breaks and is refused')

  server.plan((request) => request.query.get('watch') === 'true', 'black hole', 1)
  server.endWatches()
  server.storage.put(configMapPath, configMap('third'))
  await hear({ event: 'ADDED', name: 'third' })
  await aliveAfter('a watch that is silent')

  const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }
  await eventually('it watches', () => server.watches > 0)
  server.emit(configMapPath, { type: 'ERROR', object: status })
  server.storage.put(configMapPath, configMap('fourth'))
  await hear({ event: 'ADDED', name: 'fourth' })
  await aliveAfter('a version that is gone')

  await eventually('it watches again', () => server.watches > 0)
  server.emit(configMapPath, 'not an event')
  server.emit(configMapPath, { type: 'MODIFIED', object: { metadata: null } })
  server.storage.put(configMapPath, configMap('poison'))
  await hear({ event: 'ADDED', name: 'poison', refused: 'a callback that throws' })
  await aliveAfter('a callback that throws')

  server.storage.remove(configMapPath, 'first')
  await hear({ event: 'DELETED', name: 'first' })

  await server.close()
  await aliveAfter('the API server is gone')
  child.stdin?.write('stop\n')
  await hear({ ended: 'Stopped' })
  await aliveAfter('stop')
  child.stdin?.end()
  await eventually('the process ends by itself once there is nothing left to do', () => child.exitCode !== null)
  expect(child.exitCode).toBe(0)
}, 120_000)

test('status and finalizers reach the server, through the names the base class has for them', async () => {
  server.storage.put(configMapPath, configMap('finalized'))
  const uri = `${server.kubeConfig.getCurrentCluster()?.server}${configMapPath}`
  await hear({ uri })
  const stored = await eventually('finalizer and status are there', () => {
    const object = server.storage.get(configMapPath, 'finalized') as { status?: object } | undefined
    return object?.status === undefined ? undefined : object
  })
  expect(stored).toMatchObject({ metadata: { finalizers: ['test/finalizer'] }, status: { phase: 'Seen' } })
  const deleting = configMap('finalized')
  deleting.metadata.finalizers = ['test/finalizer']
  deleting.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  server.storage.put(configMapPath, deleting)
  await hear({ cleaned: 'finalized' })
  await eventually('the finalizer is gone', () => {
    const object = server.storage.get(configMapPath, 'finalized')
    return object?.metadata.finalizers?.length === 0
  })
}, 60_000)
