import { expect, test } from 'vitest'
import {
  claimKind,
  draftBatches,
  draftedRun,
  draftsOf,
  profileTables,
  resolveScope,
  runOf,
  tableOf,
} from '../testing/run-fixture.ts'
import { openStores, workerOf } from '../testing/store-fixture.ts'

const table = tableOf('a.t', ['one', 'two', 'three'], { planned: { table: true, columns: ['one', 'two', 'three'] } })

test('rows that hold only placeholders are skipped with the reason and counted as skipped', async () => {
  const stores = await openStores()
  const run = await draftedRun(stores, [table], {
    rowsOf: (unit) =>
      draftsOf(unit).map((row) =>
        row.path === 'a.t.two'
          ? {
              ...row,
              warnings: ['produced 0 of 2 requested (retry got 0, fallback padded 2)'],
              alternatives: [1, 2].map((number) => ({ text: `Placeholder ${number}`, score: null, fallback: true })),
            }
          : row,
      ),
  })
  const { rows } = await stores.server.listResults(run.uid, { limit: 10 })
  const two = rows.find(({ path }) => path === 'a.t.two')
  expect(two).toMatchObject({
    skippedReason: 'produced 0 of 2 requested (retry got 0, fallback padded 2)',
    score: null,
    band: null,
  })
  const summary = (await stores.operator.observeRun(run.uid))?.summary
  expect(summary?.columns).toMatchObject({ planned: 3, drafted: 2, skipped: 1, failed: 0 })
  expect(summary?.review.unreviewed).toBe(3)
  expect(summary?.confidence).toMatchObject({ high: 3, mean: 0.9 })
})

test('scores are counted in tenths, the last one holding 1, and follow rows drafted again', async () => {
  const stores = await openStores()
  const scores: Record<string, number> = { 'a.t': 1, 'a.t.one': 0.05, 'a.t.two': 0.5, 'a.t.three': 0.59 }
  const run = await draftedRun(stores, [table], {
    rowsOf: (unit) => draftsOf(unit).map((row) => ({ ...row, score: scores[row.path] ?? null })),
  })
  const observed = await stores.operator.observeRun(run.uid)
  expect(observed?.summary.confidence.histogram).toEqual([1, 0, 0, 0, 0, 2, 0, 0, 0, 1])
})

test('a run without scores has no histogram', async () => {
  const stores = await openStores()
  const run = await draftedRun(stores, [table], {
    rowsOf: (unit) => draftsOf(unit).map((row) => ({ ...row, score: null, band: null })),
  })
  expect((await stores.operator.observeRun(run.uid))?.summary.confidence).not.toHaveProperty('histogram')
})

test('comments of the reference table reach every worker of the run', async () => {
  const stores = await openStores()
  const request = runOf({ name: 'styled' })
  await stores.operator.beginRun(request)
  const worker = workerOf(request.uid, 'profile')
  expect(await stores.server.readStyle(worker)).toEqual([])
  const [unit] = await claimKind(stores.server, request.uid, 'scope')
  if (unit === undefined) throw new Error('a run begins with a scope unit')
  const head = { unitId: unit.id, attempt: unit.attempt }
  const style = [{ kind: 'Column' as const, text: 'Day on which the order was placed.' }]
  await stores.server.recordCatalogPage(worker, { ...head, page: 0, tables: [table] })
  await stores.server.recordResult(worker, {
    ...head,
    kind: 'scope',
    pages: 1,
    serverVersion: '18',
    statements: 3,
    style,
  })
  expect(await stores.server.readStyle(workerOf(request.uid, 'draft'))).toEqual(style)
})

test('what one pod learnt of a model server is known to the next run with the same profile', async () => {
  const stores = await openStores()
  const first = runOf({ name: 'first' })
  const second = runOf({ name: 'second' })
  await stores.operator.beginRun(first)
  await stores.operator.beginRun(second)
  const memory = {
    formatsRefused: 1,
    refused: ['logprobs' as const],
    tokenField: 'max_completion_tokens' as const,
    outputCap: 8192,
    seen: { structuredOutput: false, logprobs: null, reasoning: true },
  }
  expect(await stores.server.readRouteMemory(workerOf(first.uid, 'draft'))).toBeNull()
  expect(await stores.server.recordRouteMemory(workerOf(first.uid, 'draft'), memory)).toEqual({ recorded: true })
  expect(await stores.server.readRouteMemory(workerOf(second.uid, 'draft'))).toEqual(memory)
  await stores.query(`update amx.route_memory set learnt_at = now() - interval '8 days'`)
  expect(await stores.server.readRouteMemory(workerOf(second.uid, 'draft'))).toBeNull()
})

test('the probability of a text is kept beside its score', async () => {
  const stores = await openStores()
  const request = runOf({ name: 'probable' })
  await stores.operator.beginRun(request)
  await resolveScope(stores.server, request.uid, [table])
  await profileTables(stores.server, request.uid)
  await draftBatches(stores.server, request.uid, (unit) =>
    draftsOf(unit).map((row) => ({ ...row, ...(row.path === 'a.t.one' ? { tokenProbability: 0.87 } : {}) })),
  )
  const { rows } = await stores.server.listResults(request.uid, { limit: 10 })
  expect(rows.map(({ path, tokenProbability }) => [path, tokenProbability])).toEqual([
    ['a.t', null],
    ['a.t.one', 0.87],
    ['a.t.three', null],
    ['a.t.two', null],
  ])
})
