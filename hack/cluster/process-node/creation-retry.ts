import type { ContainerRecord } from './container-state.ts'
import { type PodState, withContainer } from './pod-state.ts'

const missingReference = 'CreateContainerConfigError'

/**
 * When a container that could not be made is tried again: at once when something changed while it was tried, since the try
 * may have seen what was before.
 */
export function retryTimeMs(
  state: PodState,
  { state: current }: ContainerRecord,
  { reason, retryAfterMs }: { reason: string; retryAfterMs?: number },
  nowMs: number,
): number {
  if (reason === missingReference && current.name === 'creating' && current.changes < state.changes) return nowMs
  return retryAfterMs === undefined ? Number.POSITIVE_INFINITY : nowMs + retryAfterMs
}

/** Containers that could not be made are due at once; those that only wait for their back-off keep waiting. */
export function retryFailedCreations(state: PodState): PodState {
  let result = state
  for (const [name, { state: container }] of Object.entries(state.containers)) {
    if (container.name !== 'waiting' || container.reason !== missingReference) continue
    result = withContainer(result, name, (record) => ({ ...record, state: { ...container, retryAtMs: 0 } }))
  }
  return result
}
