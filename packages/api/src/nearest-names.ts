import { type AssetPath, formatAssetPath } from './asset-path.ts'

const suggestions = 3

/** Paths that exist and read much like `wanted`, best first, at most three: misspelt, in another schema, or in other case. */
export function nearestNames(wanted: AssetPath, existing: Iterable<AssetPath>): readonly string[] {
  const text = fold(wanted)
  const last = wanted.at(-1)?.toLowerCase() ?? ''
  const limit = Math.max(2, Math.floor(last.length / 3))
  const scored: { readonly path: string; readonly distance: number }[] = []
  for (const path of existing) {
    const sameName = last !== '' && path.at(-1)?.toLowerCase() === last
    const whole = editDistance(text, fold(path), limit)
    const distance = sameName ? Math.min(whole, 1) : whole
    if (distance <= limit) scored.push({ path: formatAssetPath(path), distance })
  }
  scored.sort((left, right) => left.distance - right.distance || (left.path < right.path ? -1 : 1))
  return [...new Set(scored.map(({ path }) => path))].slice(0, suggestions)
}

function fold(path: AssetPath): string {
  return path.join('.').toLowerCase()
}

/** Levenshtein distance where swapped neighbours count one (optimal string alignment); anything above `limit` is `limit + 1`. */
export function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    let best = row
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1]
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1))
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1)
      current.push(cost)
      best = Math.min(best, cost)
    }
    if (best > limit) return limit + 1
    beforeLast = last
    last = current
  }
  return at(last, right.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
