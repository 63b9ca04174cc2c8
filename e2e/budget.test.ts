import type { EstimateAnswer, UsageReport } from '@amx/api'
import { startLlmStub } from '@amx/hack/llm-stub'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pluginCommand } from './plugin-command.ts'
import { applyRun, applyStubProfile, condition, namespace, openSystem, type System, untilPhase } from './system.ts'

let system: System
let stub: Awaited<ReturnType<typeof startLlmStub>>

beforeAll(async () => {
  system = openSystem()
  stub = await startLlmStub()
  await applyStubProfile(system, 'budget-stub', stub.url, { concurrency: 2 })
})

afterAll(() => stub.stop())

const include = ['sales']

async function patch(name: string, spec: object): Promise<void> {
  const body = JSON.stringify({ spec })
  await system.kubectl.run(['patch', 'mrun', name, '-n', namespace, '--type=merge', '-p', body])
}

test('a run stops at its budget, asks for no more, and goes on when the budget is raised', async () => {
  const budget = { maximumTokens: 9_000 }
  const name = await applyRun(system, { llmProfile: 'budget-stub', include, spec: { budget } })
  const stopped = await untilPhase(system, name, 'Suspended', 'AwaitingReview', 'Failed')
  const verdict = condition(stopped, 'Succeeded')
  expect(verdict, JSON.stringify(stopped.status)).toMatchObject({ status: 'Unknown', reason: 'BudgetExhausted' })
  expect(verdict?.message).toContain('9000 tokens')
  expect(verdict?.message).toContain('spec.budget')
  const { cost } = stopped.status ?? {}
  expect((cost?.inputTokens ?? 0) + (cost?.outputTokens ?? 0)).toBeLessThanOrEqual(9_000)
  expect(cost?.calls).toBeGreaterThan(0)
  const calls = stub.calls().length
  expect(cost?.calls).toBe(calls)

  await patch(name, { budget: { maximumTokens: 10_000_000 } })
  const done = await untilPhase(system, name, 'AwaitingReview', 'Failed')
  expect(done.status).toMatchObject({ phase: 'AwaitingReview', columns: { failed: 0 } })
  const { drafted = 0, skipped = 0, planned = 0 } = done.status?.columns ?? {}
  // A table that the reader may not see is skipped, and nothing else.
  expect(drafted + skipped).toBe(planned)
  const reasons = (await system.results(name)).map(({ skippedReason }) => skippedReason ?? '')
  expect(reasons.filter((reason) => reason.includes('AMX-1030'))).toEqual([])
  expect(stub.calls().length).toBeGreaterThan(calls)
})

test('a run that is to be reviewed at its budget leaves the rest out', async () => {
  const spec = {
    budget: { maximumTokens: 9_000, onExhausted: 'Review' },
    // Another prompt: no stored reply serves it.
    generation: { instructions: 'Say it in the words of a gardener.' },
  }
  const name = await applyRun(system, { llmProfile: 'budget-stub', include, spec })
  const run = await untilPhase(system, name, 'AwaitingReview', 'Suspended', 'Failed')
  expect(run.status?.phase, JSON.stringify(run.status)).toBe('AwaitingReview')
  const { drafted = 0, skipped = 0, planned = 0 } = run.status?.columns ?? {}
  expect(drafted).toBeGreaterThan(0)
  expect(skipped).toBeGreaterThan(0)
  expect(drafted + skipped).toBeGreaterThanOrEqual(planned)
  const left = (await system.results(name)).filter(({ skippedReason }) => skippedReason?.includes('AMX-1030'))
  expect(left.length).toBeGreaterThan(0)
})

test('a limit of money for a model without a price is refused before anything is read', async () => {
  const name = await applyRun(system, {
    llmProfile: 'budget-stub',
    include,
    spec: { budget: { maximumCost: '1' } },
  })
  const run = await untilPhase(system, name, 'Failed', 'AwaitingReview', 'Suspended')
  expect(condition(run, 'Succeeded')).toMatchObject({ status: 'False', reason: 'PriceUnknown' })
  expect(condition(run, 'Succeeded')?.message).toMatch(/spec\.price.*maximumTokens/)
})

test('the estimate is within a quarter of what a run used, and usage tells of it', async () => {
  const generation = { instructions: 'Name the unit of every measure.' }
  const name = await applyRun(system, { llmProfile: 'budget-stub', include, spec: { generation } })
  const run = await untilPhase(system, name, 'AwaitingReview', 'Failed')
  const usage = await system.read<UsageReport>(`/api/v1/namespaces/${namespace}/usage?window=1h&by=run`)
  const used = usage.groups.find(({ group }) => group === `${namespace}/${name}`)
  expect(used).toMatchObject({ calls: run.status?.cost?.calls, cost: null, unpricedCalls: run.status?.cost?.calls })

  const { code, output, complaint } = await pluginCommand(system, [
    'estimate',
    ...include,
    ...['--database', 'demo-warehouse', '--llm', 'budget-stub', '-o', 'json'],
    ...['--set', `generation.instructions=${generation.instructions}`],
  ])
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  const estimate = JSON.parse(output) as EstimateAnswer
  expect(estimate.columns).toBe(run.status?.columns?.planned)
  for (const tokens of ['inputTokens', 'outputTokens'] as const) {
    const ratio = estimate[tokens] / (used?.[tokens] ?? 0)
    expect(ratio, tokens).toBeGreaterThan(0.75)
    expect(ratio, tokens).toBeLessThan(1.25)
  }
})
