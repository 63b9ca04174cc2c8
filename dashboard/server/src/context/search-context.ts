import type { FoundChunk } from '@amx/api'
import { cosine, diversify, reciprocalRankFusion, searchTerms } from '@amx/retrieval'
import type { SearchableIndex, ServerStore, StoredChunk, TermHit } from '@amx/store'
import { type NearChunk, nearestChunks } from './nearest-chunks.ts'
import type { IndexVectors, VectorCache } from './vector-cache.ts'

export interface ContextQuery {
  readonly text: string
  /** Unit vector of the built-in search embedding. */
  readonly vector: Float32Array
}

/** Searches indexes of documents or code: one list per query, best first. */
export type SearchContext = (
  indexes: readonly SearchableIndex[],
  queries: readonly ContextQuery[],
  limit: number,
  signal: AbortSignal,
) => Promise<FoundChunk[][]>

const rankingLength = 50
const fusionK = 60
const relevanceShare = 0.7

/**
 * Full text and vectors, joined by reciprocal-rank fusion (k = 60) and made diverse by maximal marginal relevance (0.7).
 * Throws AMX-9002 when the store does not answer.
 */
export function createContextSearch(store: () => ServerStore, cache: VectorCache): SearchContext {
  return async function searchContext(indexes, queries, limit, signal) {
    if (indexes.length === 0) return queries.map(() => [])
    const indexIds = indexes.map(({ indexId }) => indexId)
    const terms = queries.map(({ text }) => [...new Set(searchTerms(text).map(({ stem }) => stem))])
    const [byTerms, read] = await Promise.all([
      store().searchContextTerms(indexIds, terms, rankingLength, signal),
      Promise.all(indexes.map((index) => cache.read(index))),
    ])
    const vectors = read.filter((known) => known !== null)
    const queryVectors = queries.map(({ vector }) => vector)
    const near = await nearestChunks(vectors, queryVectors, rankingLength, signal)
    const chosen = queries.map(({ vector }, index) =>
      chooseChunks({ query: vector, byTerms: byTerms[index] ?? [], near: near[index] ?? [], vectors }, limit),
    )
    const wanted = [...new Set(chosen.flat().map(({ chunkId }) => chunkId))]
    const chunks = new Map((await store().readContextChunks(wanted, signal)).map((chunk) => [chunk.chunkId, chunk]))
    const sources = new Map(indexes.map((index) => [index.indexId, index]))
    return chosen.map((list) =>
      list.flatMap((choice) => {
        const chunk = chunks.get(choice.chunkId)
        const source = chunk && sources.get(chunk.indexId)
        return chunk && source ? [foundChunk(chunk, source, choice)] : []
      }),
    )
  }
}

interface Rankings {
  readonly query: Float32Array
  readonly byTerms: readonly TermHit[]
  readonly near: readonly NearChunk[]
  readonly vectors: readonly IndexVectors[]
}

interface ChosenChunk {
  readonly chunkId: string
  readonly score: number
  readonly vector: Float32Array
  readonly coverage: number
}

function chooseChunks({ query, byTerms, near, vectors }: Rankings, limit: number): (ChosenChunk & Similar)[] {
  const ids = [byTerms, near].map((list) => list.map(({ chunkId }) => chunkId))
  const rankings = ids.filter((list) => list.length > 0).length || 1
  // First by every ranking that had something to say: 1.
  const perfect = rankings / (fusionK + 1)
  const coverages = new Map(byTerms.map(({ chunkId, coverage }) => [chunkId, coverage]))
  const candidates = reciprocalRankFusion(ids, fusionK)
    .slice(0, Math.max(20, limit * 3))
    .map(({ key, score }) => ({
      chunkId: key,
      score: score / perfect,
      vector: vectorOf(vectors, key),
      coverage: coverages.get(key) ?? 0,
    }))
  return diversify(candidates, limit, relevanceShare).map((choice) => ({
    ...choice,
    similarity: cosine(query, choice.vector),
  }))
}

interface Similar {
  readonly similarity: number
}

const noVector = new Float32Array(512)

function vectorOf(vectors: readonly IndexVectors[], chunkId: string): Float32Array {
  for (const index of vectors) {
    const found = index.vectorOf(chunkId)
    if (found !== null) return found
  }
  return noVector
}

function foundChunk(
  { path, startLine, endLine, title, text, provided }: StoredChunk,
  source: SearchableIndex,
  { score, similarity, coverage }: ChosenChunk & Similar,
): FoundChunk {
  return {
    source: source.sourceName,
    kind: source.kind,
    path,
    startLine,
    endLine,
    title,
    text,
    ...(provided && { provided }),
    score: rounded(score),
    similarity: rounded(similarity),
    coverage: rounded(coverage),
  }
}

function rounded(share: number): number {
  return Math.round(Math.min(1, share) * 10_000) / 10_000
}
