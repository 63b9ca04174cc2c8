/** How long a claimed unit belongs to its holder without a heartbeat. */
export const defaultLeaseMs = 30_000

/**
 * SQL for whether a lease ran out, `graceMs` being its parameter, such as `$1`. A store that was away could not be told of
 * anything: after its start every holder gets that long to renew, and to account for the calls it has paid for.
 */
export function ranOut(leaseUntil: string, graceMs: string): string {
  return `(greatest(${leaseUntil}, pg_postmaster_start_time() + ${graceMs} * interval '1 millisecond') < clock_timestamp())`
}

/** Attempts after which a unit failed for good. */
export const attemptLimit = 4

/** Pause before a unit that failed is handed out again: 1 s, doubling, at most 30 s. */
export function backOffMs(failures: number): number {
  return Math.min(30_000, 1_000 * 2 ** Math.max(0, failures - 1))
}
