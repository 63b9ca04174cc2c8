import { AmxError, type ApplyRow, type AssetKind, parseAssetPath } from '@amx/api'
import { quoteIdentifier, quoteQualified } from '../quote.ts'

/** The object that a row's comment stands on. */
export interface CommentTarget {
  readonly kind: AssetKind
  /** As COMMENT ON names it, such as `MATERIALIZED VIEW`. */
  readonly noun: string
  readonly schema: string | null
  readonly relation: string | null
  readonly column: string | null
}

const nouns: Readonly<Record<AssetKind, string>> = {
  Table: 'TABLE',
  View: 'VIEW',
  MaterializedView: 'MATERIALIZED VIEW',
  ForeignTable: 'FOREIGN TABLE',
  Column: 'COLUMN',
  Schema: 'SCHEMA',
  Database: 'DATABASE',
}

/** Reads what a row is about. Throws AMX-1011 for a path that is none and AMX-2010 for one that PostgreSQL cannot describe. */
export function commentTarget(row: Pick<ApplyRow, 'path' | 'kind'>): CommentTarget {
  const path = parseAssetPath(row.path)
  const [schema = null, relation = null, column = null] = path
  const depth = row.kind === 'Database' ? 0 : row.kind === 'Schema' ? 1 : row.kind === 'Column' ? 3 : 2
  if (path.length !== depth) {
    throw new AmxError('AMX-2010', { backend: 'PostgreSQL', kind: `${row.path} (${row.kind})` })
  }
  return { kind: row.kind, noun: nouns[row.kind], schema, relation, column }
}

/** The statement with its text as a parameter, as a preview and the audit show it. */
export function commentStatement(target: CommentTarget, database: string): string {
  return `COMMENT ON ${target.noun} ${targetName(target, database)} IS $1`
}

/** The quoted name of the object. */
export function targetName(target: CommentTarget, database: string): string {
  if (target.kind === 'Database') return quoteIdentifier(database)
  return quoteQualified([target.schema, target.relation, target.column].filter((part) => part !== null))
}
