import { type ForeignKey, formatAssetPath, type TableCatalog } from '@amx/api'
import type { Session, TextRow } from '../connection-pool.ts'
import type { Deparsing } from './deparsing.ts'

/** The keys and rules of one relation. */
interface TableConstraints {
  primaryKey: readonly string[]
  readonly uniqueKeys: string[][]
  readonly checks: TableCatalog['checks']
  readonly foreignKeysOut: ForeignKey[]
  readonly foreignKeysIn: ForeignKey[]
}

function columnNames(relation: string, key: string): string {
  return `(SELECT pg_catalog.json_agg(a.attname ORDER BY part.place)::text
        FROM unnest(${key}) WITH ORDINALITY part(attnum, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = ${relation} AND a.attnum = part.attnum)`
}

// conparentid = 0 leaves out the copies of a key that partitions carry.
function constraintsSql(deparsing: Deparsing): string {
  const expression = deparsing === 'On' ? 'pg_catalog.pg_get_constraintdef(k.oid, true)' : 'NULL::pg_catalog.text'
  return `
SELECT k.contype, k.conname, k.conrelid, k.confrelid,
       ${columnNames('k.conrelid', 'k.conkey')},
       ${columnNames('k.confrelid', 'k.confkey')},
       CASE WHEN k.contype = 'c' THEN ${expression} END,
       n.nspname, c.relname, pg_catalog.obj_description(c.oid, 'pg_class'),
       fn.nspname, f.relname, pg_catalog.obj_description(f.oid, 'pg_class')
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
WHERE k.contype IN ('p', 'u', 'c', 'f') AND k.conparentid = 0
  AND (k.conrelid = ANY($1::pg_catalog.oid[]) OR k.confrelid = ANY($1::pg_catalog.oid[]))
ORDER BY k.conrelid, k.conname`
}

/** Constraints of the relations, foreign keys of both directions included, by object identifier. One statement. */
export async function readConstraints(
  session: Session,
  oids: readonly string[],
  deparsing: Deparsing,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TableConstraints>> {
  const rows = await session.query({ text: constraintsSql(deparsing), values: [oids] }, signal)
  const constraints = new Map<string, TableConstraints>(oids.map((oid) => [oid, noConstraints()]))
  for (const row of rows) addConstraint(constraints, row)
  return constraints
}

/** A relation without keys or rules. */
export function noConstraints(): TableConstraints {
  return { primaryKey: [], uniqueKeys: [], checks: [], foreignKeysOut: [], foreignKeysIn: [] }
}

function addConstraint(constraints: Map<string, TableConstraints>, row: TextRow): void {
  const [type, name, relation, referenced, ownColumns, otherColumns, check] = row
  const own = constraints.get(relation ?? '')
  const columns = namesOf(ownColumns)
  if (type === 'f') {
    const theirs = namesOf(otherColumns)
    own?.foreignKeysOut.push(foreignKey(name, columns, row.slice(10), theirs))
    constraints.get(referenced ?? '')?.foreignKeysIn.push(foreignKey(name, theirs, row.slice(7, 10), columns))
    return
  }
  if (own === undefined) return
  if (type === 'p') own.primaryKey = columns
  if (type === 'u') own.uniqueKeys.push(columns)
  if (type === 'c' && check != null) own.checks.push({ name: name ?? '', expression: check })
}

function foreignKey(
  name: string | null | undefined,
  columns: string[],
  other: TextRow,
  otherColumns: string[],
): ForeignKey {
  return {
    name: name ?? '',
    columns,
    otherTable: formatAssetPath([other[0] ?? '', other[1] ?? '']),
    otherColumns,
    otherComment: other[2] ?? null,
  }
}

function namesOf(json: string | null | undefined): string[] {
  return JSON.parse(json ?? '[]') as string[]
}
