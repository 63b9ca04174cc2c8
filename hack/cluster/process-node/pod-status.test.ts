import { expect, test } from 'vitest'
import { lostPodStatus } from './lost-pods.ts'
import { podPlan } from './pod-plan.ts'
import { acceptedPod, type PodState } from './pod-state.ts'
import { podStatus, withTransitionTimes } from './pod-status.ts'
import { type PodInput, stepPod } from './pod-step.ts'
import type { Pod, PodStatus } from './pod-types.ts'
import { statusPatch } from './status-writer.ts'

const t0 = Date.UTC(2026, 0, 2, 3, 4, 5)

const pod: Pod = {
  metadata: { name: 'one', namespace: 'test', uid: 'u1' },
  spec: {
    restartPolicy: 'OnFailure',
    initContainers: [{ name: 'first', image: 'amx.dev/first:1' }],
    containers: [{ name: 'main', image: 'amx.dev/main:1' }],
  },
}

function statusAfter(...inputs: PodInput[]): PodStatus {
  const plan = podPlan(pod, { initialBackOffMs: 10_000, maxBackOffMs: 300_000 })
  let state: PodState = acceptedPod(plan, t0)
  for (const input of [{ type: 'accepted' } as const, ...inputs]) state = stepPod(plan, state, input, t0 + 1_000).state
  return podStatus(pod, plan, state)
}

function conditionsOf(status: PodStatus): Record<string, string> {
  return Object.fromEntries((status.conditions ?? []).map(({ type, status: value }) => [type, value]))
}

function exited(container: string, exitCode: number, message?: string): PodInput {
  const times = { startedAtMs: t0 + 2_000, finishedAtMs: t0 + 5_000 }
  const reason = exitCode === 0 ? 'Completed' : 'Error'
  const said = message === undefined ? {} : { message }
  return { type: 'exited', container, termination: { exitCode, reason, ...said, ...times } }
}

const ready: PodInput = { type: 'volumesReady' }
const started = (container: string): PodInput => ({ type: 'started', container, containerId: `process://${container}` })

test('an accepted pod is pending and its containers wait', () => {
  const status = statusAfter()
  expect(status.phase).toBe('Pending')
  expect(status.startTime).toBe('2026-01-02T03:04:05Z')
  expect(status.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'PodInitializing' } })
  expect(conditionsOf(status)).toEqual({
    PodScheduled: 'True',
    PodReadyToStartContainers: 'False',
    Initialized: 'False',
    ContainersReady: 'False',
    Ready: 'False',
  })
})

test('a pod whose containers run is running and ready', () => {
  const status = statusAfter(ready, started('first'), exited('first', 0), started('main'))
  expect(status.phase).toBe('Running')
  expect(conditionsOf(status)).toMatchObject({ Initialized: 'True', ContainersReady: 'True', Ready: 'True' })
  expect(status.containerStatuses?.[0]).toMatchObject({ ready: true, started: true, restartCount: 0 })
  expect(status.initContainerStatuses?.[0]).toMatchObject({ ready: true, state: { terminated: { exitCode: 0 } } })
})

test('a pod names its unready containers', () => {
  const status = statusAfter(ready)
  expect(status.conditions?.find(({ type }) => type === 'Ready')?.message).toBe(
    'containers with unready status: [main]',
  )
  expect(status.conditions?.find(({ type }) => type === 'Initialized')?.message).toBe(
    'containers with incomplete status: [first]',
  )
})

test('a pod that ended shows exit code, message and times of its container', () => {
  const status = statusAfter(
    ready,
    started('first'),
    exited('first', 0),
    started('main'),
    exited('main', 0, 'all good'),
  )
  expect(status.phase).toBe('Succeeded')
  expect(status.containerStatuses?.[0]?.state.terminated).toEqual({
    exitCode: 0,
    reason: 'Completed',
    message: 'all good',
    startedAt: '2026-01-02T03:04:07Z',
    finishedAt: '2026-01-02T03:04:10Z',
  })
  expect(status.conditions?.find(({ type }) => type === 'Ready')).toEqual({
    type: 'Ready',
    status: 'False',
    reason: 'PodCompleted',
  })
})

test('a restarted container shows its last end', () => {
  const crash = [exited('main', 2), started('main'), exited('main', 2)]
  const status = statusAfter(ready, started('first'), exited('first', 0), started('main'), ...crash)
  expect(status.phase).toBe('Running')
  expect(status.containerStatuses?.[0]).toMatchObject({
    restartCount: 1,
    state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container=main' } },
    lastState: { terminated: { exitCode: 2 } },
  })
})

test('a pod deleted during its back-off shows how its container ended', () => {
  const crash = [exited('main', 2), started('main'), exited('main', 2)]
  const end: PodInput = { type: 'terminate', cause: 'deleted', graceMs: 1 }
  const status = statusAfter(ready, started('first'), exited('first', 0), started('main'), ...crash, end)
  expect(status.phase).toBe('Failed')
  expect(status.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(2)
})

test('a pod that the node ended says so and is marked as disrupted', () => {
  const end: PodInput = { type: 'terminate', cause: 'shutdown', graceMs: 1 }
  const status = statusAfter(ready, started('first'), end, exited('first', 143))
  expect(status).toMatchObject({ phase: 'Failed', reason: 'Terminated' })
  expect(conditionsOf(status)['DisruptionTarget']).toBe('True')
})

test('a condition keeps its transition time until it changes', () => {
  const before = withTransitionTimes(statusAfter(), undefined, t0)
  const after = withTransitionTimes(statusAfter(ready), before, t0 + 60_000)
  const times = Object.fromEntries((after.conditions ?? []).map((each) => [each.type, each.lastTransitionTime]))
  expect(times).toMatchObject({
    PodReadyToStartContainers: '2026-01-02T03:05:05Z',
    Ready: '2026-01-02T03:04:05Z',
  })
})

test('a patch removes the reasons that conditions no longer have', () => {
  const patch = statusPatch('u1', { conditions: [{ type: 'Ready', status: 'True' }] })
  expect(patch).toEqual({
    metadata: { uid: 'u1' },
    status: { conditions: [{ type: 'Ready', status: 'True', reason: null, message: null }] },
  })
})

test('a lost pod is failed, and its running container is said to have ended with the node', () => {
  const running = statusAfter(ready, started('first'), exited('first', 0), started('main'))
  const lost = lostPodStatus({ ...pod, status: running }, t0 + 60_000)
  expect(lost).toMatchObject({ phase: 'Failed', reason: 'NodeLost' })
  expect(lost.containerStatuses?.[0]?.state.terminated).toMatchObject({
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    finishedAt: '2026-01-02T03:05:05Z',
  })
  expect(conditionsOf(lost)).toMatchObject({ Ready: 'False', DisruptionTarget: 'True', Initialized: 'True' })
})
