import { type ColumnCatalog, parseAssetPath } from '@amx/api'
import type { Session } from '../connection-pool.ts'
import { quoteQualified } from '../quote.ts'

const readableColumnsSql = `
SELECT a.attname
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = $1::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped
  AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT')`

/** The columns that the reader may select, where its rights do not cover the whole relation. One statement. */
export async function readableColumns(
  session: Session,
  path: string,
  columns: readonly ColumnCatalog[],
  signal: AbortSignal,
): Promise<readonly ColumnCatalog[]> {
  const values = [quoteQualified(parseAssetPath(path))]
  const rows = await session.query({ text: readableColumnsSql, values }, signal)
  const readable = new Set(rows.map(([name]) => name))
  return columns.filter(({ name }) => readable.has(name))
}
