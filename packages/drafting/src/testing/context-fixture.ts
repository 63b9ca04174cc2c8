import type { ContextKind, FoundChunk } from '@amx/api'
import type { ContextSearch } from '../context/context-search.ts'

/** A found chunk of the handbook; its lines follow from its text. */
export function foundChunk(text: string, change: Partial<FoundChunk> = {}): FoundChunk {
  const startLine = change.startLine ?? 1
  return {
    source: 'handbook',
    kind: 'Documents',
    path: 'orders.md',
    startLine,
    endLine: startLine + text.split('\n').length - 1,
    title: null,
    text,
    score: 0.5,
    ...change,
  }
}

export interface SearchFixture {
  readonly search: ContextSearch
  readonly asked: { readonly kind: ContextKind; readonly queries: readonly string[]; readonly limit: number }[]
}

/** A search that finds the same chunks of a kind for every query. */
export function fixedSearch(chunks: readonly FoundChunk[]): SearchFixture {
  const asked: SearchFixture['asked'] = []
  return {
    asked,
    async search(kind, queries, limit) {
      asked.push({ kind, queries, limit })
      return queries.map(() => chunks.filter((chunk) => chunk.kind === kind))
    },
  }
}
