import { parseAssetPath } from './asset-path.ts'
import type { AssetKind, Backend } from './vocabulary.ts'

/** Kinds of assets as PostgreSQL's COMMENT ON names them. */
export const commentNouns: Readonly<Record<AssetKind, string>> = {
  Table: 'TABLE',
  View: 'VIEW',
  MaterializedView: 'MATERIALIZED VIEW',
  ForeignTable: 'FOREIGN TABLE',
  Column: 'COLUMN',
  Schema: 'SCHEMA',
  Database: 'DATABASE',
}

/** Parts that the path of an asset has where PostgreSQL can comment on it: a column's three, a database's none. */
export function commentDepth(kind: AssetKind): number {
  if (kind === 'Database') return 0
  if (kind === 'Schema') return 1
  return kind === 'Column' ? 3 : 2
}

/**
 * The statement that gives an asset its comment, with the text as the parameter `:comment`; null where the backend has no such
 * comments. Throws AMX-1011 for a path.
 */
export function previewStatement(asset: {
  readonly backend: Backend
  readonly kind: AssetKind
  readonly path: string
  /** Null where it is not known: then a database has no statement. */
  readonly database: string | null
}): string | null {
  if (asset.backend !== 'PostgreSQL') return null
  const path = parseAssetPath(asset.path)
  if (path.length !== commentDepth(asset.kind)) return null
  const named = asset.kind === 'Database' ? [asset.database].filter((name) => name !== null) : path
  if (named.length === 0) return null
  const quoted = named.map((part) => `"${part.replaceAll('"', '""')}"`)
  return `COMMENT ON ${commentNouns[asset.kind]} ${quoted.join('.')} IS :comment`
}
