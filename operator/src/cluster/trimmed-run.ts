import type { MetadataRun } from '@amx/api'
import { isFinal } from '../run/decision.ts'

/**
 * A run as the cache keeps it: of one that ended only what its deletion and its successors need, so that thousands of them
 * cost little memory.
 */
export function trimmedRun(run: MetadataRun): MetadataRun {
  const { status } = run
  if (status === undefined || !isFinal(status.phase)) return run
  const { observedGeneration, phase, completionTime, jobs = [] } = status
  const open = jobs.some(({ state }) => state === 'Running' || state === 'Pending')
  return {
    ...run,
    status: {
      ...(observedGeneration !== undefined && { observedGeneration }),
      ...(phase !== undefined && { phase }),
      ...(completionTime !== undefined && { completionTime }),
      ...(open && { jobs }),
    },
  }
}
