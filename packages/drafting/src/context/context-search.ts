import type { ContextKind, FoundChunk } from '@amx/api'

/**
 * Searches the documents or the code of a run's context sources: one list of at most `limit` chunks per query, best first; empty
 * lists where the run has no source of the kind. Throws catalogue errors and the signal's reason.
 */
export type ContextSearch = (
  kind: ContextKind,
  queries: readonly string[],
  limit: number,
  signal: AbortSignal,
) => Promise<readonly (readonly FoundChunk[])[]>
