import type { AssetKind, CatalogEntry, CatalogList } from '@amx/api'
import { pagesOf } from './pages-of.ts'
import { queryString } from './query-string.ts'

export interface CatalogQuery {
  /** Key of the database; all of the namespace without it. */
  readonly database?: string
  readonly within?: string
  readonly kind?: AssetKind
  readonly limit?: number
  readonly after?: string
}

/** What is known of databases, as the server tells it. */
export interface CatalogCalls {
  /** Schemas, tables and databases in the order of their paths; a page of at most 1,000. */
  catalog(namespace: string, query: CatalogQuery): Promise<CatalogList>
}

export function catalogCalls(read: <Answer>(path: string) => Promise<Answer>): CatalogCalls {
  return {
    catalog: (namespace, query) =>
      read(`api/v1/namespaces/${encodeURIComponent(namespace)}/catalog${queryString(query)}`),
  }
}

/** Everything that is known of a place, in the order of its paths; at most `most` entries. */
export async function allCatalogEntries(
  server: CatalogCalls,
  namespace: string,
  query: Omit<CatalogQuery, 'limit' | 'after'>,
  most = 50_000,
): Promise<readonly CatalogEntry[]> {
  const found: CatalogEntry[] = []
  for await (const { entries } of pagesOf((place) => server.catalog(namespace, { ...query, ...place }))) {
    found.push(...entries)
    if (found.length >= most) break
  }
  return found
}
