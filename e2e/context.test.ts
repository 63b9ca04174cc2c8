import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ContextSource, ContextSourceSearchResult, MetadataRun } from '@amx/api'
import { startLlmStub } from '@amx/hack/llm-stub'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyRun, applyStubProfile, namespace, openSystem, type System, until, untilPhase } from './system.ts'

const examples = resolve(import.meta.dirname, '../examples/context')

let system: System
let stub: Awaited<ReturnType<typeof startLlmStub>>

beforeAll(async () => {
  system = openSystem()
  stub = await startLlmStub()
})

afterAll(() => stub.stop())

function readSource(): Promise<ContextSource> {
  return system.kubectl.json<ContextSource>(['get', 'contextsource', 'sales-handbook', '-n', namespace])
}

test('a run and the handbook it names, applied together, end in drafts that cite the handbook', async () => {
  // The run first: it waits for the source.
  for (const file of ['30-metadata-run.yaml', '20-context-source.yaml', '10-handbook.yaml'])
    await system.kubectl.run(['apply', '-n', namespace, '-f', join(examples, file)])
  await untilPhase(system, 'with-handbook', 'AwaitingReview')

  const table = await system.kubectl.run(['get', 'ctx', '-n', namespace])
  expect(table.split('\n')[0]).toMatch(/NAME\s+KIND\s+READY\s+REVISION\s+DOCUMENTS\s+CHUNKS/)
  expect(table).toMatch(/sales-handbook\s+Documents\s+True\s+sha256:\S+\s+2\s+\d+/)
  const { status } = await readSource()
  expect(status?.documents).toBe(2)
  expect(status?.chunks).toBeGreaterThanOrEqual(5)

  const rows = await system.results('with-handbook')
  const voucher = rows.find(({ path }) => path === 'sales.sales_order.voucher_code')
  expect(voucher?.source).toBe('provided')
  // The comment of the quick start stands first, what the dictionary says beside it.
  expect(voucher?.alternatives.map(({ text }) => text)).toContain(
    'Voucher the customer redeemed with this order; one voucher per order, none on marketplaces.',
  )
  expect(voucher?.citations).toContainEqual(
    expect.objectContaining({ source: 'sales-handbook', path: 'dictionary.csv', startLine: 2 }),
  )
})

test('a model that is shown the handbook is quoted with the place it stands at', async () => {
  await applyStubProfile(system, 'with-documents', stub.url)
  const name = await applyRun(system, {
    llmProfile: 'with-documents',
    include: ['sales.sales_order'],
    spec: { contextRefs: [{ name: 'sales-handbook' }], generation: { columnBatchSize: 50 } },
  })
  await untilPhase(system, name, 'AwaitingReview')
  const rows = await system.results(name)
  const cited = rows.filter(({ citations }) => citations.some(({ path }) => path === 'orders.md'))
  expect(cited.length).toBeGreaterThan(0)
  const handbook = readFileSync(join(examples, '10-handbook.yaml'), 'utf8').replaceAll(/\s+/g, ' ')
  for (const { citations } of cited) {
    for (const { source, startLine, snippet } of citations.filter(({ path }) => path === 'orders.md')) {
      expect(source).toBe('sales-handbook')
      expect(startLine).toBeGreaterThan(0)
      // To the letter, but for where its lines break.
      expect(handbook).toContain(snippet.replaceAll(/\s+/g, ' '))
    }
  }
})

test('texts are compared by the embedding model the LLMProfile names, and its calls are accounted for', async () => {
  await applyStubProfile(system, 'with-embeddings', stub.url)
  const patch = JSON.stringify({ spec: { embeddings: { model: 'stub-embedding' } } })
  await system.kubectl.run(['patch', 'llmprofile', 'with-embeddings', '-n', namespace, '--type=merge', '-p', patch])
  const before = stub.calls().length
  const name = await applyRun(system, {
    llmProfile: 'with-embeddings',
    include: ['sales.voucher'],
    spec: { generation: { columnBatchSize: 50, confidenceSignal: 'SelfConsistency' } },
  })
  await untilPhase(system, name, 'AwaitingReview')
  const calls = stub.calls().slice(before)
  expect(calls.map(({ route, model }) => `${route} ${model}`)).toContain('embeddings stub-embedding')
  const rows = await system.results(name)
  expect(rows.length).toBeGreaterThan(0)
  for (const { warnings } of rows) expect(warnings.join()).not.toContain('built-in embedding')
  const run = await system.kubectl.json<MetadataRun>(['get', 'metadatarun', name, '-n', namespace])
  expect(run.status?.cost?.calls).toBe(calls.length)
})

test('people find in a source what a draft would find', async () => {
  const query = 'q=when+does+an+order+ship+free&limit=1'
  const path = `/api/v1/namespaces/${namespace}/contextsources/sales-handbook/search?${query}`
  const { results } = await system.read<ContextSourceSearchResult>(path)
  expect(results).toMatchObject([{ path: 'orders.md', title: expect.stringContaining('Totals') }])
})

test('a changed handbook is read again on request, and leaves nothing behind when its source is deleted', async () => {
  const { status: before } = await readSource()
  const patch = JSON.stringify({ data: { 'returns.md': '# Returns\n\nA parcel may come back within 30 days.' } })
  await system.kubectl.run(['patch', 'configmap', 'sales-handbook', '-n', namespace, '--type=merge', '-p', patch])
  await system.kubectl.run(['annotate', 'ctx', 'sales-handbook', '-n', namespace, 'amx.dev/index-now=again'])
  await until('the new revision is indexed', async () => (await readSource()).status?.revision !== before?.revision)
  expect((await readSource()).status).toMatchObject({ documents: 3, lastHandledRequest: 'again' })

  await system.kubectl.run(['delete', 'ctx', 'sales-handbook', '-n', namespace, '--timeout=60s'])
  const path = `/api/v1/namespaces/${namespace}/contextsources/sales-handbook/search?q=returns`
  await expect(system.read(path)).rejects.toThrow(/404|AMX-1013/)
})
