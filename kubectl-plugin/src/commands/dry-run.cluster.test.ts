import { spawnSync } from 'node:child_process'
import { apiVersion, type MetadataRun, plurals, type QueueRow } from '@amx/api'
import { callApiServer, rigKubeConfigPath, rigKubectlPath, testNamespace } from '@amx/hack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Finished, runCommandLine } from '../command-fixture.ts'
import { commandPath, commandsBelow } from '../command-path.ts'
import { silentProgram } from '../reference/all-pages.ts'
import { resultRow } from '../results/result-row-fixture.ts'
import { type ResultsServer, serveResults } from '../results-server-fixture.ts'

// What a creating command prints instead of creating goes through the real kubectl into the real API server.

const digest = `sha256:${'a'.repeat(64)}`
const queued: QueueRow = {
  id: '7',
  target: 'postgresql://pg:5432/shop',
  databaseProfile: 'pg',
  path: 'sales.customer.id',
  kind: 'Column',
  text: 'A text.',
  run: { uid: 'uid', name: 'nightly' },
  decidedBy: 'ada',
  decidedAt: '2026-11-21T08:00:00.000Z',
  state: 'Queued',
  error: null,
  revision: 1,
  draftDigest: digest,
}
let namespace: string
let server: ResultsServer

beforeAll(async () => {
  namespace = await testNamespace({ prefix: 'dry-run' })
  server = await serveResults({
    draftDigest: digest,
    rows: [resultRow('sales.customer'), resultRow('sales.customer.id')],
    answers: { [`/api/v1/namespaces/${namespace}/queue`]: { rows: [queued], next: null } },
  })
  const runs = `/apis/${apiVersion}/namespaces/${namespace}/${plurals.MetadataRun}`
  const spec = { type: 'Analyze', targets: [{ databaseProfileRef: { name: 'pg' } }], llmProfileRef: { name: 'llm' } }
  const manifest = { apiVersion, kind: 'MetadataRun', metadata: { name: 'nightly' }, spec }
  const created = await callApiServer(rigKubeConfigPath(), 'POST', runs, manifest)
  const run = JSON.parse(created.body) as MetadataRun
  const status = { phase: 'AwaitingReview', draft: { digest, rows: 2 } }
  await callApiServer(rigKubeConfigPath(), 'PUT', `${runs}/nightly/status`, { ...run, status })
})
afterAll(() => server.stop())

/** A command line for every command that creates an object. */
const lines: Readonly<Record<string, readonly string[]>> = {
  run: ['sales', '-d', 'pg', '-l', 'llm', '--review', 'auto', '--set', 'generation.alternatives=3'],
  'catalog refresh': ['sales', '-d', 'pg'],
  'schedule add': [
    'sales',
    '--name',
    'nightly',
    '--cron',
    '0 6 * * 1-5',
    '--tz',
    'Europe/Istanbul',
    '-d',
    'pg',
    '-l',
    'llm',
  ],
  generate: [
    'sales.customer.id',
    '--name',
    'one-column',
    '-d',
    'pg',
    '-l',
    'llm',
    '--instructions',
    'Say: "it\'s a key"\n# and more',
  ],
  describe: ['sales.customer.id', '--text', 'Number of the "customer".', '-d', 'pg', '--name', 'by-hand'],
  rerun: ['nightly', '--filter', 'maximumConfidence=Low'],
  variations: ['nightly', 'sales.customer.id', '2'],
  accept: ['nightly', 'sales.customer.id', '--text', 'Key: of the "customer", 100 %\n- really'],
  skip: ['nightly', 'sales.customer'],
  reject: ['nightly', '--high', '--comment', 'yes'],
  restore: ['nightly', '--all', '--comment', '12:30'],
  apply: ['nightly', '--overwrite'],
  'pending edit': ['sales.customer.id', '--text', 'Number of the "customer".'],
  'pending drop': ['sales.customer.id', '--reject'],
  rollback: ['nightly', 'sales.customer.id'],
}

function amx(...words: readonly string[]): Promise<Finished> {
  const place = ['--kubeconfig', rigKubeConfigPath(), '-n', namespace]
  return runCommandLine([...words, ...place], { env: { AMX_SERVER: server.url } })
}

function kubectl(words: readonly string[], input: string): string {
  const all = ['--kubeconfig', rigKubeConfigPath(), '-n', namespace, ...words]
  const { status, stdout, stderr } = spawnSync(rigKubectlPath(), all, { input, encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout
}

const creating = commandsBelow(silentProgram())
  .filter(({ options }) => options.some(({ long }) => long === '--dry-run'))
  .map(commandPath)

test.each(creating)('%s prints what kubectl applies, and the same twice', async (path) => {
  const line = [...path.split(' '), ...(lines[path] ?? ['a line of this command is missing in this file'])]
  const checked = await amx(...line, '--dry-run=server', '-o', 'json')
  expect([checked.stderr, JSON.parse(checked.stdout || '{}').metadata?.uid]).toEqual(['', expect.any(String)])
  const printed = await amx(...line, '--dry-run=client', '-o', 'yaml')
  expect(printed).toMatchObject({ code: 0, stderr: '' })
  expect(kubectl(['apply', '-f', '-'], printed.stdout)).toMatch(/^\w+\.amx\.dev\/\S+ created\n$/)
  expect(kubectl(['apply', '-f', '-'], printed.stdout)).toMatch(/ unchanged\n$/)
  const asked = JSON.parse((await amx(...line, '--dry-run=client', '-o', 'json')).stdout)
  expect(JSON.parse(kubectl(['get', '-f', '-', '-o', 'json'], printed.stdout))).toMatchObject({
    items: [{ spec: asked.spec }],
  })
})
