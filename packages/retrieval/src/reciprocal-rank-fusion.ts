/** A key with the score its ranks give. */
export interface FusedRank<Key> {
  readonly key: Key
  readonly score: number
}

/**
 * Joins ranked lists, best first, by the sum of 1 / (k + rank), ranks from 1 (Cormack, Clarke, Büttcher 2009). A key that a
 * list names twice counts at its better rank; equal scores keep the order in which the keys were met.
 */
export function reciprocalRankFusion<Key>(lists: readonly (readonly Key[])[], k = 60): FusedRank<Key>[] {
  const scores = new Map<Key, number>()
  for (const list of lists) {
    for (const [index, key] of [...new Set(list)].entries()) {
      scores.set(key, (scores.get(key) ?? 0) + 1 / (k + index + 1))
    }
  }
  return [...scores].map(([key, score]) => ({ key, score })).sort((a, b) => b.score - a.score)
}
