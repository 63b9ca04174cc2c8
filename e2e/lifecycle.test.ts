import { startLlmStub } from '@amx/hack/llm-stub'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { holdTable } from './hold-table.ts'
import {
  applyRun,
  applyStubProfile,
  condition,
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

beforeAll(async () => {
  system = openSystem()
  stub = await startLlmStub({ latencyMs: 400 })
  await applyStubProfile(system, 'lifecycle-stub', stub.url, { concurrency: 2 })
})

afterAll(() => stub.stop())

async function patchRun(name: string, spec: object): Promise<void> {
  await system.kubectl.run(['patch', 'mrun', name, '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec })])
}

async function expectCancelled(name: string): Promise<void> {
  const run = await untilPhase(system, name, 'Cancelled', 'Succeeded', 'Failed', 'AwaitingReview')
  expect(run.status?.phase).toBe('Cancelled')
  expect(condition(run, 'Succeeded')).toMatchObject({ status: 'False', reason: 'Cancelled' })
  await until('no pod of the run is left', async () => (await workerPods(system, name)).length === 0)
}

test('cancel while profiling', async () => {
  const table = await holdTable(system, 'catalog.supplier', 'ACCESS EXCLUSIVE')
  try {
    const name = await applyRun(system, { include: ['catalog'], llmProfile: 'lifecycle-stub' })
    await until('the profile pod runs', async () => (await workerPods(system, name, 'profile')).length === 1)
    await patchRun(name, { desiredState: 'Cancel' })
    await expectCancelled(name)
  } finally {
    await table.release()
  }
})

test('cancel while drafting', async () => {
  const name = await applyRun(system, { include: ['sales'], llmProfile: 'lifecycle-stub' })
  await untilRun(system, name, ({ status }) => (status?.columns?.drafted ?? 0) > 0)
  await patchRun(name, { desiredState: 'Cancel' })
  await expectCancelled(name)
  const answered = stub.calls().length
  expect(stub.report().inFlight).toBe(0)
  const run = await readRun(system, name)
  expect(run.status?.columns?.drafted).toBeLessThan(run.status?.columns?.planned ?? 0)
  expect(stub.calls().length).toBe(answered)
})

test('cancel while applying leaves what is not written in the queue', async () => {
  const table = await holdTable(system, 'events.web_session', 'SHARE UPDATE EXCLUSIVE')
  try {
    const name = await applyRun(system, {
      include: ['events.web_session'],
      llmProfile: 'built-in',
      spec: { review: { strategy: 'Auto', accept: 'All' }, apply: { policy: 'OnAccept', existing: 'Replace' } },
    })
    await until('the apply pod runs', async () => (await workerPods(system, name, 'apply')).length === 1)
    await patchRun(name, { desiredState: 'Cancel' })
    await expectCancelled(name)
  } finally {
    await table.release()
  }
})

test('suspend stops the work and Run goes on without paying again', async () => {
  stub.reset()
  const name = await applyRun(system, { include: ['catalog'], llmProfile: 'lifecycle-stub' })
  await untilRun(system, name, ({ status }) => (status?.columns?.drafted ?? 0) > 0)
  await patchRun(name, { desiredState: 'Suspend' })
  await untilPhase(system, name, 'Suspended')
  await until('its pods are gone', async () => (await workerPods(system, name)).length === 0)
  expect(stub.report().inFlight).toBe(0)
  await patchRun(name, { desiredState: 'Run' })
  const run = await untilPhase(system, name, 'AwaitingReview')
  expect(run.status?.columns?.drafted).toBe(run.status?.columns?.planned)
  expect(stub.report().answeredAgain).toEqual([])
})

test('the same spec under the same name is not worked again after a deletion', async () => {
  const options = {
    name: 'done-before',
    include: ['catalog.category'],
    spec: { review: { strategy: 'Auto', accept: 'All' }, apply: { policy: 'Never', existing: 'Replace' } },
  }
  await applyRun(system, options)
  await untilPhase(system, options.name, 'Succeeded')
  await system.kubectl.run(['delete', 'mrun', options.name, '-n', namespace])
  // A worker that had nothing left to do may still be on its way out: only pods of the second run count below.
  await until('the pods of the first run are gone', async () => (await workerPods(system, options.name)).length === 0)
  await applyRun(system, options)
  const again = await untilPhase(system, options.name, 'Succeeded')
  expect(condition(again, 'Succeeded')?.reason).toBe('AlreadyCompleted')
  expect(await workerPods(system, options.name)).toEqual([])
})

test('the active deadline ends a run that takes too long', async () => {
  stub.configure({ latencyMs: 20_000 })
  try {
    const name = await applyRun(system, {
      include: ['catalog.product'],
      llmProfile: 'lifecycle-stub',
      spec: { activeDeadline: '5s', generation: { instructions: 'A prompt of its own.' } },
    })
    const run = await untilPhase(system, name, 'Failed', 'AwaitingReview')
    expect(condition(run, 'Succeeded')).toMatchObject({ status: 'False', reason: 'DeadlineExceeded' })
  } finally {
    stub.configure({ latencyMs: 400 })
  }
})
