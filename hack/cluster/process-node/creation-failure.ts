import { MissingReferenceError } from './container-environment.ts'
import { ProgramStartError, UnknownImageError } from './container-launch.ts'

/** Why a container could not be made, in the words of the kubelet, and when to try again. */
export interface CreationFailure {
  reason: 'ErrImageNeverPull' | 'CreateContainerConfigError' | 'CreateContainerError'
  /** Undefined where only a change of what the container refers to can help. */
  retryAfterMs?: number
}

/** The failure that keeps a container waiting; undefined for a program that cannot be started, which is an end. */
export function creationFailure(error: unknown): CreationFailure | undefined {
  if (error instanceof UnknownImageError) return { reason: 'ErrImageNeverPull' }
  if (error instanceof MissingReferenceError) return { reason: 'CreateContainerConfigError' }
  if (error instanceof ProgramStartError) return undefined
  // The API server or the disk: nothing that the container is to blame for.
  return { reason: 'CreateContainerError', retryAfterMs: 1_000 }
}
