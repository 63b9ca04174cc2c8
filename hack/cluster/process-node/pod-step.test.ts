import { describe, expect, test } from 'vitest'
import { backOffMs, type Termination } from './container-state.ts'
import { acceptedPod, type ContainerPlan, nextWakeMs, type PodPlan, type PodState } from './pod-state.ts'
import { type PodAction, type PodInput, stepPod } from './pod-step.ts'

const t0 = 1_000_000

function plainContainer(name: string, change: Partial<ContainerPlan> = {}): ContainerPlan {
  return { name, startupProbe: 'none', readinessProbe: 'none', ...change }
}

function plan(change: Partial<PodPlan> = {}): PodPlan {
  return {
    restartPolicy: 'Never',
    initContainers: [],
    containers: [plainContainer('main')],
    graceMs: 30_000,
    initialBackOffMs: 10_000,
    maxBackOffMs: 300_000,
    ...change,
  }
}

function exit(exitCode: number, finishedAtMs = t0 + 10, startedAtMs = t0): Termination {
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAtMs, finishedAtMs }
}

function started(container = 'main'): PodInput {
  return { type: 'started', container, containerId: `process://${container}` }
}

function exited(exitCode: number, container = 'main', finishedAtMs?: number): PodInput {
  return { type: 'exited', container, termination: exit(exitCode, finishedAtMs) }
}

/** Feeds inputs, each with its time after t0, and gives the last state with all actions in words. */
function play(pod: PodPlan, inputs: [number, PodInput][]): { state: PodState; actions: string[]; last: string[] } {
  let state = acceptedPod(pod, t0)
  const actions: string[] = []
  let last: string[] = []
  for (const [afterMs, input] of inputs) {
    const step = stepPod(pod, state, input, t0 + afterMs)
    state = step.state
    last = step.actions.map(inWords)
    actions.push(...last)
  }
  return { state, actions, last }
}

function inWords(action: PodAction): string {
  switch (action.type) {
    case 'start':
      return `start ${action.container} ${action.attempt}`
    case 'stop':
      return `stop ${action.container} ${action.graceMs}`
    case 'kill':
      return `kill ${action.container}`
    case 'backOff':
      return `backOff ${action.container} ${action.delayMs}`
    default:
      return action.type
  }
}

const up: [number, PodInput][] = [
  [0, { type: 'accepted' }],
  [1, { type: 'volumesReady' }],
  [2, started()],
]
const always = plan({ restartPolicy: 'Always' })
const twoInits = plan({ initContainers: [plainContainer('first'), plainContainer('second')] })
const terminate = (graceMs: number): PodInput => ({ type: 'terminate', cause: 'deleted', graceMs })

interface Case {
  title: string
  pod: PodPlan
  inputs: [number, PodInput][]
  actions: string[]
  stage: object
  main?: object
}

const cases: Case[] = [
  {
    title: 'a pod is prepared, started and finished with its container',
    pod: plan(),
    inputs: [...up, [10, exited(0)]],
    actions: ['prepareVolumes', 'start main 0', 'finish'],
    stage: { name: 'finished', phase: 'Succeeded' },
  },
  {
    title: 'a failed container without restarts fails the pod',
    pod: plan(),
    inputs: [...up, [10, exited(3)]],
    actions: ['prepareVolumes', 'start main 0', 'finish'],
    stage: { name: 'finished', phase: 'Failed' },
  },
  {
    title: 'one of two containers that ended does not finish the pod',
    pod: plan({ containers: [plainContainer('main'), plainContainer('side')] }),
    inputs: [...up, [3, started('side')], [10, exited(1)]],
    actions: ['prepareVolumes', 'start main 0', 'start side 0'],
    stage: { name: 'running' },
  },
  {
    title: 'OnFailure does not restart a success',
    pod: plan({ restartPolicy: 'OnFailure' }),
    inputs: [...up, [10, exited(0)]],
    actions: ['prepareVolumes', 'start main 0', 'finish'],
    stage: { name: 'finished', phase: 'Succeeded' },
  },
  {
    title: 'OnFailure restarts a failure, the first time at once',
    pod: plan({ restartPolicy: 'OnFailure' }),
    inputs: [...up, [10, exited(1)]],
    actions: ['prepareVolumes', 'start main 0', 'start main 1'],
    stage: { name: 'running' },
    main: { restarts: 1, state: { name: 'creating' } },
  },
  {
    title: 'Always restarts a success too',
    pod: always,
    inputs: [...up, [10, exited(0)]],
    actions: ['prepareVolumes', 'start main 0', 'start main 1'],
    stage: { name: 'running' },
  },
  {
    title: 'a second crash waits for the back-off',
    pod: always,
    inputs: [...up, [10, exited(1)], [11, started()], [20, exited(1)]],
    actions: ['prepareVolumes', 'start main 0', 'start main 1', 'backOff main 10000'],
    stage: { name: 'running' },
    main: { restarts: 1, state: { name: 'waiting', reason: 'CrashLoopBackOff', retryAtMs: t0 + 10_020 } },
  },
  {
    title: 'the back-off ends with a tick, not before its time',
    pod: always,
    inputs: [
      ...up,
      [10, exited(1)],
      [11, started()],
      [20, exited(1)],
      [10_019, { type: 'tick' }],
      [10_020, { type: 'tick' }],
    ],
    actions: ['prepareVolumes', 'start main 0', 'start main 1', 'backOff main 10000', 'start main 2'],
    stage: { name: 'running' },
    main: { restarts: 2 },
  },
  {
    title: 'init containers run one after the other before the others',
    pod: twoInits,
    inputs: [
      [0, { type: 'accepted' }],
      [1, { type: 'volumesReady' }],
      [2, started('first')],
      [3, exited(0, 'first')],
      [4, started('second')],
      [5, exited(0, 'second')],
      [6, started()],
    ],
    actions: ['prepareVolumes', 'start first 0', 'start second 0', 'start main 0'],
    stage: { name: 'running' },
  },
  {
    title: 'a failed init container without restarts fails the pod, the others are never started',
    pod: twoInits,
    inputs: [
      [0, { type: 'accepted' }],
      [1, { type: 'volumesReady' }],
      [2, started('first')],
      [3, exited(1, 'first')],
    ],
    actions: ['prepareVolumes', 'start first 0', 'finish'],
    stage: { name: 'finished', phase: 'Failed' },
    main: { state: { name: 'waiting' } },
  },
  {
    title: 'a failed init container of a pod with restarts is started again, one that ended well is not',
    pod: { ...twoInits, restartPolicy: 'Always' },
    inputs: [
      [0, { type: 'accepted' }],
      [1, { type: 'volumesReady' }],
      [2, started('first')],
      [3, exited(1, 'first')],
      [4, started('first')],
      [5, exited(0, 'first')],
      [6, { type: 'tick' }],
    ],
    actions: ['prepareVolumes', 'start first 0', 'start first 1', 'start second 0'],
    stage: { name: 'initializing', index: 1 },
  },
  {
    title: 'volumes that could not be made are made again when what they need appears',
    pod: plan(),
    inputs: [
      [0, { type: 'accepted' }],
      [1, { type: 'volumesFailed', message: 'no secret' }],
      [2, { type: 'referencesChanged' }],
      [3, { type: 'volumesReady' }],
    ],
    actions: ['prepareVolumes', 'prepareVolumes', 'start main 0'],
    stage: { name: 'running' },
  },
  {
    title: 'a container that lacks a reference waits without an end, and starts when it appears; that is no restart',
    pod: plan(),
    inputs: [
      [0, { type: 'accepted' }],
      [1, { type: 'volumesReady' }],
      [2, { type: 'createFailed', container: 'main', reason: 'CreateContainerConfigError', message: 'no secret' }],
      [9_999_999, { type: 'tick' }],
      [10_000_000, { type: 'referencesChanged' }],
    ],
    actions: ['prepareVolumes', 'start main 0', 'start main 0'],
    stage: { name: 'running' },
    main: { restarts: 0, state: { name: 'creating' } },
  },
  {
    title: 'a reference that appears while the container is being made is not missed',
    pod: plan(),
    inputs: [
      [0, { type: 'accepted' }],
      [1, { type: 'volumesReady' }],
      [2, { type: 'referencesChanged' }],
      [3, { type: 'createFailed', container: 'main', reason: 'CreateContainerConfigError', message: 'no secret' }],
    ],
    actions: ['prepareVolumes', 'start main 0', 'start main 0'],
    stage: { name: 'running' },
    main: { restarts: 0, state: { name: 'creating' } },
  },
  {
    title: 'an unknown image is not tried again by a change of references',
    pod: plan(),
    inputs: [
      [0, { type: 'accepted' }],
      [1, { type: 'volumesReady' }],
      [2, { type: 'createFailed', container: 'main', reason: 'ErrImageNeverPull', message: 'unknown' }],
      [3, { type: 'referencesChanged' }],
    ],
    actions: ['prepareVolumes', 'start main 0'],
    stage: { name: 'running' },
    main: { state: { name: 'waiting', reason: 'ErrImageNeverPull' } },
  },
  {
    title: 'a deleted pod is told to stop and killed when the grace period is over, not before, and once',
    pod: always,
    inputs: [
      ...up,
      [100, terminate(5_000)],
      [5_099, { type: 'tick' }],
      [5_100, { type: 'tick' }],
      [5_200, { type: 'tick' }],
      [5_201, exited(137)],
    ],
    actions: ['prepareVolumes', 'start main 0', 'stop main 5000', 'kill main', 'finish'],
    stage: { name: 'finished', phase: 'Failed', cause: 'deleted' },
  },
  {
    title: 'a deleted pod that ends by itself is not killed, and not restarted',
    pod: always,
    inputs: [...up, [100, terminate(5_000)], [200, exited(0)], [9_000, { type: 'tick' }]],
    actions: ['prepareVolumes', 'start main 0', 'stop main 5000', 'finish'],
    stage: { name: 'finished', phase: 'Succeeded', cause: 'deleted' },
  },
  {
    title: 'a second deletion with a shorter grace period shortens it',
    pod: plan(),
    inputs: [...up, [100, terminate(30_000)], [200, terminate(1_000)], [1_200, { type: 'tick' }]],
    actions: ['prepareVolumes', 'start main 0', 'stop main 30000', 'kill main'],
    stage: { name: 'terminating', cause: 'deleted', killAtMs: t0 + 1_200 },
  },
  {
    title: 'a second deletion with a longer grace period changes nothing',
    pod: plan(),
    inputs: [...up, [100, terminate(1_000)], [200, terminate(30_000)], [1_100, { type: 'tick' }]],
    actions: ['prepareVolumes', 'start main 0', 'stop main 1000', 'kill main'],
    stage: { name: 'terminating', cause: 'deleted', killAtMs: t0 + 1_100 },
  },
  {
    title: 'a pod whose object is gone is killed at once',
    pod: plan(),
    inputs: [...up, [100, { type: 'vanished' }]],
    actions: ['prepareVolumes', 'start main 0', 'stop main 0', 'kill main'],
    stage: { name: 'terminating', cause: 'deleted', killAtMs: t0 + 100 },
  },
  {
    title: 'a deletion while the process is being made stops it as soon as it is there',
    pod: plan(),
    inputs: [
      [0, { type: 'accepted' }],
      [1, { type: 'volumesReady' }],
      [2, terminate(5_000)],
      [1_002, started()],
    ],
    actions: ['prepareVolumes', 'start main 0', 'stop main 4000'],
    stage: { name: 'terminating', cause: 'deleted', killAtMs: t0 + 5_002 },
  },
  {
    title: 'a pod deleted before it started anything is finished at once',
    pod: plan(),
    inputs: [
      [0, { type: 'accepted' }],
      [1, terminate(30_000)],
      [2, { type: 'volumesReady' }],
    ],
    actions: ['prepareVolumes', 'finish'],
    stage: { name: 'finished', phase: 'Failed', cause: 'deleted' },
  },
  {
    title: 'a pod deleted during its back-off is finished at once and not started again',
    pod: always,
    inputs: [
      ...up,
      [10, exited(1)],
      [11, started()],
      [20, exited(1)],
      [30, terminate(30_000)],
      [99_999, { type: 'tick' }],
    ],
    actions: ['prepareVolumes', 'start main 0', 'start main 1', 'backOff main 10000', 'finish'],
    stage: { name: 'finished', phase: 'Failed', cause: 'deleted' },
  },
  {
    title: 'the active deadline stops the pod and fails it even if its container ends well',
    pod: plan({ activeDeadlineMs: 2_000 }),
    inputs: [...up, [1_999, { type: 'tick' }], [2_000, { type: 'tick' }], [2_100, exited(0)]],
    actions: ['prepareVolumes', 'start main 0', 'stop main 30000', 'finish'],
    stage: { name: 'finished', phase: 'Failed', cause: 'deadline' },
  },
  {
    title: 'a failed liveness probe stops the container with the grace of the probe, and it is restarted',
    pod: plan({ restartPolicy: 'Always', containers: [plainContainer('main', { probeGraceMs: 1_000 })] }),
    inputs: [
      ...up,
      [100, { type: 'probed', container: 'main', probe: 'liveness', outcome: 'failure' }],
      [1_100, { type: 'tick' }],
      [1_101, exited(137)],
    ],
    actions: ['prepareVolumes', 'start main 0', 'stop main 1000', 'kill main', 'start main 1'],
    stage: { name: 'running' },
    main: { restarts: 1 },
  },
  {
    title: 'a container with probes is started and ready only when they say so',
    pod: plan({ containers: [plainContainer('main', { startupProbe: 'present', readinessProbe: 'present' })] }),
    inputs: up,
    actions: ['prepareVolumes', 'start main 0'],
    stage: { name: 'running' },
    main: { state: { name: 'running', started: 'no', ready: 'no' } },
  },
  {
    title: 'a startup probe that succeeds makes a container without a readiness probe ready',
    pod: plan({ containers: [plainContainer('main', { startupProbe: 'present' })] }),
    inputs: [...up, [50, { type: 'probed', container: 'main', probe: 'startup', outcome: 'success' }]],
    actions: ['prepareVolumes', 'start main 0'],
    stage: { name: 'running' },
    main: { state: { name: 'running', started: 'yes', ready: 'yes' } },
  },
  {
    title: 'a failed readiness probe takes the readiness and stops nothing',
    pod: plan({ containers: [plainContainer('main', { readinessProbe: 'present' })] }),
    inputs: [
      ...up,
      [50, { type: 'probed', container: 'main', probe: 'readiness', outcome: 'success' }],
      [60, { type: 'probed', container: 'main', probe: 'readiness', outcome: 'failure' }],
    ],
    actions: ['prepareVolumes', 'start main 0'],
    stage: { name: 'running' },
    main: { state: { name: 'running', started: 'yes', ready: 'no' } },
  },
  {
    title: 'a finished pod stays finished',
    pod: plan(),
    inputs: [...up, [10, exited(0)], [20, terminate(1)], [30, { type: 'tick' }]],
    actions: ['prepareVolumes', 'start main 0', 'finish'],
    stage: { name: 'finished', phase: 'Succeeded' },
  },
]

test.each(cases)('$title', ({ pod, inputs, actions, stage, main }) => {
  const played = play(pod, inputs)
  expect(played.actions).toEqual(actions)
  expect(played.state.stage).toEqual(stage)
  if (main !== undefined) expect(played.state.containers['main']).toMatchObject(main)
})

test('a deletion of a finished pod asks for its removal', () => {
  const played = play(plan(), [...up, [10, exited(0)], [20, terminate(1)]])
  expect(played.state.deletion).toBe('requested')
})

test('a run of ten minutes forgives earlier crashes', () => {
  const played = play(always, [...up, [10, exited(1)], [11, started()], [20, exited(1, 'main', t0 + 600_000)]])
  expect(played.last).toEqual(['start main 2'])
})

describe('the time of the next change by itself', () => {
  test.each([
    { title: 'none for a pod that runs', pod: plan(), inputs: up, wake: undefined },
    { title: 'the active deadline', pod: plan({ activeDeadlineMs: 7_000 }), inputs: up, wake: t0 + 7_000 },
    {
      title: 'the end of the grace period',
      pod: plan(),
      inputs: [...up, [100, terminate(400)]] satisfies [number, PodInput][],
      wake: t0 + 500,
    },
    {
      title: 'the end of the back-off',
      pod: always,
      inputs: [...up, [10, exited(1)], [11, started()], [20, exited(1)]] satisfies [number, PodInput][],
      wake: t0 + 10_020,
    },
    {
      title: 'none while a reference is missing',
      pod: plan(),
      inputs: [
        ...up.slice(0, 2),
        [2, { type: 'createFailed', container: 'main', reason: 'CreateContainerConfigError', message: '' }],
      ] satisfies [number, PodInput][],
      wake: undefined,
    },
  ])('is $title', ({ pod, inputs, wake }) => {
    expect(nextWakeMs(pod, play(pod, inputs).state)).toBe(wake)
  })
})

test.each([
  [1, 0],
  [2, 10_000],
  [3, 20_000],
  [4, 40_000],
  [20, 300_000],
])('after crash %i the back-off is %i ms', (crashes, expected) => {
  expect(backOffMs(crashes, 10_000, 300_000)).toBe(expected)
})
