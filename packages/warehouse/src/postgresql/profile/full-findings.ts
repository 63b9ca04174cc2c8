import type { ColumnCatalog, TableCatalog } from '@amx/api'
import type { ColumnStatistics } from '../../statistics/column-statistics.ts'
import { valueFamily } from '../../statistics/value-order.ts'
import type { Session } from '../connection-pool.ts'
import { readInBatches } from './column-batches.ts'
import type { Findings, PlannerLookup, ProfileOptions } from './findings.ts'
import { findInMetadata } from './metadata-findings.ts'
import { type FullColumn, readFull } from './read-full.ts'
import { findInSample, unreadWarning } from './sample-findings.ts'

/** Exact figures over all rows, with examples from a sample; a sample alone where the relation has too many rows. */
export async function findInFull(
  session: Session,
  ofPlanner: PlannerLookup,
  table: TableCatalog,
  options: ProfileOptions,
  signal: AbortSignal,
): Promise<Findings> {
  const { exactDistinct, maximumRows } = options.profiling
  const bound = maximumRows > 0 ? maximumRows : null
  const tooBig = `the table has more than ${bound} rows, the limit of profiling.maximumRows`
  if (bound !== null && (table.rowEstimate ?? 0) > bound)
    return findInSample(session, ofPlanner, table, options, tooBig, signal)

  const limit = bound === null ? null : bound + 1
  const full = await readInBatches(table.columns, (batch) =>
    readFull(session, table.path, batch, { exactDistinct, limit }, signal),
  )
  const rows = full.results[0]?.rows
  if (rows === undefined) {
    const warnings = full.unread.map(unreadWarning)
    return findInMetadata(ofPlanner, table, 'none of its columns could be read', warnings)
  }
  if (bound !== null && rows > bound) {
    return findInSample(
      session,
      ofPlanner,
      { ...table, rowEstimate: Math.max(table.rowEstimate ?? 0, rows) },
      options,
      tooBig,
      signal,
    )
  }

  const exact = new Map(full.results.flatMap((result) => [...result.columns]))
  const readable = table.columns.filter(({ name }) => exact.has(name))
  const counted = { ...table, rowEstimate: rows, columns: readable }
  const sample = await findInSample(session, ofPlanner, counted, options, null, signal)
  const statistics = new Map<string, ColumnStatistics>()
  for (const column of readable) {
    const sampled = sample.statistics.get(column.name)
    const figures = exact.get(column.name)
    if (sampled !== undefined && figures !== undefined) {
      statistics.set(column.name, exactStatistics(column, sampled, figures, rows))
    }
  }
  return {
    ...sample,
    mode: 'Full',
    rowCount: rows,
    rowCountIsExact: true,
    rowsRead: rows,
    statistics,
    warnings: [...full.unread.map(unreadWarning), ...sample.warnings],
  }
}

function exactStatistics(
  column: ColumnCatalog,
  sampled: ColumnStatistics,
  exact: FullColumn,
  rows: number,
): ColumnStatistics {
  const present = rows - exact.nulls
  const lengths = valueFamily(column) === 'Temporal' ? null : exact.lengths
  return {
    ...sampled,
    nullFraction: rows === 0 ? null : Math.round((exact.nulls / rows) * 1e6) / 1e6,
    distinct: exact.distinct ?? (sampled.distinct === null ? null : Math.min(sampled.distinct, present)),
    distinctIsExact: exact.distinct !== null || sampled.distinctIsExact,
    minimum: exact.minimum ?? sampled.minimum,
    maximum: exact.maximum ?? sampled.maximum,
    minimumLength: lengths?.[0] ?? null,
    maximumLength: lengths?.[1] ?? null,
  }
}
