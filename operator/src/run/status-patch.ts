import type { MetadataRunStatus } from '@amx/api'

/** A JSON merge patch from one status to another, or null when they are equal. */
export function statusPatch(before: object | undefined, after: object): object | null {
  const old: Record<string, unknown> = { ...before }
  const patch: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(after)) {
    if (value !== undefined && !isEqual(old[key], value)) patch[key] = withRemovals(old[key], value)
  }
  const now: Record<string, unknown> = { ...after }
  for (const key of Object.keys(old)) if (now[key] === undefined) patch[key] = null
  return Object.keys(patch).length === 0 ? null : patch
}

/** A merge patch merges objects: what the new value does not have must be named to go. */
function withRemovals(before: unknown, after: unknown): unknown {
  if (!isRecord(before) || !isRecord(after)) return after
  const gone = Object.keys(before).filter((key) => after[key] === undefined)
  return { ...after, ...Object.fromEntries(gone.map((key) => [key, null])) }
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isEqual(item, b[index]))
  if (!isRecord(a) || !isRecord(b)) return a === b
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => isEqual(a[key], b[key]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * How long after the last write progress may be written again, in milliseconds: every 2 s at first, ever less often as the
 * run takes longer, so that a run of an hour does not cost the API server more than one of a minute by much.
 */
export function progressIntervalMs(status: MetadataRunStatus | undefined, nowMs: number): number {
  const startedMs = status?.startTime === undefined ? nowMs : Date.parse(status.startTime)
  return Math.min(30_000, Math.max(2_000, (nowMs - startedMs) / 6))
}
