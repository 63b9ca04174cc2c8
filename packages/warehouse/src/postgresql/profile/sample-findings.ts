import type { ColumnCatalog, TableCatalog } from '@amx/api'
import { type ColumnStatistics, columnStatistics, valueCharacters } from '../../statistics/column-statistics.ts'
import type { Session } from '../connection-pool.ts'
import { readInBatches, type UnreadColumn } from './column-batches.ts'
import type { Findings, PlannerLookup, ProfileOptions } from './findings.ts'
import { findInMetadata } from './metadata-findings.ts'
import { type PlannerColumn, plannerDistinct, plannerRange } from './planner-statistics.ts'
import { readSample, type SampledValues } from './read-sample.ts'
import { firstRows, isTooSmall, sampleSource } from './sample-source.ts'

/** Rows of one sample, whatever the profile asks for: each column of them is held in memory at once. */
const mostSampleRows = 100_000

/** Figures from one sample, and from the planner for what a sample cannot tell. */
export async function findInSample(
  session: Session,
  ofPlanner: PlannerLookup,
  table: TableCatalog,
  options: ProfileOptions,
  modeReason: string | null,
  signal: AbortSignal,
): Promise<Findings> {
  const wantedRows = Math.min(Math.max(1, options.profiling.sampleRows), mostSampleRows)
  const { rows, limit, columns, unread } = await drawSample(session, table, wantedRows, signal)
  const warnings = unread.map(unreadWarning)
  if (table.columns.length > 0 && unread.length === table.columns.length) {
    return findInMetadata(ofPlanner, table, 'none of its columns could be read', warnings)
  }
  const complete = limit !== null && rows < limit
  const rowCount = complete ? rows : table.rowEstimate === null ? null : Math.max(table.rowEstimate, rows)
  // A sample cannot tell how many values there are of which each comes back; the planner has looked at more rows.
  const known = complete ? undefined : await ofPlanner(table)
  const statistics = new Map<string, ColumnStatistics>()
  for (const column of table.columns) {
    const values = columns.get(column.name)
    if (values === undefined) continue
    const sampled = sampleStatistics(column, values, rowCount, complete)
    statistics.set(column.name, complete ? sampled : widened(table, column, sampled, known?.get(column.name), rowCount))
  }
  return {
    mode: 'Sampled',
    modeReason,
    rowCount,
    rowCountIsExact: complete,
    rowsRead: rows,
    statistics,
    warnings,
  }
}

/** The sentence about a column that could not be read. */
export function unreadWarning({ name, reason }: UnreadColumn): string {
  return `${name} could not be read: ${reason}`
}

/** Draws a sample, and the first rows instead when it turned out too small. `limit` is null where more rows may exist unseen. */
async function drawSample(
  session: Session,
  table: TableCatalog,
  wantedRows: number,
  signal: AbortSignal,
): Promise<{
  readonly rows: number
  readonly limit: number | null
  readonly columns: ReadonlyMap<string, SampledValues>
  readonly unread: readonly UnreadColumn[]
}> {
  let source = sampleSource(table, wantedRows)
  let sample = await readInBatches(table.columns, (batch) => readSample(session, table.path, batch, source, signal))
  if (isTooSmall(source, sample.results[0]?.rows ?? 0)) {
    source = firstRows(wantedRows)
    const first = source
    sample = await readInBatches(table.columns, (batch) => readSample(session, table.path, batch, first, signal))
  }
  return {
    rows: sample.results[0]?.rows ?? 0,
    limit: source.clause === '' ? source.limit : null,
    columns: new Map(sample.results.flatMap((result) => [...result.columns])),
    unread: sample.unread,
  }
}

function sampleStatistics(
  column: ColumnCatalog,
  sampled: SampledValues,
  totalRows: number | null,
  complete: boolean,
): ColumnStatistics {
  const { values, lengths } = sampled
  return columnStatistics({ column, values, totalRows, complete, ...(lengths === undefined ? {} : { lengths }) })
}

/** A sample's figures with what keys and the planner know of the rows that were not read. */
function widened(
  table: TableCatalog,
  column: ColumnCatalog,
  sampled: ColumnStatistics,
  planner: PlannerColumn | undefined,
  rowCount: number | null,
): ColumnStatistics {
  const present = rowCount === null ? null : Math.round(rowCount * (1 - (sampled.nullFraction ?? 0)))
  const unique = [table.primaryKey, ...table.uniqueKeys].some((key) => key.length === 1 && key[0] === column.name)
  if (unique && present !== null) return { ...sampled, distinct: present }
  if (planner === undefined) return sampled
  const distinct = Math.max(sampled.distinct ?? 0, plannerDistinct(planner, rowCount) ?? 0)
  const bounds = [sampled.minimum, sampled.maximum].filter((value) => value !== null)
  const range = plannerRange(column, { ...planner, values: [...planner.values, ...bounds] })
  return {
    ...sampled,
    distinct: present === null ? distinct : Math.min(distinct, present),
    minimum: range?.[0].slice(0, valueCharacters) ?? sampled.minimum,
    maximum: range?.[1].slice(0, valueCharacters) ?? sampled.maximum,
  }
}
