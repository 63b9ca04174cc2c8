import { AmxError, type ApplyRow, type AssetKind, commentDepth, commentNouns, parseAssetPath } from '@amx/api'
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

/** Reads what a row is about. Throws AMX-1011 for a path that is none and AMX-2010 for one that PostgreSQL cannot describe. */
export function commentTarget(row: Pick<ApplyRow, 'path' | 'kind'>): CommentTarget {
  const path = parseAssetPath(row.path)
  const [schema = null, relation = null, column = null] = path
  if (path.length !== commentDepth(row.kind)) {
    throw new AmxError('AMX-2010', { backend: 'PostgreSQL', kind: `${row.path} (${row.kind})` })
  }
  return { kind: row.kind, noun: commentNouns[row.kind], schema, relation, column }
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
