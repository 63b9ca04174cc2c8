import { createServer, type Server } from 'node:net'
import type { DatabaseProfile, LLMProfile } from '@amx/api'
import { type LlmStub, startLlmStub } from '@amx/hack/llm-stub'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pluginCommand } from './plugin-command.ts'
import { condition, openSystem, type System, until } from './system.ts'

// What `kubectl apply` of a profile leads to: a person learns what is wrong before any run fails by it.

/** Of its own: `doctor --test` has every profile of a namespace tested, also those of other tests, whose stubs are gone. */
const namespace = 'profile-tests'

let system: System
let stub: LlmStub
/** Takes connections and never says a word. */
let silent: Server

const atOnce = { 'amx.dev/test': 'first' }
const priced = { price: { inputPerMillion: '1000', outputPerMillion: '1000' } }

beforeAll(async () => {
  system = openSystem()
  stub = await startLlmStub({ apiKey: 'right-key', models: ['small-model'], plainAnswer: '{"ok":true}' })
  silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  const silentPort = typeof address === 'object' && address !== null ? address.port : 0
  const secret = (name: string, stringData: object) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData,
  })
  const { readerPassword, writerPassword } = system.settings
  await system.kubectl.apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    secret('demo-warehouse-reader', { username: 'amx_reader', password: readerPassword }),
    secret('demo-warehouse-writer', { username: 'amx_owner', password: writerPassword }),
    secret('t-wrong-password', { username: 'amx_reader', password: 'wrong' }),
    secret('t-no-password', { username: 'amx_reader' }),
    secret('t-right-key', { apiKey: 'right-key' }),
    secret('t-wrong-key', { apiKey: 'wrong-key' }),
    database('t-good', {}, { writerSecretRef: { name: 'demo-warehouse-writer' } }),
    database('t-reader-writes', {}, { writerSecretRef: { name: 'demo-warehouse-reader' } }),
    database('t-wrong-password', {}, { readerSecretRef: { name: 't-wrong-password' } }),
    database('t-no-password', {}, { readerSecretRef: { name: 't-no-password' } }),
    database('t-no-secret', {}, { readerSecretRef: { name: 't-absent' } }),
    database('t-no-database', { database: 'nowhere' }),
    database('t-silent', { port: silentPort }),
    builtIn,
    model('t-good', 'small-model', 't-right-key'),
    model('t-wrong-key', 'small-model', 't-wrong-key'),
    model('t-unknown-model', 'no-such-model', 't-right-key'),
  ])
})

afterAll(async () => {
  await system.kubectl.run(['delete', 'namespace', namespace, '--timeout=60s'])
  silent.close()
  await stub.stop()
})

const builtIn = {
  apiVersion: 'amx.dev/v1alpha1',
  kind: 'LLMProfile',
  metadata: { name: 'built-in', namespace },
  spec: { provider: 'BuiltIn' },
}

function database(name: string, postgresql: object, spec: object = {}) {
  const port = system.settings.ports.warehouse
  return {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'DatabaseProfile',
    metadata: { name, namespace, annotations: atOnce },
    spec: {
      backend: 'PostgreSQL',
      postgresql: { host: '127.0.0.1', port, database: 'amx_demo', tls: { mode: 'disable' }, ...postgresql },
      readerSecretRef: { name: 'demo-warehouse-reader' },
      ...spec,
    },
  }
}

function model(name: string, wanted: string, key: string) {
  return {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'LLMProfile',
    metadata: { name, namespace, annotations: atOnce },
    spec: {
      ...{ provider: 'OpenAICompatible', model: wanted, baseURL: stub.url, apiKeySecretRef: { name: key } },
      ...priced,
    },
  }
}

async function tested<Profile extends DatabaseProfile | LLMProfile>(kind: 'dbp' | 'llm', name: string) {
  const read = () => system.kubectl.json<Profile>(['get', kind, name, '-n', namespace])
  await until(`${kind} ${name} is tested`, async () => (await read()).status?.lastTestTime !== undefined, 90_000)
  return read()
}

test('a database that is reached is Ready, with what the reader sees and what the writer may do', async () => {
  const profile = await tested<DatabaseProfile>('dbp', 't-good')
  expect(condition(profile, 'Ready'), JSON.stringify(profile.status)).toMatchObject({
    status: 'True',
    reason: 'Tested',
  })
  expect(condition(profile, 'Writable')).toMatchObject({ status: 'True' })
  const { inventory, serverVersion, lastHandledRequest } = profile.status ?? {}
  expect(serverVersion).toMatch(/^\d+/)
  expect(inventory?.tables).toBeGreaterThan(5)
  expect(inventory?.columns).toBeGreaterThan(50)
  expect(lastHandledRequest).toBe('first')
})

test.each([
  ['t-wrong-password', 'WarehouseAuthenticationFailed', /password authentication failed/],
  ['t-no-password', 'SecretKeyMissing', /Secret "t-no-password" lacks the key "password"/],
  ['t-no-secret', 'SecretKeyMissing', /Secret "t-absent" does not exist/],
  ['t-no-database', 'DatabaseNotFound', /nowhere/],
  ['t-silent', 'WarehouseUnreachable', /timeout|timed out/i],
])('%s is not Ready, with the words of the database and a remedy', async (name, reason, words) => {
  const profile = await tested<DatabaseProfile>('dbp', name)
  expect(condition(profile, 'Ready')).toMatchObject({ status: 'False', reason, message: expect.stringMatching(words) })
  expect(profile.status?.lastError?.remedy).not.toBe('')
  expect(JSON.stringify(profile.status)).not.toContain('wrong"')
})

test('a writer that owns nothing is told apart from a reader that reads', async () => {
  const profile = await tested<DatabaseProfile>('dbp', 't-reader-writes')
  expect(condition(profile, 'Ready')?.status).toBe('True')
  expect(condition(profile, 'Writable')).toMatchObject({ status: 'False', reason: 'WriterOwnsNotAll' })
})

test('a model that answers is Ready, with what its server offers, and its call is part of usage', async () => {
  const profile = await tested<LLMProfile>('llm', 't-good')
  expect(condition(profile, 'Ready'), JSON.stringify(profile.status)).toMatchObject({ status: 'True' })
  expect(profile.status?.capabilities).toMatchObject({ structuredOutput: true, logprobs: true })
  const usage = await pluginCommand(system, ['usage', '--by', 'purpose', '-o', 'json', '-n', namespace])
  const { groups } = JSON.parse(usage.output) as { groups: { group: string; calls: number; cost: string | null }[] }
  const ofTests = groups.find(({ group }) => group === 'test')
  expect(Number(ofTests?.cost), usage.complaint).toBeGreaterThan(0)
})

test.each([
  ['t-wrong-key', 'ModelAuthenticationFailed'],
  ['t-unknown-model', 'ModelNotFound'],
])('%s is not Ready: %s', async (name, reason) => {
  const profile = await tested<LLMProfile>('llm', name)
  expect(condition(profile, 'Ready')).toMatchObject({ status: 'False', reason })
})

test('kubectl get shows which profiles work', async () => {
  const databases = await system.kubectl.run(['get', 'dbp', '-n', namespace])
  expect(databases.split('\n')[0]).toMatch(
    /NAME\s+BACKEND\s+READY\s+REASON\s+TABLES\s+COLUMNS\s+DOCUMENTED\s+VERSION\s+AGE/,
  )
  expect(databases).toMatch(/t-good\s+PostgreSQL\s+True\s+Tested\s+\d+\s+\d+\s+\d+\s+\d/)
  expect(databases).toMatch(/t-silent\s+PostgreSQL\s+False\s+WarehouseUnreachable/)
  const models = await system.kubectl.run(['get', 'llm', '-n', namespace])
  expect(models).toMatch(/built-in\s+BuiltIn\s+True\s+BuiltIn/)
  expect(models).toMatch(/t-wrong-key\s+OpenAICompatible\s+small-model\s+False\s+ModelAuthenticationFailed/)
  shown(`${databases}\n${models}`)
})

test('doctor tests them again when asked, and says of each what to do', async () => {
  await system.kubectl.run(['delete', 'dbp', 't-silent', '-n', namespace])
  const { readerPassword: password } = system.settings
  await system.kubectl.apply([
    {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 't-absent', namespace } },
      stringData: { username: 'amx_reader', password },
    },
  ])
  const { code, output, complaint } = await pluginCommand(system, ['doctor', '--test', '60s', '-n', namespace])
  shown(output)
  expect(code, complaint).toBe(1)
  expect(output).toMatch(/ok {4}databases.*DatabaseProfile t-no-secret, tested \d+ s ago: Version/)
  expect(output).toMatch(/FAIL {2}databases.*t-wrong-password, tested \d+ s ago: .*AMX-2002\)\n +\w/)
  expect(output).toMatch(/warn {2}databases.*t-reader-writes: .*AMX-1095\)\n +\w/)
  expect(output).toMatch(/ok {4}models.*LLMProfile t-good, tested \d+ s ago: small-model answers/)
  expect(output).toMatch(/FAIL {2}models.*t-unknown-model.*AMX-3003\)\n +\w/)
})

function shown(text: string): void {
  if (process.env['AMX_TEST_LOG'] !== undefined) console.log(text)
}
