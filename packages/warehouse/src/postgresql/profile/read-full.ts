import { type ColumnCatalog, parseAssetPath } from '@amx/api'
import { valueCharacters } from '../../statistics/column-statistics.ts'
import { valueFamily } from '../../statistics/value-order.ts'
import type { Session, Statement } from '../connection-pool.ts'
import { quoteIdentifier, quoteQualified } from '../quote.ts'

/** Exact figures of one column over all rows. */
export interface FullColumn {
  readonly nulls: number
  /** Exact number of distinct values, null unless asked for. */
  readonly distinct: number | null
  readonly minimum: string | null
  readonly maximum: string | null
  readonly lengths: readonly [minimum: number, maximum: number] | null
}

interface FullScan {
  readonly rows: number
  readonly columns: ReadonlyMap<string, FullColumn>
}

/** Aggregates columns over the whole relation, at most `limit` rows of it, in one statement and one scan. */
export async function readFull(
  session: Session,
  path: string,
  columns: readonly ColumnCatalog[],
  options: { readonly exactDistinct: boolean; readonly limit: number | null },
  signal: AbortSignal,
): Promise<FullScan> {
  const [row = []] = await session.query(fullStatement(path, columns, options), signal)
  const rows = Number(row[0] ?? 0)
  const found = columns.map((column, index): readonly [string, FullColumn] => {
    const [present, distinct, minimum, maximum, shortest, longest] = row.slice(1 + index * 6, 7 + index * 6)
    const full: FullColumn = {
      nulls: rows - Number(present ?? 0),
      distinct: distinct == null ? null : Number(distinct),
      minimum: minimum ?? null,
      maximum: maximum ?? null,
      lengths: shortest == null || longest == null ? null : [Number(shortest), Number(longest)],
    }
    return [column.name, full]
  })
  return { rows, columns: new Map(found) }
}

function fullStatement(
  path: string,
  columns: readonly ColumnCatalog[],
  options: { readonly exactDistinct: boolean; readonly limit: number | null },
): Statement {
  const outer = ['count(*)']
  for (const [index, column] of columns.entries()) {
    const value = `s.c${index}`
    const family = valueFamily(column)
    const text = `${value}::pg_catalog.text`
    // Types without equality or order are compared by their text; min and max of text use bytes, as the sample's order does.
    const comparable = family === 'Number' || family === 'Temporal' || family === 'Enum' ? value : `${text} COLLATE "C"`
    const ordered = family === 'Other' ? null : comparable
    outer.push(
      `count(${value})`,
      options.exactDistinct ? `count(DISTINCT ${comparable})` : 'NULL',
      ordered === null ? 'NULL' : `pg_catalog.left(min(${ordered})::pg_catalog.text, ${valueCharacters + 1})`,
      ordered === null ? 'NULL' : `pg_catalog.left(max(${ordered})::pg_catalog.text, ${valueCharacters + 1})`,
      family === 'Temporal' ? 'NULL' : `min(pg_catalog.length(${text}))`,
      family === 'Temporal' ? 'NULL' : `max(pg_catalog.length(${text}))`,
    )
  }
  const inner = columns.map((column, index) => `t.${quoteIdentifier(column.name)} AS c${index}`)
  const select = inner.length === 0 ? '' : ` ${inner.join(', ')}`
  const limit = options.limit === null ? '' : ` LIMIT ${options.limit}`
  return {
    text: `SELECT ${outer.join(', ')} FROM (SELECT${select} FROM ${quoteQualified(parseAssetPath(path))} AS t${limit}) s`,
  }
}
