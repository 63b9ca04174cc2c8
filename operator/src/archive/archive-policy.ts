/** How long a deleted run waits for the store before it gives way. */
export const archiveLimitMs = 10 * 60_000

/** What to do about a deleted run whose record could not be closed. */
export type ArchiveStep =
  | { readonly kind: 'Retry'; readonly waitMs: number; readonly until: string }
  | { readonly kind: 'GiveWay' }

/** A store that is down delays a deletion, it never blocks it: after ten minutes the object goes without its record closed. */
export function afterStoreFailure(deletionTimestamp: string, nowMs: number): ArchiveStep {
  const limitMs = Date.parse(deletionTimestamp) + archiveLimitMs
  if (nowMs >= limitMs) return { kind: 'GiveWay' }
  return { kind: 'Retry', waitMs: Math.min(10_000, limitMs - nowMs), until: new Date(limitMs).toISOString() }
}
