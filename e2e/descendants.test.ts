import { randomBytes } from 'node:crypto'
import type { MetadataRun, ReviewDecision, VersionList } from '@amx/api'
import { startLlmStub } from '@amx/hack/llm-stub'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  applyRun,
  applyStubProfile,
  condition,
  namespace,
  openSystem,
  type System,
  until,
  untilPhase,
  workerPods,
} from './system.ts'

let system: System
let stub: Awaited<ReturnType<typeof startLlmStub>>
let first = ''

beforeAll(async () => {
  system = openSystem()
  stub = await startLlmStub()
  await applyStubProfile(system, 'descendants-stub', stub.url)
  await system.warehouse('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
  first = await applyRun(system, { include: ['sales.customer'], llmProfile: 'descendants-stub' })
  await untilPhase(system, first, 'AwaitingReview')
})

afterAll(async () => {
  await system.warehouse('DROP EXTENSION IF EXISTS pg_stat_statements')
  await stub.stop()
})

/** Statements that anybody but this test sends to the demo warehouse while something happens. */
async function statementsDuring(work: () => Promise<unknown>): Promise<number> {
  await system.warehouse('SELECT pg_stat_statements_reset()')
  await work()
  const [row] = await system.warehouse(
    `SELECT coalesce(sum(s.calls), 0)::int AS calls FROM pg_stat_statements AS s
       JOIN pg_database AS d ON d.oid = s.dbid AND d.datname = current_database()
     WHERE s.toplevel AND s.query !~* 'pg_stat_statements'`,
  )
  return Number(row?.['calls'])
}

/** A run that goes on from the first one. */
async function goOn(type: 'Rerun' | 'Variations', source: object, spec: object = {}): Promise<string> {
  const name = `e2e-${type.toLowerCase()}-${randomBytes(4).toString('hex')}`
  await system.kubectl.apply([
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'MetadataRun',
      metadata: { name, namespace },
      spec: { type, source: { runRef: { name: first }, ...source }, ...spec },
    },
  ])
  return name
}

async function decide(run: MetadataRun, item: object): Promise<ReviewDecision> {
  const name = `e2e-${randomBytes(4).toString('hex')}`
  await system.kubectl.apply([
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'ReviewDecision',
      metadata: { name, namespace },
      spec: {
        runRef: { name: run.metadata.name },
        draftDigest: run.status?.draft?.digest,
        reviewer: { username: 'admin' },
        items: [item],
      },
    },
  ])
  const read = () => system.kubectl.json<ReviewDecision>(['get', 'rdec', name, '-n', namespace])
  await until(
    'the decision is final',
    async () => (condition(await read(), 'Recorded')?.status ?? 'Unknown') !== 'Unknown',
  )
  return read()
}

const textsOf = async (name: string, path: string) => {
  const row = (await system.results(name)).find((one) => one.path === path)
  return (row?.alternatives ?? []).map(({ text }) => text)
}

test('a rerun of a whole table sends no statement to the warehouse, and asks the model again', async () => {
  const analyzed = await statementsDuring(async () => {
    await untilPhase(system, await applyRun(system, { include: ['sales.customer'] }), 'AwaitingReview')
  })
  expect(analyzed).toBeGreaterThan(0)

  const callsBefore = stub.calls().length
  let name = ''
  const statements = await statementsDuring(async () => {
    name = await goOn('Rerun', { filter: { tables: ['sales.customer'] } })
    await untilPhase(system, name, 'AwaitingReview', 'Failed')
  })
  const run = await untilPhase(system, name, 'AwaitingReview')
  expect(statements).toBe(0)
  expect(stub.calls().length).toBeGreaterThan(callsBefore)
  expect(condition(run, 'Profiled')).toMatchObject({ status: 'True', reason: 'NotNeeded' })
  expect(run.status?.cost?.calls).toBeGreaterThan(0)
  expect(await workerPods(system, name, 'profile')).toEqual([])
  const rows = await system.results(name)
  expect(rows).toHaveLength((await system.results(first)).length)
  expect(new Set(rows.map(({ version }) => version))).toEqual(new Set([2]))
})

test('variations differ from the seed and its neighbours, and the versions tell where they come from', async () => {
  const path = 'sales.customer.c_email'
  const before = await textsOf(first, path)
  const name = await goOn('Variations', { alternative: { asset: path, index: 2 } })
  await untilPhase(system, name, 'AwaitingReview')
  const after = await textsOf(name, path)
  expect(after).toHaveLength(before.length)
  expect(after.filter((text) => before.includes(text))).toEqual([])

  const [row] = await system.results(name)
  expect(row?.seed).toMatchObject({ index: 2, text: before[1] })
  const url = `/api/v1/namespaces/${namespace}/runs/${name}/results/${row?.id}/versions`
  const { versions } = await system.read<VersionList>(url)
  expect(versions[0]?.run.name).toBe(first)
  expect(versions.at(-1)).toMatchObject({ run: { name, type: 'Variations' }, parentId: versions[0]?.rowId })
})

test('a version can be accepted once the accepted one is restored', async () => {
  const chosen = 'sales.customer'
  const one = await untilPhase(system, first, 'AwaitingReview')
  expect(condition(await decide(one, { asset: chosen, verdict: 'Accept' }), 'Recorded')?.status).toBe('True')
  const two = await untilPhase(system, await goOn('Rerun', { assets: [chosen] }), 'AwaitingReview')
  const refused = condition(await decide(two, { asset: chosen, verdict: 'Accept' }), 'Recorded')
  expect(refused).toMatchObject({ status: 'False', reason: 'VersionLocked' })
  expect(refused?.message).toContain(`kubectl amx restore ${first} ${chosen}`)
  await decide(one, { asset: chosen, verdict: 'Restore' })
  expect(condition(await decide(two, { asset: chosen, verdict: 'Accept' }), 'Recorded')?.status).toBe('True')
})

test('one column is generated with the profile of its table, and nothing else drafted', async () => {
  const name = await applyRun(system, { include: ['sales.customer.c_email'], spec: { type: 'Generate' } })
  await untilPhase(system, name, 'AwaitingReview')
  const rows = await system.results(name)
  expect(rows.map(({ path }) => path)).toEqual(['sales.customer.c_email'])
  expect(rows[0]?.evidence).toContain('class:')
})

test('a table and a schema are generated without what lies in them', async () => {
  const name = await applyRun(system, { include: ['sales.customer', 'catalog'], spec: { type: 'Generate' } })
  await untilPhase(system, name, 'AwaitingReview')
  const rows = await system.results(name)
  expect(rows.map(({ path, kind }) => [path, kind])).toEqual([
    ['catalog', 'Schema'],
    ['sales.customer', 'Table'],
  ])
})
