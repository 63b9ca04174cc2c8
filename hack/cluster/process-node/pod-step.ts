import { backOffMs, type ContainerRecord, ended, isLive, isOver, type Termination } from './container-state.ts'
import { retryFailedCreations, retryTimeMs } from './creation-retry.ts'
import {
  type ContainerPlan,
  hasLiveContainer,
  isActive,
  type PodPlan,
  type PodState,
  withContainer,
} from './pod-state.ts'

/** What happens to a pod. */
export type PodInput =
  | { type: 'accepted' }
  | { type: 'volumesReady' }
  | { type: 'volumesFailed'; message: string }
  /** Something the pod refers to has changed: what failed for want of it is tried again. */
  | { type: 'referencesChanged' }
  | { type: 'started'; container: string; containerId: string }
  /** The container could not be made; no process was started. */
  | { type: 'createFailed'; container: string; reason: string; message: string; retryAfterMs?: number }
  | { type: 'exited'; container: string; termination: Termination }
  | { type: 'probed'; container: string; probe: 'startup' | 'liveness' | 'readiness'; outcome: 'success' | 'failure' }
  | { type: 'terminate'; cause: 'deleted' | 'shutdown'; graceMs: number }
  /** The object is gone: nobody waits for the pod any more. */
  | { type: 'vanished' }
  | { type: 'tick' }

/** What is to be done about it. */
export type PodAction =
  | { type: 'prepareVolumes' }
  | { type: 'start'; container: string; attempt: number }
  /** The preStop hook, then SIGTERM. */
  | { type: 'stop'; container: string; graceMs: number }
  /** SIGKILL to the process group. */
  | { type: 'kill'; container: string }
  | { type: 'backOff'; container: string; delayMs: number }
  | { type: 'finish' }

export interface PodStep {
  state: PodState
  actions: PodAction[]
}

/**
 * The next state of a pod and what is to be done to get there: a pure function of the plan, the state, the input and the
 * time. The rules are the kubelet's.
 */
export function stepPod(plan: PodPlan, before: PodState, input: PodInput, nowMs: number): PodStep {
  const actions: PodAction[] = []
  let state = applyInput(plan, before, input, nowMs, actions)
  state = applyDeadlines(plan, state, nowMs, actions)
  state = advance(plan, state, nowMs, actions)
  if (state.stage.name === 'finished' && before.stage.name !== 'finished') actions.push({ type: 'finish' })
  return { state, actions }
}

function applyInput(plan: PodPlan, state: PodState, input: PodInput, nowMs: number, actions: PodAction[]): PodState {
  switch (input.type) {
    case 'accepted':
      actions.push({ type: 'prepareVolumes' })
      return state
    case 'volumesReady':
      if (state.stage.name !== 'preparing') return state
      return { ...state, sandbox: 'ready', stage: { name: 'initializing', index: 0 } }
    case 'volumesFailed':
      if (state.stage.name !== 'preparing') return state
      return { ...state, stage: { name: 'preparing', problem: input.message } }
    case 'referencesChanged':
      if (state.stage.name === 'preparing') actions.push({ type: 'prepareVolumes' })
      return retryFailedCreations({ ...state, changes: state.changes + 1 })
    case 'started':
      return afterStart(plan, state, input, nowMs, actions)
    case 'createFailed':
      return withContainer(state, input.container, (record) => ({
        ...record,
        state: {
          name: 'waiting',
          reason: input.reason,
          message: input.message,
          attempt: record.restarts,
          retryAtMs: retryTimeMs(state, record, input, nowMs),
        },
      }))
    case 'exited':
      return withContainer(state, input.container, (record) => ended(record, input.termination))
    case 'probed':
      return afterProbe(plan, state, input, nowMs, actions)
    case 'terminate': {
      const deletion = input.cause === 'deleted' ? 'requested' : state.deletion
      return terminate({ ...state, deletion }, input.cause, nowMs + input.graceMs, nowMs, actions)
    }
    case 'vanished':
      return terminate({ ...state, deletion: 'none' }, 'deleted', nowMs, nowMs, actions)
    case 'tick':
      return state
  }
}

function planOf(plan: PodPlan, container: string): ContainerPlan | undefined {
  return [...plan.initContainers, ...plan.containers].find(({ name }) => name === container)
}

function afterStart(
  plan: PodPlan,
  state: PodState,
  input: { container: string; containerId: string },
  nowMs: number,
  actions: PodAction[],
): PodState {
  const { containerId } = input
  const container = planOf(plan, input.container)
  if (state.stage.name === 'terminating') {
    // The order to stop came while the process was being made.
    actions.push({ type: 'stop', container: input.container, graceMs: Math.max(0, state.stage.killAtMs - nowMs) })
    const { killAtMs } = state.stage
    return withContainer(state, input.container, (record) => ({
      ...record,
      state: { name: 'stopping', containerId, startedAtMs: nowMs, killAtMs, kill: 'later' },
    }))
  }
  const started = container?.startupProbe === 'present' ? 'no' : 'yes'
  const ready = started === 'yes' && container?.readinessProbe !== 'present' ? 'yes' : 'no'
  return withContainer(state, input.container, (record) => ({
    ...record,
    state: { name: 'running', containerId, startedAtMs: nowMs, started, ready },
  }))
}

function afterProbe(
  plan: PodPlan,
  state: PodState,
  input: Extract<PodInput, { type: 'probed' }>,
  nowMs: number,
  actions: PodAction[],
): PodState {
  const container = planOf(plan, input.container)
  const current = state.containers[input.container]?.state
  if (container === undefined || current?.name !== 'running') return state
  if (input.probe === 'readiness') {
    const ready = input.outcome === 'success' && current.started === 'yes' ? 'yes' : 'no'
    return withContainer(state, input.container, (record) => ({ ...record, state: { ...current, ready } }))
  }
  if (input.outcome === 'success') {
    if (input.probe === 'liveness' || current.started === 'yes') return state
    const ready = container.readinessProbe === 'present' ? 'no' : 'yes'
    return withContainer(state, input.container, (record) => ({
      ...record,
      state: { ...current, started: 'yes', ready },
    }))
  }
  return stopContainer(state, input.container, nowMs + (container.probeGraceMs ?? plan.graceMs), nowMs, actions)
}

function stopContainer(state: PodState, name: string, killAtMs: number, nowMs: number, actions: PodAction[]): PodState {
  return withContainer(state, name, (record) => {
    const current = record.state
    if (current.name === 'running') {
      actions.push({ type: 'stop', container: name, graceMs: Math.max(0, killAtMs - nowMs) })
      const { containerId, startedAtMs } = current
      return { ...record, state: { name: 'stopping', containerId, startedAtMs, killAtMs, kill: 'later' } }
    }
    // A later order can only shorten the time that is left.
    if (current.name === 'stopping' && killAtMs < current.killAtMs)
      return { ...record, state: { ...current, killAtMs } }
    return record
  })
}

function terminate(
  state: PodState,
  cause: 'deleted' | 'deadline' | 'shutdown',
  killAtMs: number,
  nowMs: number,
  actions: PodAction[],
): PodState {
  if (state.stage.name === 'finished') return state
  const terminating =
    state.stage.name === 'terminating'
      ? { ...state.stage, killAtMs: Math.min(killAtMs, state.stage.killAtMs) }
      : { name: 'terminating' as const, cause, killAtMs }
  let result: PodState = { ...state, stage: terminating }
  for (const name of Object.keys(state.containers)) {
    result = stopContainer(result, name, terminating.killAtMs, nowMs, actions)
  }
  return result
}

function applyDeadlines(plan: PodPlan, before: PodState, nowMs: number, actions: PodAction[]): PodState {
  let state = before
  const { activeDeadlineMs } = plan
  if (activeDeadlineMs !== undefined && isActive(state) && nowMs >= state.acceptedAtMs + activeDeadlineMs) {
    state = terminate(state, 'deadline', nowMs + plan.graceMs, nowMs, actions)
  }
  for (const [name, { state: container }] of Object.entries(state.containers)) {
    if (container.name !== 'stopping' || container.kill === 'done' || nowMs < container.killAtMs) continue
    actions.push({ type: 'kill', container: name })
    state = withContainer(state, name, (record) => ({ ...record, state: { ...container, kill: 'done' } }))
  }
  return state
}

function advance(plan: PodPlan, before: PodState, nowMs: number, actions: PodAction[]): PodState {
  let state = before
  if (state.stage.name === 'terminating') {
    if (hasLiveContainer(state)) return state
    const { cause } = state.stage
    const phase = cause === 'deleted' && allSucceeded(plan, state) ? 'Succeeded' : 'Failed'
    return { ...state, stage: { name: 'finished', phase, cause } }
  }
  while (state.stage.name === 'initializing') {
    const { index } = state.stage
    const container = plan.initContainers[index]
    if (container === undefined) {
      state = { ...state, initialized: 'yes', stage: { name: 'running' } }
      break
    }
    state = advanceContainer(plan, state, container, initRestart(plan), nowMs, actions)
    const current = state.containers[container.name]?.state
    if (current?.name !== 'terminated') return state
    if (current.termination.exitCode !== 0) return { ...state, stage: { name: 'finished', phase: 'Failed' } }
    state = { ...state, stage: { name: 'initializing', index: index + 1 } }
  }
  if (state.stage.name !== 'running') return state
  for (const container of plan.containers) {
    state = advanceContainer(plan, state, container, plan.restartPolicy, nowMs, actions)
  }
  const records = plan.containers.map(({ name }) => state.containers[name])
  if (!records.every((record) => record !== undefined && isOver(record.state))) return state
  return { ...state, stage: { name: 'finished', phase: allSucceeded(plan, state) ? 'Succeeded' : 'Failed' } }
}

/** An init container that ended well is never started again. */
function initRestart(plan: PodPlan): 'OnFailure' | 'Never' {
  return plan.restartPolicy === 'Never' ? 'Never' : 'OnFailure'
}

function allSucceeded(plan: PodPlan, state: PodState): boolean {
  return plan.containers.every(({ name }) => {
    const current = state.containers[name]?.state
    return current?.name === 'terminated' && current.termination.exitCode === 0
  })
}

function advanceContainer(
  plan: PodPlan,
  state: PodState,
  container: ContainerPlan,
  restart: PodPlan['restartPolicy'],
  nowMs: number,
  actions: PodAction[],
): PodState {
  return withContainer(state, container.name, (before) => {
    let record = before
    if (record.state.name === 'terminated') {
      const { termination } = record.state
      if (restart === 'Never' || (restart === 'OnFailure' && termination.exitCode === 0)) return record
      record = waitForRestart(plan, container, record, termination, nowMs, actions)
    }
    if (isLive(record.state) || record.state.name !== 'waiting') return record
    if (nowMs < record.state.retryAtMs) return record
    const { attempt } = record.state
    actions.push({ type: 'start', container: container.name, attempt })
    return { ...record, restarts: attempt, state: { name: 'creating', changes: state.changes } }
  })
}

function waitForRestart(
  plan: PodPlan,
  container: ContainerPlan,
  record: ContainerRecord,
  termination: Termination,
  nowMs: number,
  actions: PodAction[],
): ContainerRecord {
  const delayMs = backOffMs(record.crashes, plan.initialBackOffMs, plan.maxBackOffMs)
  if (delayMs > 0) actions.push({ type: 'backOff', container: container.name, delayMs })
  const message = `back-off ${delayMs / 1_000}s restarting failed container=${container.name}`
  return {
    ...record,
    last: termination,
    state: {
      name: 'waiting',
      reason: 'CrashLoopBackOff',
      message,
      attempt: record.restarts + 1,
      retryAtMs: nowMs + delayMs,
    },
  }
}
