import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callApiServer, rigClientCa, rigKubeConfigPath, testNamespace } from '@amx/hack'
import { createClientCertificate } from '@amx/hack/cluster'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type BuiltPlugin, buildPlugin } from '../../built-plugin-fixture.ts'
import { type ServerProcess, startServerProcess } from '../../server-process-fixture.ts'
import type { Check } from './check.ts'

// The built executable where things are broken, one after the other: doctor names them, and report takes them along.

const folder = mkdtempSync(join(tmpdir(), 'amx-doctor-'))
const planted = 'PLANTED0123456789abcdef'
let plugin: BuiltPlugin
let server: ServerProcess
let namespace: string
let system: string

beforeAll(async () => {
  namespace = await testNamespace({ prefix: 'doctor' })
  system = await testNamespace({ prefix: 'doctor-system' })
  ;[plugin, server] = await Promise.all([buildPlugin(join(folder, 'plugin')), startServerProcess(folder)])
})

afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function create(path: string, body: object): Promise<void> {
  const answer = await callApiServer(rigKubeConfigPath(), 'POST', path, body)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.body}`)
}

const environment = (change: Record<string, string> = {}) => ({
  KUBECONFIG: rigKubeConfigPath(),
  AMX_SERVER: server.tlsUrl,
  AMX_SYSTEM_NAMESPACE: system,
  ...change,
})

async function doctor(change: Record<string, string> = {}, ...args: string[]) {
  const { code, stdout, stderr } = await plugin.run(
    ['doctor', '-o', 'json', '-n', namespace, ...args],
    environment(change),
  )
  const { checks } = JSON.parse(stdout || '{"checks":[]}') as { checks: Check[] }
  const states = (part: string) => checks.filter((check) => check.part === part).map(({ state }) => state)
  return { code, checks, states, stderr }
}

test('doctor sees what is there and what is not', async () => {
  const { code, states, checks } = await doctor()
  expect(code).toBe(1)
  expect([states('cluster'), states('definitions'), states('server')[1], states('store')]).toEqual([
    ['Ok'],
    ['Ok'],
    'Ok',
    ['Ok'],
  ])
  expect(new Set(states('permissions'))).toEqual(new Set(['Ok']))
  // Nobody installed the operator here.
  expect(states('operator')).toEqual(['Fail', 'Fail'])
  expect(checks.filter(({ state }) => state === 'Fail').every(({ remedy }) => remedy !== undefined)).toBe(true)
})

test('doctor names a profile without its Secret and a run that waits', async () => {
  const amx = `/apis/amx.dev/v1alpha1/namespaces/${namespace}`
  await create(`${amx}/llmprofiles`, {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'LLMProfile',
    metadata: { name: 'model', annotations: { note: `Bearer ${planted}` } },
    spec: {
      provider: 'OpenAICompatible',
      model: 'm',
      baseURL: `https://user:${planted}@models.example.com/v1`,
      apiKeySecretRef: { name: 'absent' },
    },
  })
  await create(`${amx}/metadataruns`, {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'MetadataRun',
    metadata: { name: 'waiting' },
    spec: {
      type: 'Analyze',
      targets: [{ databaseProfileRef: { name: 'none' } }],
      llmProfileRef: { name: 'model' },
      generation: { instructions: `Keep it short, ${planted}` },
    },
  })
  // No operator is here to answer.
  const { checks } = await doctor({}, '--stuck-after', '0s', '--test', '1s')
  expect(checks).toContainEqual(
    expect.objectContaining({ part: 'models', state: 'Fail', says: 'LLMProfile model: Secret absent does not exist' }),
  )
  expect(checks).toContainEqual(
    expect.objectContaining({ part: 'models', state: 'Fail', says: 'LLMProfile model: not tested within 1 s' }),
  )
  expect(checks).toContainEqual(
    expect.objectContaining({ part: 'runs', state: 'Warn', says: expect.stringMatching(/run waiting is not begun/) }),
  )
})

test('doctor says what a person may not do', async () => {
  const { certificate, key } = await createClientCertificate(rigClientCa(), { user: 'stranger' })
  const rig = parse(readFileSync(rigKubeConfigPath(), 'utf8')) as { users: { name: string; user: object }[] }
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) }
  const path = join(folder, 'stranger')
  writeFileSync(path, JSON.stringify({ ...rig, users: rig.users.map(({ name }) => ({ name, user })) }))
  const { states, code } = await doctor({ KUBECONFIG: path })
  expect(code).toBe(1)
  expect(states('permissions')).toEqual(['Fail', 'Fail', 'Warn', 'Warn', 'Warn', 'Warn', 'Warn', 'Warn'])
  expect(new Set(states('policies'))).toEqual(new Set(['Skipped']))
})

test('report takes along what helps, and no secret', async () => {
  await create(`/api/v1/namespaces/${namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'reader' },
    stringData: { password: planted },
  })
  const bundle = join(folder, 'bundle')
  const { code, stdout, stderr } = await plugin.run(['report', '--file', bundle, '-n', namespace], environment())
  expect(code, stderr).toBe(0)
  const files = readdirSync(bundle, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const contents = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  expect(contents.join('\n')).not.toContain(planted)
  for (const entry of files) expect(stdout).toContain(join(entry.parentPath, entry.name))
  const profiles = readFileSync(join(bundle, 'objects/llmprofiles.json'), 'utf8')
  expect(profiles).toContain('"name": "absent"')
  expect(profiles).toContain('https://[removed]@models.example.com/v1')
  expect(readFileSync(join(bundle, 'doctor.json'), 'utf8')).toContain('Secret absent does not exist')
  const again = await plugin.run(['report', '--file', bundle, '-n', namespace], environment())
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('exists already') })
})

test('doctor tells a store that is away from a server that is, and a cluster that is from both', async () => {
  await server.postgres.stop()
  const withoutStore = await doctor()
  expect([withoutStore.states('server')[1], withoutStore.states('store')]).toEqual(['Ok', ['Fail']])
  const nowhere = 'https://127.0.0.1:9'
  const withoutServer = await doctor({ AMX_SERVER: nowhere })
  expect([withoutServer.states('server')[1], withoutServer.states('store')]).toEqual(['Fail', []])
  const skipped = await doctor({ AMX_SERVER: nowhere }, '--skip-network')
  expect(skipped.states('server')).toHaveLength(1)
  const config = {
    clusters: [{ name: 'c', cluster: { server: nowhere } }],
    contexts: [{ name: 'x', context: { cluster: 'c' } }],
  }
  const path = join(folder, 'nowhere')
  writeFileSync(path, JSON.stringify({ ...config, 'current-context': 'x' }))
  const withoutCluster = await doctor({ KUBECONFIG: path })
  expect(withoutCluster.checks).toMatchObject([{ part: 'cluster', state: 'Fail' }])
  const table = await plugin.run(['doctor'], environment({ KUBECONFIG: join(folder, 'absent') }))
  expect(table.code).toBe(1)
  expect(table.stdout).toMatch(/^FAIL {2}kubeconfig {2}.*\n {18}Check kubeconfig/)
  expect(existsSync(join(folder, 'absent'))).toBe(false)
})
