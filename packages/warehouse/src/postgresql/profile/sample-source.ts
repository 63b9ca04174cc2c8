import type { TableCatalog } from '@amx/api'

/** Where rows of a sample come from: a SQL expression for FROM that never gives more than `limit` rows. */
export interface SampleSource {
  /** Follows the relation and its alias, such as `TABLESAMPLE SYSTEM (5) REPEATABLE (0)`; empty reads from the start. */
  readonly clause: string
  readonly limit: number
}

/** Bytes of a page, PostgreSQL's default; a server built otherwise only gets a somewhat different margin. */
const pageBytes = 8192

/** Below this, reading from the start is as cheap as drawing pages. */
const wholeTableFactor = 1.3

/**
 * How to draw about `rows` rows: the backend's own page sampling where the relation is known to be much bigger, else the first
 * rows. The same seed each time: an unchanged table gives the same sample, hence the same prompt.
 */
export function sampleSource(
  table: Pick<TableCatalog, 'kind' | 'rowEstimate' | 'sizeBytes'>,
  rows: number,
): SampleSource {
  const limit = Math.max(1, rows)
  const stored = table.kind === 'Table' || table.kind === 'MaterializedView'
  if (!stored || table.rowEstimate === null || table.rowEstimate <= limit * wholeTableFactor) return firstRows(limit)
  // Each page is drawn by itself, with the same chance: three standard deviations more make a short sample rare.
  const pages = Math.max(1, (table.sizeBytes ?? 0) / pageBytes)
  const wanted = Math.max(1, (pages * limit) / table.rowEstimate)
  const percent = Math.min(100, (100 * (wanted + 3 * Math.sqrt(wanted) + 1)) / pages)
  return { clause: ` TABLESAMPLE SYSTEM (${percent.toPrecision(6)}) REPEATABLE (0)`, limit }
}

/** The first rows in whatever order they are stored: what is left when a sample gave too few. */
export function firstRows(limit: number): SampleSource {
  return { clause: '', limit }
}

/** Whether a drawn sample holds so few rows that the first rows tell more: estimates were stale or pages nearly empty. */
export function isTooSmall(source: SampleSource, rowsRead: number): boolean {
  return source.clause !== '' && rowsRead < source.limit / 2
}
