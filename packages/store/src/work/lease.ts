/** How long a claimed unit belongs to its holder without a heartbeat. */
export const defaultLeaseMs = 30_000

/** Attempts after which a unit failed for good. */
export const attemptLimit = 4

/** Pause before a unit that failed is handed out again: 1 s, doubling, at most 30 s. */
export function backOffMs(failures: number): number {
  return Math.min(30_000, 1_000 * 2 ** Math.max(0, failures - 1))
}
