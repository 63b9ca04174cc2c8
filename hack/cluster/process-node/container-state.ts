/** How a container's process ended. */
export interface Termination {
  /** 128 + signal for a process that a signal ended, as container runtimes report it. */
  exitCode: number
  signal?: number
  reason: 'Completed' | 'Error' | 'StartError' | 'ContainerStatusUnknown'
  message?: string
  startedAtMs: number
  finishedAtMs: number
  containerId?: string
}

/**
 * Where a container is in its life.
 *
 * waiting → creating → running → terminated, from where it goes back to waiting when it is to be restarted; stopping is a
 * running container that was told to end and is killed at `killAtMs`. A wait without an end of its own (until something
 * the container refers to appears) has `retryAtMs: Infinity`.
 */
export type ContainerState =
  | { name: 'waiting'; reason: string; message?: string; attempt: number; retryAtMs: number }
  /** `changes`: how many changes of what the pod refers to were known when the making began. */
  | { name: 'creating'; changes: number }
  | { name: 'running'; containerId: string; startedAtMs: number; started: 'no' | 'yes'; ready: 'no' | 'yes' }
  | { name: 'stopping'; containerId: string; startedAtMs: number; killAtMs: number; kill: 'later' | 'done' }
  | { name: 'terminated'; termination: Termination }

/** A container's present and past. */
export interface ContainerRecord {
  state: ContainerState
  restarts: number
  last?: Termination
  /** How often it ended in a row without having run for ten minutes. */
  crashes: number
}

export function newContainerRecord(reason: string): ContainerRecord {
  return { state: { name: 'waiting', reason, attempt: 0, retryAtMs: 0 }, restarts: 0, crashes: 0 }
}

/** Whether a process runs, or is about to. */
export function isLive(state: ContainerState): boolean {
  return state.name === 'creating' || state.name === 'running' || state.name === 'stopping'
}

/** Whether no process runs and none will without a further start. */
export function isOver(state: ContainerState): boolean {
  return state.name === 'terminated'
}

/** After this long a run counts as healthy, and the back-off begins anew (the kubelet's own figure). */
const healthyRunMs = 600_000

/** The record after the process ended: crashes are counted, a long run forgives the earlier ones. */
export function ended(record: ContainerRecord, termination: Termination): ContainerRecord {
  const ranMs = termination.finishedAtMs - termination.startedAtMs
  const crashes = ranMs >= healthyRunMs ? 1 : record.crashes + 1
  return { ...record, crashes, state: { name: 'terminated', termination } }
}

/**
 * How long a container that ended waits for its next start, in milliseconds: nothing after the first end, then the
 * initial back-off, doubled with each further end up to the maximum. The kubelet's rule.
 */
export function backOffMs(crashes: number, initialMs: number, maxMs: number): number {
  if (crashes <= 1) return 0
  return Math.min(maxMs, initialMs * 2 ** (crashes - 2))
}
