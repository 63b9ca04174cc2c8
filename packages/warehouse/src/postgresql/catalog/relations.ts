import { type AssetPath, formatAssetPath, type RelationKind } from '@amx/api'
import type { Session, TextRow } from '../connection-pool.ts'

/** A relation by name: what scope resolution needs to know of every relation of a database. */
export interface Relation {
  readonly oid: string
  readonly parts: AssetPath
  /** Canonical path. */
  readonly path: string
  readonly kind: RelationKind
  readonly comment: string | null
  readonly schemaComment: string | null
}

// Partitions are part of their table; what belongs to an extension or to the system is not the team's to describe.
/** Every relation that can be described, as `c` of the schema `n`: the FROM of a statement. */
export const describableSql = `
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
  AND NOT c.relispartition
  AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema'
  AND n.nspname !~ '^pg_'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')`

const relationsSql = `
SELECT c.oid, n.nspname, c.relname, c.relkind,
       pg_catalog.obj_description(c.oid, 'pg_class'), pg_catalog.obj_description(n.oid, 'pg_namespace')
${describableSql}`

const kindOf: Readonly<Record<string, RelationKind>> = {
  r: 'Table',
  p: 'Table',
  f: 'ForeignTable',
  v: 'View',
  m: 'MaterializedView',
}

/** Every relation of the database that can be described, in the order of their canonical paths. One statement. */
export async function readRelations(session: Session, signal: AbortSignal): Promise<readonly Relation[]> {
  const rows = await session.query({ text: relationsSql }, signal)
  return rows.map(relationOf).sort((left, right) => (left.path < right.path ? -1 : 1))
}

function relationOf(row: TextRow): Relation {
  const parts = [row[1] ?? '', row[2] ?? '']
  return {
    oid: row[0] ?? '',
    parts,
    path: formatAssetPath(parts),
    kind: kindOf[row[3] ?? ''] ?? 'Table',
    comment: row[4] ?? null,
    schemaComment: row[5] ?? null,
  }
}
