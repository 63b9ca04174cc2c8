import { setImmediate as nextTurn } from 'node:timers/promises'
import { contextVectorSize } from '@amx/api'
import type { IndexVectors, VectorBlock } from './vector-cache.ts'

export interface NearChunk {
  readonly chunkId: string
  /** Cosine. */
  readonly similarity: number
}

// Below this two texts share nothing but chance.
const leastSimilarity = 0.05

/** The chunks nearest to each query, best first, at most `limit` each: exact, block by block, with turns for others between. */
export async function nearestChunks(
  indexes: readonly IndexVectors[],
  queries: readonly Float32Array[],
  limit: number,
  signal: AbortSignal,
): Promise<NearChunk[][]> {
  const best: NearChunk[][] = queries.map(() => [])
  for (const block of indexes.flatMap(({ blocks }) => blocks)) {
    for (const [index, query] of queries.entries()) keepBest(best[index] ?? [], block, query, limit)
    await nextTurn(undefined, { signal })
  }
  return best
}

function keepBest(best: NearChunk[], { chunkIds, numbers }: VectorBlock, query: Float32Array, limit: number): void {
  let least = best.length < limit ? leastSimilarity : (best.at(-1)?.similarity ?? leastSimilarity)
  for (const [position, chunkId] of chunkIds.entries()) {
    const offset = position * contextVectorSize
    const similarity = cosineAt(query, numbers, offset)
    if (similarity <= least) continue
    const rank = best.findIndex((other) => other.similarity < similarity)
    best.splice(rank === -1 ? best.length : rank, 0, { chunkId, similarity })
    if (best.length > limit) best.pop()
    if (best.length === limit) least = best.at(-1)?.similarity ?? least
  }
}

function cosineAt(query: Float32Array, numbers: Float32Array, offset: number): number {
  let sum = 0
  const { length } = query
  for (let place = 0; place < length; place += 1) sum += (query[place] ?? 0) * (numbers[offset + place] ?? 0)
  return sum
}
