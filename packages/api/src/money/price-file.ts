import { readFileSync, statSync } from 'node:fs'
import { builtInPrices, type PriceTable, withOwnPrices } from './price-table.ts'

const lookAgainMs = 5_000

/**
 * The price table, with the file at `path` over the built-in one; looked at again at most every five seconds, as a mounted ConfigMap
 * changes. While there is no file, or none is named, the built-in table holds. A file that does not fit is told to `onFault`, once per
 * change, and what held before goes on.
 */
export function openPriceFile(path: string | null, onFault: (error: unknown) => void): () => PriceTable {
  if (path === null) return () => builtInPrices
  let table = builtInPrices
  let seen = ''
  let lookedAtMs = Number.NEGATIVE_INFINITY
  return () => {
    const nowMs = performance.now()
    if (nowMs - lookedAtMs < lookAgainMs) return table
    lookedAtMs = nowMs
    const stamp = stampOf(path)
    if (stamp === seen) return table
    seen = stamp
    try {
      table = stamp === '' ? builtInPrices : withOwnPrices(readFileSync(path, 'utf8'), path)
    } catch (error) {
      onFault(error)
    }
    return table
  }
}

/** Changes with the file; empty while there is none. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.mtimeMs} ${stat.size} ${stat.ino}`
}
