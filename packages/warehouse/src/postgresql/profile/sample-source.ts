import type { TableCatalog } from '@amx/api'

/** Where rows of a sample come from: a SQL expression for FROM that never gives more than `limit` rows. */
export interface SampleSource {
  /** Follows the relation and its alias, such as ` TABLESAMPLE SYSTEM (5) REPEATABLE (0)`; empty reads from the start. */
  readonly clause: string
  readonly limit: number
}

/** Bytes of a page, PostgreSQL's default. */
const pageBytes = 8192

/**
 * Up to this size every page is read and rows are drawn one by one: rows of one page are often alike (of one order, of one day),
 * and drawing whole pages then makes a column look less varied than it is.
 */
const rowSamplingBytes = 32 * 1024 * 1024

/** Below this, reading from the start is as cheap as drawing pages. */
const wholeTableFactor = 1.3

/**
 * How to draw about `rows` rows: the backend's own sampling where the relation is known to be bigger, of rows in a middling table
 * and of pages in a big one; else the first rows. The same seed each time: an unchanged table gives the same sample, hence the same prompt.
 */
export function sampleSource(
  table: Pick<TableCatalog, 'kind' | 'rowEstimate' | 'sizeBytes'>,
  rows: number,
): SampleSource {
  const limit = Math.max(1, rows)
  const stored = table.kind === 'Table' || table.kind === 'MaterializedView'
  if (!stored || table.rowEstimate === null || table.rowEstimate <= limit * wholeTableFactor) return firstRows(limit)
  const percent = (draws: number, of: number) => Math.min(100, (100 * draws) / of).toPrecision(6)
  if (table.sizeBytes !== null && table.sizeBytes <= rowSamplingBytes) {
    const draws = limit + 2 * Math.sqrt(limit)
    return { clause: ` TABLESAMPLE BERNOULLI (${percent(draws, table.rowEstimate)}) REPEATABLE (0)`, limit }
  }
  // What the limit cuts off is always the end of the table, its newest rows: rather a few rows short than many cut.
  const pages = Math.max(1, (table.sizeBytes ?? 0) / pageBytes)
  const draws = (pages * limit) / table.rowEstimate
  return { clause: ` TABLESAMPLE SYSTEM (${percent(draws + Math.sqrt(draws) / 2 + 1, pages)}) REPEATABLE (0)`, limit }
}

/** The first rows in whatever order they are stored: what is left when a sample gave too few. */
export function firstRows(limit: number): SampleSource {
  return { clause: '', limit }
}

/** Whether a drawn sample holds so few rows that the first rows tell more: estimates were stale or pages nearly empty. */
export function isTooSmall(source: SampleSource, rowsRead: number): boolean {
  return source.clause !== '' && rowsRead < source.limit / 2
}
