import { type ContainerRecord, isLive, newContainerRecord } from './container-state.ts'

/** What the life of a pod depends on, read from its spec once. */
export interface PodPlan {
  restartPolicy: 'Always' | 'OnFailure' | 'Never'
  initContainers: ContainerPlan[]
  containers: ContainerPlan[]
  graceMs: number
  /** How long the pod may be active; undefined = without a limit. */
  activeDeadlineMs?: number
  /** The wait before the second restart; it doubles with each further one, up to `maxBackOffMs`. The first is at once. */
  initialBackOffMs: number
  maxBackOffMs: number
}

/** What the life of a container depends on. */
export interface ContainerPlan {
  name: string
  startupProbe: 'none' | 'present'
  readinessProbe: 'none' | 'present'
  /** The grace period after a failed startup or liveness probe, when it differs from the pod's. */
  probeGraceMs?: number
}

/** Why a pod is being stopped. */
export type TerminationCause = 'deleted' | 'deadline' | 'shutdown'

/**
 * Where a pod is in its life.
 *
 * preparing → initializing → running → finished, with a turn to terminating from each of the first three. A pod that is
 * finished stays so; `deletion: 'requested'` then asks for the object to be removed.
 */
export type PodStage =
  | { name: 'preparing'; problem?: string }
  | { name: 'initializing'; index: number }
  | { name: 'running' }
  | { name: 'terminating'; cause: TerminationCause; killAtMs: number }
  | { name: 'finished'; phase: 'Succeeded' | 'Failed'; cause?: TerminationCause }

export interface PodState {
  stage: PodStage
  deletion: 'none' | 'requested'
  acceptedAtMs: number
  /** The volumes were ready once. */
  sandbox: 'none' | 'ready'
  initialized: 'no' | 'yes'
  containers: Record<string, ContainerRecord>
  /** How often something the pod refers to has changed. */
  changes: number
}

/** The state of a pod that the node has just accepted. */
export function acceptedPod(plan: PodPlan, nowMs: number): PodState {
  const containers: Record<string, ContainerRecord> = {}
  for (const { name } of [...plan.initContainers, ...plan.containers]) {
    containers[name] = newContainerRecord(plan.initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating')
  }
  return {
    stage: { name: 'preparing' },
    deletion: 'none',
    acceptedAtMs: nowMs,
    sandbox: 'none',
    initialized: 'no',
    containers,
    changes: 0,
  }
}

/** When the state changes by itself, as epoch milliseconds; undefined = never. */
export function nextWakeMs(plan: PodPlan, state: PodState): number | undefined {
  const times: number[] = []
  if (plan.activeDeadlineMs !== undefined && isActive(state)) times.push(state.acceptedAtMs + plan.activeDeadlineMs)
  for (const { state: container } of Object.values(state.containers)) {
    if (container.name === 'stopping' && container.kill === 'later') times.push(container.killAtMs)
    if (container.name === 'waiting' && container.retryAtMs > 0 && isActive(state)) times.push(container.retryAtMs)
  }
  const next = Math.min(...times)
  return Number.isFinite(next) ? next : undefined
}

/** Whether the pod has not come to an end and is not on its way there. */
export function isActive(state: PodState): boolean {
  return state.stage.name !== 'terminating' && state.stage.name !== 'finished'
}

/** Whether a process of the pod lives or is about to. */
export function hasLiveContainer(state: PodState): boolean {
  return Object.values(state.containers).some((record) => isLive(record.state))
}

/** The state with one container's record changed; the same state for a container it does not have. */
export function withContainer(
  state: PodState,
  name: string,
  change: (record: ContainerRecord) => ContainerRecord,
): PodState {
  const record = state.containers[name]
  if (record === undefined) return state
  return { ...state, containers: { ...state.containers, [name]: change(record) } }
}
