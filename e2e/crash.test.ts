import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stopPostgres } from '@amx/hack'
import { startLlmStub } from '@amx/hack/llm-stub'
import { startDatabases } from '@amx/hack/quickstart'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { holdTable } from './hold-table.ts'
import {
  applyRun,
  applyStubProfile,
  killPods,
  killSystemPod,
  namespace,
  openSystem,
  readRun,
  type System,
  until,
  untilPhase,
  untilRun,
  workerPods,
} from './system.ts'

let system: System
let stub: Awaited<ReturnType<typeof startLlmStub>>
const storeAwayMs = Number(process.env['AMX_E2E_STORE_AWAY_MS'] ?? 60_000)

beforeAll(async () => {
  system = openSystem()
  // Slow enough that a run is still drafting when its status has told so.
  stub = await startLlmStub({ latencyMs: 1_500 })
  await applyStubProfile(system, 'crash-stub', stub.url, { concurrency: 3 })
})

// A conversation of its own for every test, so that no stored reply of another one is used.
beforeEach(({ task }) => {
  stub.reset()
  instructions = `For the test "${task.name}".`
})
let instructions = ''

afterAll(() => stub.stop())

function startRun(include: string[], spec: Record<string, unknown> = {}): Promise<string> {
  return applyRun(system, { include, llmProfile: 'crash-stub', spec: { generation: { instructions }, ...spec } })
}

const untilDrafting = (name: string) =>
  untilRun(system, name, ({ status }) => (status?.columns?.drafted ?? 0) > 0 && status?.phase === 'Running')

/** Every planned column drafted, and no prompt that was answered and recorded was sent again. */
async function expectCompleteAndPaidOnce(name: string): Promise<void> {
  const run = await untilPhase(system, name, 'AwaitingReview', 'Failed')
  expect(run.status?.phase, JSON.stringify(run.status?.lastError)).toBe('AwaitingReview')
  // What the reader may not see is skipped; everything else is drafted.
  const { planned = 0, drafted, skipped = 0 } = run.status?.columns ?? {}
  expect(drafted).toBe(planned - skipped)
  expect(drafted).toBeGreaterThan(0)
  const report = stub.report()
  // A call whose answer arrived in the instant of a kill is the one thing nobody can know; the run says how many.
  expect(report.answeredAgain.length).toBeLessThanOrEqual(run.status?.cost?.unknownCalls ?? 0)
}

test('operator killed while profiling', async () => {
  const table = await holdTable(system, 'catalog.supplier', 'ACCESS EXCLUSIVE')
  let name: string
  try {
    name = await startRun(['catalog'])
    await until('the profile pod runs', async () => (await workerPods(system, name, 'profile')).length === 1)
    await killSystemPod(system, 'operator')
  } finally {
    await table.release()
  }
  await expectCompleteAndPaidOnce(name)
  expect(stub.report().answeredAgain).toEqual([])
})

test('operator killed while drafting', async () => {
  const name = await startRun(['catalog'])
  await untilDrafting(name)
  await killSystemPod(system, 'operator')
  await expectCompleteAndPaidOnce(name)
  expect(stub.report().answeredAgain).toEqual([])
})

test('worker killed while profiling', async () => {
  const table = await holdTable(system, 'catalog.supplier', 'ACCESS EXCLUSIVE')
  let name: string
  try {
    name = await startRun(['catalog'])
    await until('the profile pod runs', async () => (await workerPods(system, name, 'profile')).length === 1)
    await killPods(system, namespace, ...(await workerPods(system, name, 'profile')))
  } finally {
    await table.release()
  }
  await expectCompleteAndPaidOnce(name)
})

test('worker killed while drafting', async () => {
  const name = await startRun(['sales'])
  await untilDrafting(name)
  await killPods(system, namespace, ...(await workerPods(system, name, 'draft')))
  await expectCompleteAndPaidOnce(name)
})

test('server killed while drafting', async () => {
  const name = await startRun(['sales'])
  await untilDrafting(name)
  await killSystemPod(system, 'server')
  await expectCompleteAndPaidOnce(name)
  expect(stub.report().answeredAgain).toEqual([])
})

test('the store away for a minute while drafting', async () => {
  const name = await startRun(['sales'])
  await untilDrafting(name)
  await stopPostgres(join(system.stateDir, 'store'))
  await delay(storeAwayMs)
  await startDatabases(system.stateDir, system.settings)
  await expectCompleteAndPaidOnce(name)
  expect(stub.report().answeredAgain).toEqual([])
})

for (const part of ['worker', 'operator'] as const)
  test(`${part} killed while applying: every row is written once`, async () => {
    const table = await holdTable(system, 'events.stock_movement', 'SHARE UPDATE EXCLUSIVE')
    let name: string
    try {
      name = await startRun(['events'], {
        review: { strategy: 'Auto', accept: 'All' },
        apply: { policy: 'OnAccept', existing: 'Replace' },
      })
      await until('the apply pod runs', async () => (await workerPods(system, name, 'apply')).length === 1)
      if (part === 'worker') await killPods(system, namespace, ...(await workerPods(system, name, 'apply')))
      else await killSystemPod(system, 'operator')
    } finally {
      await table.release()
    }
    const run = await untilPhase(system, name, 'Succeeded', 'PartiallyApplied', 'AwaitingReview', 'Failed')
    const accepted = (await system.results(name)).filter(({ state }) => state === 'Accepted')
    expect(accepted.length, JSON.stringify(run.status?.conditions)).toBeGreaterThan(0)
    const changes = await system.changes(name)
    const written = changes.filter(({ outcome }) => outcome === 'Applied' || outcome === 'AlreadyThere')
    expect(new Set(written.map(({ path }) => path)).size).toBe(written.length)
    expect(written.length).toBe(accepted.length)
  })

test('what is accepted stays accepted over all of it', async () => {
  const run = await readRun(system, 'first-run')
  expect(run.status?.apply?.applied).toBeGreaterThan(0)
})
