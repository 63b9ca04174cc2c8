import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Client } from 'pg'
import { streamProgress } from '../cluster/progress.ts'
import { createDemoWarehouse, type DemoShape } from '../demo-warehouse/index.ts'
import { startLlmStub } from '../llm-stub/index.ts'
import { bringUp, type LocalSystem } from '../quickstart/index.ts'
import { takeDown } from '../quickstart/take-down.ts'
import { countApiWrites, countOperatorWrites, writesBetween } from './api-writes.ts'
import { benchApply, benchLargeApply } from './bench-apply.ts'
import { benchBudget, benchDrafting, draftingConcurrency } from './bench-drafting.ts'
import { benchPlugin } from './bench-plugin.ts'
import { benchRun } from './bench-run.ts'
import { type Figure, figureTable } from './figures.ts'
import { makeFinishedRuns, operatorMemoryMiB } from './operator-memory.ts'
import { benchStoredResults } from './store-results.ts'
import { openStatementCounter } from './warehouse-statements.ts'

// Brings a system of its own up, measures it against a model stub, prints a table and JSON, and takes it down.
const { values } = parseArgs({
  options: { 'finished-runs': { type: 'string', default: '2000' }, json: { type: 'string' }, only: { type: 'string' } },
})
const wants = (part: string) => values.only === undefined || values.only === part
const namespace = 'default'
const progress = streamProgress(process.stderr)
const stateDir = mkdtempSync(join(tmpdir(), 'amx-bench-'))
const stub = await startLlmStub()
try {
  const system = await bringUp({ stateDir, progress, namespace, cluster: 'bare' })
  const figures: Figure[] = []
  if (wants('results')) figures.push(...(await benchStoredResults((what, work) => progress.step(what, work))))
  if (wants('memory'))
    figures.push({ name: 'operator: idle RSS', value: await settledMemory(system), unit: 'MiB', reach: 150 })
  if (wants('plugin')) figures.push(...benchPlugin(system))
  if (wants('narrow')) figures.push(...(await benchNarrow(system)))
  if (wants('apply-large'))
    figures.push(...(await progress.step('applying 50,000 comments', () => benchLargeApply(system))))
  if (wants('wide')) figures.push(...(await benchWide(system, benchDrafting)))
  if (wants('budget')) figures.push(...(await benchWide(system, benchBudget)))
  if (wants('memory')) figures.push(await benchFinishedRuns(system))
  process.stdout.write(`${figureTable(figures)}\n`)
  const machine = { cpus: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version }
  const json = JSON.stringify({ measuredAt: new Date().toISOString(), machine, figures }, null, 2)
  const path = values.json ?? join('bench-results', 'latest.json')
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, `${json}\n`)
  process.stdout.write(`${json}\n`)
} finally {
  await takeDown(stateDir, progress)
  await stub.stop()
  rmSync(stateDir, { recursive: true, force: true })
}

async function benchFinishedRuns(system: LocalSystem): Promise<Figure> {
  const count = Number(values['finished-runs'])
  await progress.step(`making ${count} finished runs`, () => makeFinishedRuns(system, count))
  const value = await settledMemory(system)
  return { name: `operator: RSS with ${count} finished runs`, value, unit: 'MiB', reach: 200 }
}

/** 20 tables of 26 columns and 20,000 rows: to review at two latencies, then 540 comments. */
async function benchNarrow(system: LocalSystem): Promise<Figure[]> {
  const url = await prepare(system, 'bench-20x26x20000')
  const counter = await openStatementCounter(url)
  try {
    const options = { system, databaseProfile: 'bench-20x26x20000', llmProfile: 'bench-stub' }
    stub.configure({ latencyMs: 500 })
    const fast = await progress.step('20 × 26 × 20,000, stub 0.5 s', () =>
      benchRun({ ...options, name: 'narrow-fast' }),
    )
    await applyProfile(system, 'bench-stub-slow')
    await forgetProfiles(system)
    stub.reset()
    stub.configure({ latencyMs: 2_000 })
    await counter.reset()
    const writesBefore = await countApiWrites(system.kubectl)
    const ownBefore = await countOperatorWrites(system.settings.ports.operatorHealth)
    const slow = await progress.step('20 × 26 × 20,000, stub 2.0 s', () =>
      benchRun({ ...options, name: 'narrow-slow', llmProfile: 'bench-stub-slow' }),
    )
    const { calls, maximumConcurrency } = stub.report()
    const profileStatements = await counter.count()
    await counter.reset()
    const apply = await progress.step('applying 540 comments', () => benchApply(system, slow.run))
    const applyStatements = await counter.count()
    // The last status write may follow the phase; events come behind it.
    await delay(2_000)
    const ownWrites = (await countOperatorWrites(system.settings.ports.operatorHealth)) - ownBefore
    const writes = writesBetween(writesBefore, await countApiWrites(system.kubectl))
    return [
      { name: 'kubectl apply → AwaitingReview, stub 2.0 s', value: slow.toReviewS, unit: 's', reach: 9 },
      { name: 'kubectl apply → AwaitingReview, stub 0.5 s', value: fast.toReviewS, unit: 's', reach: 6 },
      { name: 'profiling alone', value: slow.profilingS, unit: 's', reach: 2.5 },
      {
        name: 'SQL statements, profile + apply',
        value: profileStatements + applyStatements,
        unit: 'statements',
        reach: 100,
      },
      { name: 'SQL statements, apply of 540 comments', value: applyStatements, unit: 'statements', reach: 80 },
      ...apply,
      { name: 'API-server writes of AMX, events included', value: ownWrites, unit: 'writes', reach: 40 },
      {
        name: 'API-server writes of all, pods and Jobs included',
        value: sum(writes.values()),
        unit: 'writes',
        reach: null,
      },
      ...[...writes].map(([what, value]) => ({ name: `  ${what}`, value, unit: 'writes', reach: null }) as const),
      { name: 'model calls', value: calls.length, unit: 'calls', reach: null },
      { name: 'model calls at once, at most', value: maximumConcurrency, unit: 'calls', reach: null },
    ]
  } finally {
    await counter.close()
  }
}

async function benchWide(system: LocalSystem, measure: typeof benchDrafting): Promise<Figure[]> {
  await prepare(system, 'bench-47x1283')
  await forgetProfiles(system)
  stub.reset()
  return measure({
    system,
    stub,
    databaseProfile: 'bench-47x1283',
    applyProfile: (name) => applyProfile(system, name, draftingConcurrency),
    forgetProfiles: () => forgetProfiles(system),
    step: (what, work) => progress.step(what, work),
  })
}

/** The bench database with its profile; gives a superuser's URL for it. */
async function prepare(system: LocalSystem, shape: DemoShape): Promise<string> {
  const { warehouseAdminUrl, settings, kubectl } = system
  const { readerPassword, writerPassword } = settings
  await progress.step(`filling ${shape}`, () =>
    createDemoWarehouse({ adminUrl: warehouseAdminUrl, database: shape, readerPassword, writerPassword, shape }),
  )
  await applyProfile(system, 'bench-stub')
  await kubectl.apply([
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'DatabaseProfile',
      metadata: { name: shape, namespace },
      spec: {
        backend: 'PostgreSQL',
        postgresql: {
          host: '127.0.0.1',
          port: settings.ports.warehouse,
          database: shape,
          tls: { mode: 'disable' },
        },
        readerSecretRef: { name: 'demo-warehouse-reader' },
        writerSecretRef: { name: 'demo-warehouse-writer' },
        profiling: { mode: 'Sampled', sampleRows: 5_000 },
      },
    },
  ])
  const url = new URL(warehouseAdminUrl)
  url.pathname = `/${shape}`
  return url.href
}

/** Empties the cache of profiles: each figure is that of a database nobody has profiled before. */
async function forgetProfiles({ storeUrl }: LocalSystem): Promise<void> {
  const client = new Client({ connectionString: storeUrl })
  await client.connect()
  await client.query('TRUNCATE amx.profile_cache')
  await client.end()
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}

function applyProfile({ kubectl }: LocalSystem, name: string, concurrency = 32): Promise<string> {
  return kubectl.apply([
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'LLMProfile',
      metadata: { name, namespace, annotations: { 'amx.dev/test-every': 'never' } },
      // The name of the model is part of what a stored reply is found by: each profile pays for its own.
      spec: { provider: 'OpenAICompatible', model: name, baseURL: stub.url, limits: { concurrency } },
    },
  ])
}

async function settledMemory(system: LocalSystem): Promise<number> {
  await delay(10_000)
  return operatorMemoryMiB(system)
}
