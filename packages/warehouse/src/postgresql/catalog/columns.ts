import type { ColumnCatalog } from '@amx/api'
import type { Session, TextRow } from '../connection-pool.ts'
import type { Deparsing } from './deparsing.ts'

function columnsSql(deparsing: Deparsing): string {
  const defaultText = deparsing === 'On' ? 'pg_catalog.pg_get_expr(d.adbin, d.adrelid)' : 'NULL::pg_catalog.text'
  return `
SELECT a.attrelid, a.attname, a.attnum, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       ${defaultText}, s.description, a.attgenerated, a.attidentity
FROM pg_catalog.pg_attribute a
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_description s
  ON s.objoid = a.attrelid AND s.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND s.objsubid = a.attnum
WHERE a.attrelid = ANY($1::pg_catalog.oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum`
}

// The labels of a column's type, of the type below its domain, or of its array's elements.
const enumLabelsSql = `
SELECT a.attrelid, a.attnum, pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder)::text
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_enum e ON e.enumtypid IN (t.oid, t.typbasetype, t.typelem)
WHERE a.attrelid = ANY($1::pg_catalog.oid[]) AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY a.attrelid, a.attnum`

/** Columns of the relations in their order, by the relation's object identifier. One statement. */
export async function readColumns(
  session: Session,
  oids: readonly string[],
  deparsing: Deparsing,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly ColumnCatalog[]>> {
  const rows = await session.query({ text: columnsSql(deparsing), values: [oids] }, signal)
  const columns = new Map<string, ColumnCatalog[]>()
  for (const row of rows) {
    const oid = row[0] ?? ''
    const known = columns.get(oid)
    if (known === undefined) columns.set(oid, [columnOf(row)])
    else known.push(columnOf(row))
  }
  return columns
}

/** Labels of enumerated columns, by `relation oid/column ordinal`. One statement. */
export async function readEnumLabels(
  session: Session,
  oids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await session.query({ text: enumLabelsSql, values: [oids] }, signal)
  return new Map(rows.map((row) => [`${row[0]}/${row[1]}`, JSON.parse(row[2] ?? '[]') as string[]]))
}

function columnOf(row: TextRow): ColumnCatalog {
  const [, name, ordinal, type, notNull, defaultText, comment, generated, identity] = row
  return {
    name: name ?? '',
    ordinal: Number(ordinal),
    type: type ?? '',
    nullable: notNull !== 't',
    default: generated ? null : (defaultText ?? null),
    comment: comment ?? null,
    ...(generated ? { generated: true } : {}),
    ...(identity ? { identity: true } : {}),
  }
}
