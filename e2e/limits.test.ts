import { randomUUID } from 'node:crypto'
import { startLlmStub } from '@amx/hack/llm-stub'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { applyRun, applyStubProfile, openSystem, type System, untilPhase } from './system.ts'

let system: System
let stub: Awaited<ReturnType<typeof startLlmStub>>

beforeAll(async () => {
  system = openSystem()
  stub = await startLlmStub()
})

afterEach(() => stub.reset())

afterAll(() => stub.stop())

const tables = ['sales.customer', 'sales.sales_order', 'catalog.product', 'catalog.category']

/** Small batches, and instructions of their own: no stored reply answers them. */
function smallBatches() {
  return { generation: { columnBatchSize: 2, alternatives: 1, instructions: `Asked by ${randomUUID()}.` } }
}

/** Starts of the calls, in milliseconds, in order. */
function starts(): number[] {
  return stub
    .calls()
    .map(({ startedMs }) => startedMs)
    .sort((one, other) => one - other)
}

/** The most calls that began within any span of this length. */
function mostWithin(spanMs: number): number {
  const all = starts()
  return Math.max(0, ...all.map((from) => all.filter((at) => at >= from && at < from + spanMs).length))
}

test('two runs that share an LLMProfile never ask more at once than it allows', async () => {
  await applyStubProfile(system, 'shared-four', stub.url, { concurrency: 4 })
  stub.configure({ latencyMs: 400 })
  const runs = await Promise.all([
    applyRun(system, { llmProfile: 'shared-four', include: tables.slice(0, 2), spec: smallBatches() }),
    applyRun(system, { llmProfile: 'shared-four', include: tables.slice(2), spec: smallBatches() }),
  ])
  await Promise.all(runs.map((name) => untilPhase(system, name, 'AwaitingReview')))
  const { maximumConcurrency, calls } = stub.report()
  expect(calls.length).toBeGreaterThan(12)
  expect(maximumConcurrency).toBe(4)
})

test('calls of all runs together keep to the requests per minute of their LLMProfile', async () => {
  await applyStubProfile(system, 'shared-rpm', stub.url, { concurrency: 16, requestsPerMinute: 120 })
  const runs = await Promise.all([
    applyRun(system, { llmProfile: 'shared-rpm', include: tables.slice(0, 2), spec: smallBatches() }),
    applyRun(system, { llmProfile: 'shared-rpm', include: tables.slice(2), spec: smallBatches() }),
  ])
  await Promise.all(runs.map((name) => untilPhase(system, name, 'AwaitingReview')))
  const calls = stub.calls().length
  expect(calls).toBeGreaterThan(12)
  // Two a second, and two that were saved up; a call takes a moment from its permit to the stub.
  expect(mostWithin(5_000)).toBeLessThanOrEqual(13)
  const spentMs = (starts().at(-1) ?? 0) - (starts()[0] ?? 0)
  expect(spentMs).toBeGreaterThan(((calls - 3) / 2) * 900)
})

test('a refusal for too many requests pauses every run for as long as the provider asks', async () => {
  await applyStubProfile(system, 'refusing', stub.url, { concurrency: 4, retries: 4 })
  stub.configure({ latencyMs: 100, faults: [{ kind: 'rate-limit', after: 4, first: 1, retryAfterSeconds: 3 }] })
  const name = await applyRun(system, { llmProfile: 'refusing', include: tables, spec: smallBatches() })
  await untilPhase(system, name, 'AwaitingReview')
  const refused = stub.calls().find(({ outcome }) => outcome === 'rate-limit')
  if (refused === undefined) throw new Error('nothing was refused')
  const after = starts().filter((at) => at > (refused.endedMs ?? 0))
  // Calls that had begun already may still arrive; then nothing until the pause is over.
  const late = after.filter((at) => at > (refused.endedMs ?? 0) + 500)
  expect(late.length).toBeGreaterThan(0)
  expect(Math.min(...late) - (refused.endedMs ?? 0)).toBeGreaterThanOrEqual(2_900)
  expect((await system.results(name)).every(({ alternatives }) => alternatives.length > 0)).toBe(true)
})
