import { expect, test } from 'vitest'
import { acceptedPod, nextWakeMs, type PodPlan, type PodState } from './pod-state.ts'
import { type PodAction, type PodInput, stepPod } from './pod-step.ts'

/** A small generator of the same numbers for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const plain = { startupProbe: 'none', readinessProbe: 'none' } as const
const policies = ['Always', 'OnFailure', 'Never'] as const

/** What really runs: a process is there from its start to its exit, and told once to stop or killed. */
interface World {
  running: Set<string>
  stopped: Set<string>
  killed: Set<string>
}

function perform(action: PodAction, world: World, state: PodState, nowMs: number): PodInput[] {
  if (action.type === 'start') {
    expect(world.running.has(action.container)).toBe(false)
    expect(state.stage.name).not.toBe('terminating')
    world.running.add(action.container)
    return [{ type: 'started', container: action.container, containerId: 'process://1' }]
  }
  if (action.type === 'stop') {
    expect(world.running.has(action.container)).toBe(true)
    expect(world.stopped.has(action.container)).toBe(false)
    world.stopped.add(action.container)
  }
  if (action.type === 'kill') {
    expect(world.stopped.has(action.container)).toBe(true)
    const container = state.containers[action.container]?.state
    if (container?.name === 'stopping') expect(nowMs).toBeGreaterThanOrEqual(container.killAtMs)
    world.killed.add(action.container)
  }
  if (action.type === 'finish') expect(world.running.size).toBe(0)
  if (action.type === 'prepareVolumes') return [{ type: 'volumesReady' }]
  return []
}

test('whatever happens, processes start one at a time, are told before they are killed, and all end with their pod', () => {
  for (let seed = 0; seed < 300; seed += 1) {
    try {
      walk(seed)
    } catch (cause) {
      throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    }
  }
})

/** A random life of a random pod. Throws when a rule is broken. */
function walk(seed: number): void {
  const random = randomNumbers(seed)
  const plan: PodPlan = {
    restartPolicy: policies[Math.floor(random() * 3)] ?? 'Always',
    initContainers: random() < 0.5 ? [{ name: 'first', ...plain }] : [],
    containers: [
      { name: 'main', ...plain },
      { name: 'side', ...plain, probeGraceMs: 50 },
    ],
    graceMs: 500,
    initialBackOffMs: 100,
    maxBackOffMs: 400,
  }
  let nowMs = 1_000
  let state = acceptedPod(plan, nowMs)
  const world: World = { running: new Set(), stopped: new Set(), killed: new Set() }
  const apply = (input: PodInput): void => {
    const step = stepPod(plan, state, input, nowMs)
    state = step.state
    const follow = step.actions.flatMap((action) => perform(action, world, state, nowMs))
    for (const next of follow) apply(next)
  }
  const exit = (container: string, exitCode: number): void => {
    for (const set of [world.running, world.stopped, world.killed]) set.delete(container)
    const reason = exitCode === 0 ? 'Completed' : 'Error'
    const termination = { exitCode, reason, startedAtMs: nowMs, finishedAtMs: nowMs } as const
    apply({ type: 'exited', container, termination })
  }

  apply({ type: 'accepted' })
  for (let turn = 0; turn < 60; turn += 1) {
    nowMs += Math.floor(random() * 200)
    const [runningNow] = [...world.running].filter(() => random() < 0.5)
    const dice = random()
    if (dice < 0.4 && runningNow !== undefined) exit(runningNow, random() < 0.5 ? 0 : 1)
    else if (dice < 0.6) apply({ type: 'tick' })
    else if (dice < 0.7 && runningNow !== undefined) {
      apply({ type: 'probed', container: runningNow, probe: 'liveness', outcome: 'failure' })
    } else if (dice < 0.73) apply({ type: 'terminate', cause: 'deleted', graceMs: Math.floor(random() * 1_000) })
    else if (dice < 0.74) apply({ type: 'vanished' })
    else if (dice < 0.8) apply({ type: 'referencesChanged' })
  }

  apply({ type: 'terminate', cause: 'deleted', graceMs: 100 })
  for (let turn = 0; turn < 10 && state.stage.name !== 'finished'; turn += 1) {
    nowMs = Math.max(nowMs, nextWakeMs(plan, state) ?? nowMs)
    apply({ type: 'tick' })
    for (const container of [...world.killed]) exit(container, 137)
  }
  expect(state.stage.name).toBe('finished')
  expect(world.running.size).toBe(0)
}
