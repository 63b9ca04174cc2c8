import type { AssetKind } from './vocabulary.ts'

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
