import { type ContextKind, type ContextSearchRequest, type ContextSearchResponse, encodeVector } from '@amx/api'
import { embedForSearch } from '@amx/retrieval'
import type { ContextSearch } from './context-search.ts'

/**
 * The search of a run over the server that keeps its indexes: queries go out with their embedding. Undefined for a run without
 * sources; a kind it has no source of is answered with nothing, without a request.
 */
export function embeddedSearch(
  kinds: readonly ContextKind[],
  post: (request: ContextSearchRequest, signal: AbortSignal) => Promise<ContextSearchResponse>,
): ContextSearch | undefined {
  if (kinds.length === 0) return undefined
  return async (kind, queries, limit, signal) => {
    if (!kinds.includes(kind) || queries.length === 0) return queries.map(() => [])
    const embedded = queries.map((text) => ({ text, vector: encodeVector(embedForSearch(text)) }))
    const { results } = await post({ queries: embedded, kind, limit }, signal)
    return results
  }
}
