import type { AssetKind, CatalogEntry, CatalogList } from '@amx/api'

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
    catalog(namespace, query) {
      const parameters = new URLSearchParams()
      for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
      return read(`api/v1/namespaces/${encodeURIComponent(namespace)}/catalog?${parameters}`)
    },
  }
}

const entriesPerPage = 1_000

/** Everything that is known of a place, in the order of its paths; at most `most` entries. */
export async function allCatalogEntries(
  server: CatalogCalls,
  namespace: string,
  query: Omit<CatalogQuery, 'limit' | 'after'>,
  most = 50_000,
): Promise<readonly CatalogEntry[]> {
  const found: CatalogEntry[] = []
  let after: string | undefined
  do {
    const page = await server.catalog(namespace, {
      ...query,
      limit: entriesPerPage,
      ...(after !== undefined && { after }),
    })
    found.push(...page.entries)
    after = page.next ?? undefined
  } while (after !== undefined && found.length < most)
  return found
}
