import { Client } from 'pg'
import type { LlmStub, StubCall } from '../llm-stub/index.ts'
import type { LocalSystem } from '../quickstart/index.ts'
import { benchOverBudget, benchRun, type TimedRun, workerSummary } from './bench-run.ts'
import type { Figure } from './figures.ts'

/** Calls at once that the LLMProfiles of these figures allow. */
export const draftingConcurrency = 64

export interface DraftingOptions {
  readonly system: LocalSystem
  readonly stub: LlmStub
  readonly databaseProfile: string
  /** Makes an LLMProfile of a name; each name pays for its own replies. */
  readonly applyProfile: (name: string) => Promise<unknown>
  readonly forgetProfiles: () => Promise<void>
  readonly step: <Result>(what: string, work: () => Promise<Result>) => Promise<Result>
}

/** 1,283 columns in 47 tables at 3 s a call: paid for, from stored replies, with everything ready at once, and with refusals. */
export async function benchDrafting(options: DraftingOptions): Promise<Figure[]> {
  const { stub, step } = options
  stub.configure({ latencyMs: 3_000, faults: [] })
  const cold = await step('1,283 columns, stub 3 s', () => draft(options, 'wide', 'bench-wide'))
  const again = await step('the same again', () => draft(options, 'wide-again', 'bench-wide'))
  const ready = await step('1,283 columns profiled before, stub 3 s', () => draft(options, 'wide-ready', 'bench-ready'))
  await options.forgetProfiles()
  const everyTenth = { kind: 'rate-limit', probability: 0.1, seed: 7, retryAfterSeconds: 1 } as const
  stub.configure({ faults: [everyTenth] })
  const refused = await step('1,283 columns, one call in ten refused', () => draft(options, 'wide-429', 'bench-429'))
  stub.configure({ faults: [] })
  return [
    { name: '1,283 columns to AwaitingReview, stub 3 s', value: cold.toReviewS, unit: 's', reach: 12 },
    { name: '  model calls', value: cold.calls.length, unit: 'calls', reach: Math.floor(cold.batches * 1.05) },
    { name: '  batches', value: cold.batches, unit: 'batches', reach: null },
    {
      name: '  model calls at once, at most',
      value: mostAtOnce(cold.calls),
      unit: 'calls',
      reach: draftingConcurrency,
    },
    { name: '  draft pod, RSS at most', value: cold.memoryMiB, unit: 'MiB', reach: 200 },
    { name: '  profiling alone', value: cold.profilingS, unit: 's', reach: null },
    { name: '  draft pod, first call to last answer', value: callsS(cold.calls), unit: 's', reach: null },
    { name: 'the same again, from stored replies', value: again.toReviewS, unit: 's', reach: 4 },
    { name: '  model calls', value: again.calls.length, unit: 'calls', reach: 0 },
    { name: '  cost in millionths of a dollar', value: costOf(again), unit: 'µ$', reach: 0 },
    { name: 'profiled before, other model', value: ready.toReviewS, unit: 's', reach: 12 },
    { name: '  first call to all places taken', value: rampMs(ready.calls), unit: 'ms', reach: 500 },
    {
      name: 'one call in ten refused, Retry-After 1',
      value: refused.toReviewS,
      unit: 's',
      reach: cold.toReviewS * 1.5,
    },
    { name: '  model calls, refused ones included', value: refused.calls.length, unit: 'calls', reach: null },
    {
      name: '  model calls at once, at most',
      value: mostAtOnce(refused.calls),
      unit: 'calls',
      reach: draftingConcurrency,
    },
  ]
}

/** A run over its budget of tokens, the stub at 1 s: what it asked for after the budget was used up. */
export async function benchBudget({ system, stub, step, ...options }: DraftingOptions): Promise<Figure[]> {
  const maximumTokens = 120_000
  const llmProfile = 'bench-budget'
  stub.configure({ latencyMs: 1_000, faults: [] })
  await options.applyProfile(llmProfile)
  const before = new Set(stub.calls().map(({ id }) => id))
  const { databaseProfile } = options
  const run = { system, name: 'wide-budget', databaseProfile, llmProfile, budget: { maximumTokens } }
  await step(`1,283 columns, ${maximumTokens} tokens`, () => benchOverBudget(run))
  const calls = stub.calls().filter(({ id }) => !before.has(id))
  const tokens = calls.reduce((sum, call) => sum + call.tokens.input + call.tokens.output, 0)
  const late = begunAfter(calls, maximumTokens)
  return [
    { name: 'calls after the budget is used up', value: late, unit: 'calls', reach: 0 },
    { name: '  tokens used', value: tokens, unit: 'tokens', reach: maximumTokens },
    { name: '  model calls', value: calls.length, unit: 'calls', reach: null },
  ]
}

/** Calls that began when those before them had used so many tokens. */
export function begunAfter(
  calls: readonly Pick<StubCall, 'startedMs' | 'endedMs' | 'tokens'>[],
  maximumTokens: number,
): number {
  let used = 0
  const byEnd = [...calls].sort((one, other) => (one.endedMs ?? 0) - (other.endedMs ?? 0))
  const last = byEnd.find(({ tokens }) => {
    used += tokens.input + tokens.output
    return used >= maximumTokens
  })
  return last === undefined ? 0 : calls.filter(({ startedMs }) => startedMs > (last.endedMs ?? 0)).length
}

interface Drafted extends TimedRun {
  readonly calls: readonly StubCall[]
  readonly batches: number
  readonly memoryMiB: number
}

async function draft(options: DraftingOptions, name: string, llmProfile: string): Promise<Drafted> {
  const { system, stub, databaseProfile } = options
  await options.applyProfile(llmProfile)
  const before = new Set(stub.calls().map(({ id }) => id))
  const timed = await benchRun({ system, name, databaseProfile, llmProfile })
  const { peakMemoryMiB = Number.NaN } = await workerSummary(system.kubectl, name, 'draft')
  return {
    ...timed,
    calls: stub.calls().filter(({ id }) => !before.has(id)),
    batches: await countBatches(system, timed),
    memoryMiB: peakMemoryMiB,
  }
}

async function countBatches({ storeUrl }: LocalSystem, { run }: TimedRun): Promise<number> {
  const client = new Client({ connectionString: storeUrl })
  await client.connect()
  try {
    const found = await client.query<{ batches: number }>(
      `select count(*)::integer as batches from amx.units where run_uid = $1 and stage = 'draft'`,
      [run.metadata.uid],
    )
    return found.rows[0]?.batches ?? Number.NaN
  } finally {
    await client.end()
  }
}

function costOf({ run }: TimedRun): number {
  return Number(run.status?.cost?.amount ?? 0) * 1e6
}

function callsS(calls: readonly StubCall[]): number {
  const ends = calls.map(({ endedMs = Number.NaN }) => endedMs)
  return (Math.max(...ends) - Math.min(...calls.map(({ startedMs }) => startedMs))) / 1_000
}

/** The most calls that ran at the same moment. */
export function mostAtOnce(calls: readonly Pick<StubCall, 'startedMs' | 'endedMs'>[]): number {
  return Math.max(0, ...inFlight(calls).map(({ count }) => count))
}

/** Milliseconds from the first call until all places were taken; without end when they never were. */
function rampMs(calls: readonly StubCall[]): number {
  const steps = inFlight(calls)
  const full = steps.find(({ count }) => count >= draftingConcurrency)
  return (full?.atMs ?? Number.POSITIVE_INFINITY) - (steps[0]?.atMs ?? 0)
}

function inFlight(calls: readonly Pick<StubCall, 'startedMs' | 'endedMs'>[]): { atMs: number; count: number }[] {
  const changes = calls.flatMap(({ startedMs, endedMs }) => [
    { atMs: startedMs, change: 1 },
    { atMs: endedMs ?? Number.POSITIVE_INFINITY, change: -1 },
  ])
  // At the same moment one place is left before another is taken.
  changes.sort((one, other) => one.atMs - other.atMs || one.change - other.change)
  let count = 0
  return changes.map(({ atMs, change }) => {
    count += change
    return { atMs, count }
  })
}
