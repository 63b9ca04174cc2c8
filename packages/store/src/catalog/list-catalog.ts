import type { CatalogEntry, CatalogList } from '@amx/api'
import type { Database } from '../database.ts'
import { createParameters, cutPage, readCursor, writeCursor } from '../keyset.ts'

export interface ListCatalogQuery {
  readonly namespace: string
  readonly limit: number
  readonly after?: string
  /** `databaseKey`; every database of the namespace without it. */
  readonly database?: string
  /** Canonical path of a schema or table: it and what lies in it. */
  readonly within?: string
  readonly kind?: string
}

interface CatalogRow extends Omit<CatalogEntry, 'readAt'> {
  readonly readAt: Date
}

/** What is known of the databases of a namespace, by database and path. */
export async function listCatalog(
  database: Database,
  query: ListCatalogQuery,
  signal?: AbortSignal,
): Promise<CatalogList> {
  signal?.throwIfAborted()
  const parameters = createParameters()
  const conditions = [`namespace = ${parameters.add(query.namespace)}`]
  if (query.database !== undefined) conditions.push(`database_key = ${parameters.add(query.database)}`)
  if (query.kind !== undefined) conditions.push(`kind = ${parameters.add(query.kind)}`)
  if (query.within !== undefined) {
    const within = parameters.add(query.within)
    conditions.push(`(path = ${within} or schema_path = ${within})`)
  }
  const after = readCursor(query.after, 2)
  if (after !== null)
    conditions.push(`(database_key, path) > (${parameters.add(after[0])}, ${parameters.add(after[1])})`)
  const rows = await database.rows<CatalogRow>(
    `select database_key as target, path, schema_path as "schemaPath", kind, comment, columns,
       columns_commented as "columnsCommented", row_estimate as "rowEstimate", read_at as "readAt"
     from amx.catalog where ${conditions.join(' and ')}
     order by database_key, path limit ${parameters.add(query.limit + 1)}`,
    parameters.values,
  )
  const { page, last } = cutPage(rows, query.limit)
  return {
    entries: page.map((row) => ({ ...row, readAt: row.readAt.toISOString() })),
    next: last === null ? null : writeCursor([last.target, last.path]),
  }
}
