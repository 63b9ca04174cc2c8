import type { ContainerRecord, ContainerState, Termination } from './container-state.ts'
import type { PodPlan, PodState } from './pod-state.ts'
import type { Container, ContainerStatus, Pod, PodCondition, PodStatus, TerminatedStatus } from './pod-types.ts'

/** The one address that every pod of the process node has: its processes share the machine's loopback interface. */
export const podIp = '127.0.0.1'

/** The status of a pod as the kubelet would write it, without the times at which conditions changed. */
export function podStatus(pod: Pod, plan: PodPlan, state: PodState): PodStatus {
  const phase = podPhase(plan, state)
  const ended = endReason(state)
  return {
    phase,
    ...(ended === undefined ? {} : ended),
    startTime: timeText(state.acceptedAtMs),
    hostIP: podIp,
    hostIPs: [{ ip: podIp }],
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    conditions: podConditions(plan, state),
    containerStatuses: pod.spec.containers.map((container) => containerStatus(container, state)),
    ...(pod.spec.initContainers === undefined
      ? {}
      : { initContainerStatuses: pod.spec.initContainers.map((container) => containerStatus(container, state)) }),
  }
}

function podPhase(plan: PodPlan, state: PodState): 'Pending' | 'Running' | 'Succeeded' | 'Failed' {
  if (state.stage.name === 'finished') return state.stage.phase
  if (state.initialized === 'no') return 'Pending'
  const everStarted = plan.containers.every(({ name }) => {
    const record = state.containers[name]
    return record !== undefined && (record.last !== undefined || hasProcess(record.state))
  })
  return everStarted ? 'Running' : 'Pending'
}

function hasProcess(state: ContainerState): boolean {
  return state.name === 'running' || state.name === 'stopping' || state.name === 'terminated'
}

function endReason(state: PodState): { reason: string; message: string } | undefined {
  if (state.stage.name !== 'terminating' && state.stage.name !== 'finished') return undefined
  if (state.stage.cause === 'deadline') {
    return {
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    }
  }
  if (state.stage.cause === 'shutdown') {
    return { reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' }
  }
  return undefined
}

function podConditions(plan: PodPlan, state: PodState): PodCondition[] {
  const conditions: PodCondition[] = [
    { type: 'PodScheduled', status: 'True' },
    {
      type: 'PodReadyToStartContainers',
      status: state.sandbox === 'ready' && state.stage.name !== 'finished' ? 'True' : 'False',
    },
    initializedCondition(plan, state),
    readyCondition('ContainersReady', plan, state),
    readyCondition('Ready', plan, state),
  ]
  if (state.stage.name === 'finished' && state.stage.cause === 'shutdown') conditions.push(disruption)
  return conditions
}

/** Says that the node, not the program, ended the pod; Jobs can be told not to count such ends. */
export const disruption: PodCondition = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'TerminationByKubelet',
  message: 'The process node stopped while the pod was running.',
}

function initializedCondition(plan: PodPlan, state: PodState): PodCondition {
  if (state.stage.name === 'finished' && state.stage.phase === 'Succeeded') {
    return { type: 'Initialized', status: 'True', reason: 'PodCompleted' }
  }
  if (state.initialized === 'yes' || plan.initContainers.length === 0) return { type: 'Initialized', status: 'True' }
  const open = plan.initContainers.map(({ name }) => name).filter((name) => !succeeded(state.containers[name]))
  return {
    type: 'Initialized',
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${open.join(' ')}]`,
  }
}

function succeeded(record: ContainerRecord | undefined): boolean {
  return record?.state.name === 'terminated' && record.state.termination.exitCode === 0
}

function readyCondition(type: 'ContainersReady' | 'Ready', plan: PodPlan, state: PodState): PodCondition {
  if (state.stage.name === 'finished') {
    const reason = state.stage.phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed'
    return { type, status: 'False', reason }
  }
  const unready = plan.containers.map(({ name }) => name).filter((name) => !isReady(state.containers[name]))
  if (unready.length === 0) return { type, status: 'True' }
  return {
    type,
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  }
}

function isReady(record: ContainerRecord | undefined): boolean {
  return record?.state.name === 'running' && record.state.ready === 'yes'
}

function containerStatus(container: Container, state: PodState): ContainerStatus {
  const record = state.containers[container.name]
  const base = { name: container.name, image: container.image, imageID: `process-node://${container.image}` }
  if (record === undefined) {
    return { ...base, ready: false, started: false, restartCount: 0, state: {}, lastState: {} }
  }
  const current = shownState(record, state)
  const id = containerIdOf(record.state)
  const init = state.initialized === 'yes' && succeeded(record)
  return {
    ...base,
    ...(id === undefined ? {} : { containerID: id }),
    ready: isReady(record) || (init && isInitContainer(container, state)),
    started: record.state.name === 'stopping' || (record.state.name === 'running' && record.state.started === 'yes'),
    restartCount: record.restarts,
    state: current,
    lastState: record.last === undefined ? {} : { terminated: terminatedStatus(record.last) },
  }
}

/** Init containers stand before all others in the record, and only they are over while the pod runs on. */
function isInitContainer(container: Container, state: PodState): boolean {
  return state.stage.name === 'running' && state.containers[container.name]?.state.name === 'terminated'
}

function shownState(record: ContainerRecord, pod: PodState): ContainerStatus['state'] {
  const { state } = record
  switch (state.name) {
    case 'waiting':
      // A pod that came to its end while a container waited for its restart shows how that container ended last.
      if (pod.stage.name === 'finished' && record.last !== undefined) {
        return { terminated: terminatedStatus(record.last) }
      }
      if (pod.stage.name === 'running' && state.reason === 'PodInitializing') {
        return { waiting: { reason: 'ContainerCreating' } }
      }
      return {
        waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) },
      }
    case 'creating':
      return { waiting: { reason: 'ContainerCreating' } }
    case 'running':
    case 'stopping':
      return { running: { startedAt: timeText(state.startedAtMs) } }
    case 'terminated':
      return { terminated: terminatedStatus(state.termination) }
  }
}

function containerIdOf(state: ContainerState): string | undefined {
  if (state.name === 'running' || state.name === 'stopping') return state.containerId
  if (state.name === 'terminated') return state.termination.containerId
  return undefined
}

function terminatedStatus(termination: Termination): TerminatedStatus {
  return {
    exitCode: termination.exitCode,
    ...(termination.signal === undefined ? {} : { signal: termination.signal }),
    reason: termination.reason,
    ...(termination.message === undefined ? {} : { message: termination.message }),
    startedAt: timeText(termination.startedAtMs),
    finishedAt: timeText(termination.finishedAtMs),
    ...(termination.containerId === undefined ? {} : { containerID: termination.containerId }),
  }
}

/**
 * The status with `lastTransitionTime` on every condition: that of the earlier status where a condition did not change.
 */
export function withTransitionTimes(status: PodStatus, earlier: PodStatus | undefined, nowMs: number): PodStatus {
  const conditions = (status.conditions ?? []).map((condition): PodCondition => {
    const old = earlier?.conditions?.find(({ type }) => type === condition.type)
    const kept = old?.status === condition.status ? old.lastTransitionTime : undefined
    return { ...condition, lastTransitionTime: kept ?? timeText(nowMs) }
  })
  return { ...status, conditions }
}

/** A time as Kubernetes writes it: RFC 3339 in whole seconds. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
