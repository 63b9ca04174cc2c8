import { contextVectorSize, vectorOfBytes } from '@amx/api'
import type { SearchableIndex, ServerStore } from '@amx/store'

/** The vectors of one index, in blocks. */
export interface IndexVectors {
  readonly blocks: readonly VectorBlock[]
  /** The vector of a chunk; null when it is not of this index. */
  vectorOf(chunkId: string): Float32Array | null
}

export interface VectorBlock {
  readonly chunkIds: readonly string[]
  /** One vector after the other. */
  readonly numbers: Float32Array
}

export interface VectorCacheOptions {
  readonly store: () => Pick<ServerStore, 'readContextVectors'>
  /** What the vectors kept may take together. */
  readonly capacityMiB: number
}

/** Vectors of the indexes that were searched last. An index never changes once it is in use, so neither does what is kept. */
export interface VectorCache {
  /** null for an index that is larger than the whole cache: it is searched by its words alone. */
  read(index: SearchableIndex): Promise<IndexVectors | null>
}

const chunksPerBlock = 1_000
const bytesPerChunk = contextVectorSize * 4

export function createVectorCache({ store, capacityMiB }: VectorCacheOptions): VectorCache {
  const capacityBytes = capacityMiB * 1024 * 1024
  // In the order of their last use.
  const kept = new Map<string, { readonly bytes: number; readonly vectors: Promise<IndexVectors> }>()
  let keptBytes = 0

  function drop(indexId: string): void {
    keptBytes -= kept.get(indexId)?.bytes ?? 0
    kept.delete(indexId)
  }

  // Shared by all who ask meanwhile, so that no single one of them may end it.
  async function load({ indexId }: SearchableIndex): Promise<IndexVectors> {
    const blocks: VectorBlock[] = []
    let after: string | null = null
    for (;;) {
      const rows = await store().readContextVectors(indexId, after, chunksPerBlock)
      if (rows.length > 0) {
        const numbers = new Float32Array(rows.length * contextVectorSize)
        for (const [position, row] of rows.entries()) {
          numbers.set(vectorOfBytes(row.vector).subarray(0, contextVectorSize), position * contextVectorSize)
        }
        blocks.push({ chunkIds: rows.map(({ chunkId }) => chunkId), numbers })
      }
      if (rows.length < chunksPerBlock) return indexVectors(blocks)
      after = rows.at(-1)?.chunkId ?? null
    }
  }

  return {
    async read(index) {
      const { indexId } = index
      const known = kept.get(indexId)
      if (known !== undefined) {
        kept.delete(indexId)
        kept.set(indexId, known)
        return known.vectors
      }
      const bytes = index.chunks * bytesPerChunk
      if (bytes > capacityBytes) return null
      for (const oldest of kept.keys()) {
        if (keptBytes + bytes <= capacityBytes) break
        drop(oldest)
      }
      const vectors = load(index)
      kept.set(indexId, { bytes, vectors })
      keptBytes += bytes
      vectors.catch(() => {
        if (kept.get(indexId)?.vectors === vectors) drop(indexId)
      })
      return vectors
    },
  }
}

function indexVectors(blocks: readonly VectorBlock[]): IndexVectors {
  const places = new Map<string, { readonly block: VectorBlock; readonly position: number }>()
  for (const block of blocks) {
    for (const [position, chunkId] of block.chunkIds.entries()) places.set(chunkId, { block, position })
  }
  return {
    blocks,
    vectorOf(chunkId) {
      const place = places.get(chunkId)
      return place === undefined ? null : vectorAt(place.block, place.position)
    },
  }
}

/** The vector at a position of a block; a view, not a copy. */
export function vectorAt({ numbers }: VectorBlock, position: number): Float32Array {
  return numbers.subarray(position * contextVectorSize, (position + 1) * contextVectorSize)
}
