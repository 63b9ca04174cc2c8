/** JSON merge patch (RFC 7396) that turns one value into another, or undefined where they say the same. Pure. */
export function mergePatchOf(before: unknown, after: unknown): unknown {
  if (!isRecord(before) || !isRecord(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? undefined : after
  }
  const removed = Object.keys(before).filter((key) => !(key in after))
  const changed = Object.entries(after)
    .map(([key, value]) => [key, mergePatchOf(before[key], value)] as const)
    .filter(([, patch]) => patch !== undefined)
  if (removed.length === 0 && changed.length === 0) return undefined
  return { ...Object.fromEntries(removed.map((key) => [key, null])), ...Object.fromEntries(changed) }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
