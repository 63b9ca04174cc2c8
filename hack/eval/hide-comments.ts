import { formatAssetPath, parseAssetPath, type TableCatalog } from '@amx/api'

/** A comment a person wrote, by the canonical path of what it describes. */
export interface Reference {
  readonly path: string
  readonly kind: 'Table' | 'Column'
  readonly tablePath: string
  /** Null for a table. */
  readonly column: string | null
  readonly text: string
}

/** The comments of a relation and its columns, blank ones left out. */
export function referencesOf(catalog: TableCatalog): Reference[] {
  const tablePath = catalog.path
  const ofTable = { path: tablePath, kind: 'Table', tablePath, column: null, text: catalog.comment ?? '' } as const
  const ofColumns = catalog.columns.map(({ name, comment }) => ({
    path: formatAssetPath([...parseAssetPath(tablePath), name]),
    kind: 'Column' as const,
    tablePath,
    column: name,
    text: comment ?? '',
  }))
  return [ofTable, ...ofColumns].filter(({ text }) => text.trim() !== '')
}

/**
 * The catalog as if nobody had documented the database: no comment of the relation, its columns, its schema, its database or the
 * relations it refers to is left, for any of them could give the hidden text away.
 */
export function withoutComments(catalog: TableCatalog): TableCatalog {
  const silent = (keys: TableCatalog['foreignKeysOut']) => keys.map((key) => ({ ...key, otherComment: null }))
  return {
    ...catalog,
    comment: null,
    schemaComment: null,
    databaseComment: null,
    columns: catalog.columns.map((column) => ({ ...column, comment: null })),
    foreignKeysOut: silent(catalog.foreignKeysOut),
    foreignKeysIn: silent(catalog.foreignKeysIn),
  }
}
