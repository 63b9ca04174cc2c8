import type { TableCatalog } from '@amx/api'
import type { Session } from '../connection-pool.ts'
import type { Deparsing } from './deparsing.ts'

/** Indexes of one relation, and the column sets that its plain unique indexes make unique. */
interface TableIndexes {
  readonly indexes: TableCatalog['indexes']
  readonly uniqueKeys: string[][]
}

function indexesSql(deparsing: Deparsing): string {
  const expression = deparsing === 'On' ? 'pg_catalog.pg_get_indexdef(i.indexrelid, a.attnum, true)' : `'(expression)'`
  return `
SELECT i.indrelid, x.relname, m.amname, i.indisunique, i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL,
       (SELECT pg_catalog.json_agg(coalesce(b.attname, ${expression}) ORDER BY a.attnum)::text
        FROM pg_catalog.pg_attribute a
        LEFT JOIN pg_catalog.pg_attribute b
          ON b.attrelid = i.indrelid AND b.attnum = i.indkey[a.attnum - 1] AND b.attnum > 0
        WHERE a.attrelid = i.indexrelid AND a.attnum BETWEEN 1 AND i.indnkeyatts)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = x.relam
WHERE i.indrelid = ANY($1::pg_catalog.oid[]) AND i.indislive
ORDER BY i.indrelid, x.relname`
}

/** Indexes of the relations by object identifier. One statement. */
export async function readIndexes(
  session: Session,
  oids: readonly string[],
  deparsing: Deparsing,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TableIndexes>> {
  const rows = await session.query({ text: indexesSql(deparsing), values: [oids] }, signal)
  const found = new Map<string, TableIndexes>()
  for (const [oid, name, method, unique, plainUnique, columnList] of rows) {
    const known = found.get(oid ?? '') ?? { indexes: [], uniqueKeys: [] }
    found.set(oid ?? '', known)
    const columns = JSON.parse(columnList ?? '[]') as string[]
    known.indexes.push({ name: name ?? '', columns, unique: unique === 't', method: method ?? '' })
    if (plainUnique === 't') known.uniqueKeys.push(columns)
  }
  return found
}
