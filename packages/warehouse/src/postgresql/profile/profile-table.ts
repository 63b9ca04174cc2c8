import {
  type AssetPath,
  type ColumnCatalog,
  type ColumnProfile,
  type ProfilingMode,
  parseAssetPath,
  type TableCatalog,
  type TableProfile,
  type TargetSettings,
} from '@amx/api'
import { discloseColumn, emptyColumn, excludedColumn } from '../../privacy/disclose-column.ts'
import { compileExcludedColumns } from '../../privacy/excluded-columns.ts'
import { type ColumnStatistics, columnStatistics, valueCharacters } from '../../statistics/column-statistics.ts'
import { valueFamily } from '../../statistics/value-order.ts'
import type { ConnectionPool, Session } from '../connection-pool.ts'
import { serverErrorOf, statementError } from '../server-error.ts'
import { readInBatches, type UnreadColumn } from './column-batches.ts'
import {
  type PlannerColumn,
  type PlannerStatistics,
  type PlannerTable,
  plannerDistinct,
  plannerRange,
} from './planner-statistics.ts'
import { type FullColumn, readFull } from './read-full.ts'
import { readSample, type SampledValues } from './read-sample.ts'
import { readableColumns } from './readable-columns.ts'
import { firstRows, isTooSmall, sampleSource } from './sample-source.ts'

type ProfileOptions = Pick<TargetSettings, 'profiling' | 'privacy'>

/** Rows of one sample, whatever the profile asks for: each column of them is held in memory at once. */
const mostSampleRows = 100_000

/** What the planner knows of a table. */
type PlannerLookup = (table: TableCatalog) => Promise<PlannerTable>

/** What a mode found out about a relation, before anything was held back. */
interface Findings {
  readonly mode: ProfilingMode
  readonly modeReason: string | null
  readonly rowCount: number | null
  readonly rowCountIsExact: boolean
  readonly rowsRead: number
  readonly statistics: ReadonlyMap<string, ColumnStatistics>
  readonly warnings: readonly string[]
}

/**
 * Profiles one relation in the mode asked for, or in a lesser one with the reason; one that cannot be read falls back to the
 * planner's figures. Throws AMX-2001, AMX-2004, AMX-2005 and AMX-2011 when the relation could not be profiled at all.
 */
export async function profileTable(
  pool: ConnectionPool,
  planner: PlannerStatistics,
  catalog: TableCatalog,
  options: ProfileOptions,
  signal: AbortSignal,
): Promise<TableProfile> {
  const started = performance.now()
  const path = parseAssetPath(catalog.path)
  const isExcluded = compileExcludedColumns(options.privacy.excludeColumns)
  const excluded = new Set(catalog.columns.flatMap(({ name }) => (isExcluded([...path, name]) ? [name] : [])))
  // An excluded column is not even read.
  const wanted = catalog.columns.filter(({ name }) => !excluded.has(name))

  return pool.withSession(signal, async (lent) => {
    const session = counted(lent)
    // One statement for the whole scope: not a statement of this table.
    const ofPlanner: PlannerLookup = (table) =>
      table.kind === 'View' ? Promise.resolve(new Map()) : planner.of(table.path, lent, signal)
    const findings = await find(session, ofPlanner, { ...catalog, columns: wanted }, options, signal).catch(
      (thrown: unknown) => {
        if (signal.aborted) throw signal.reason
        throw statementError(thrown, catalog.path, pool.target)
      },
    )
    const columns = catalog.columns.map((column) => {
      if (excluded.has(column.name)) return excludedColumn(column.name)
      return disclosed(column, [...path, column.name], findings.statistics.get(column.name), options)
    })
    return {
      catalog: { ...catalog, columns: catalog.columns.map((column) => bare(column, excluded)) },
      mode: findings.mode,
      modeReason: findings.modeReason,
      rowCount: findings.rowCount,
      rowCountIsExact: findings.rowCountIsExact,
      rowsRead: findings.rowsRead,
      columns,
      warnings: [...findings.warnings],
      statements: session.sent(),
      durationMs: Math.round(performance.now() - started),
    }
  })
}

async function find(
  session: Session,
  ofPlanner: PlannerLookup,
  table: TableCatalog,
  options: ProfileOptions,
  signal: AbortSignal,
): Promise<Findings> {
  const { mode } = options.profiling
  if (mode === 'Metadata') return findInMetadata(ofPlanner, table, null)
  if (table.unreadable !== null) return findInMetadata(ofPlanner, table, table.unreadable)
  const read = (readable: TableCatalog) =>
    mode === 'Full'
      ? findInFull(session, ofPlanner, readable, options, signal)
      : findInSample(session, ofPlanner, readable, options, null, signal)
  try {
    return await read(table)
  } catch (thrown) {
    const server = serverErrorOf(thrown)
    if (server === null || signal.aborted) throw thrown
    if (server.sqlState === '42501') {
      const columns = await readableColumns(session, table.path, table.columns, signal)
      if (columns.length === 0 || columns.length === table.columns.length) {
        return findInMetadata(ofPlanner, table, server.message)
      }
      const findings = await read({ ...table, columns: [...columns] })
      const held = table.columns.filter((column) => !columns.includes(column))
      const warnings = held.map(({ name }) => `${name} was not read: the reader has no SELECT on it`)
      return { ...findings, warnings: [...findings.warnings, ...warnings] }
    }
    // Behind a foreign table anything can be missing: what the catalog tells is left.
    const foreign = table.kind === 'ForeignTable' && !/^(57|55)/.test(server.sqlState)
    if (!foreign) throw thrown
    return findInMetadata(ofPlanner, table, server.message)
  }
}

async function findInMetadata(
  ofPlanner: PlannerLookup,
  table: TableCatalog,
  modeReason: string | null,
): Promise<Findings> {
  const known = await ofPlanner(table)
  const statistics = new Map<string, ColumnStatistics>()
  for (const column of table.columns) {
    const figures = known.get(column.name)
    if (figures === undefined) continue
    const range = plannerRange(column, figures)
    statistics.set(column.name, {
      ...emptyColumn(column.name),
      nullFraction: figures.nullFraction,
      distinct: plannerDistinct(figures, table.rowEstimate),
      minimum: range?.[0].slice(0, valueCharacters) ?? null,
      maximum: range?.[1].slice(0, valueCharacters) ?? null,
      evidence: figures.values.slice(0, 200),
    })
  }
  return {
    mode: 'Metadata',
    modeReason,
    rowCount: table.rowEstimate,
    rowCountIsExact: false,
    rowsRead: 0,
    statistics,
    warnings: [],
  }
}

async function findInSample(
  session: Session,
  ofPlanner: PlannerLookup,
  table: TableCatalog,
  options: ProfileOptions,
  modeReason: string | null,
  signal: AbortSignal,
): Promise<Findings> {
  const wantedRows = Math.min(Math.max(1, options.profiling.sampleRows), mostSampleRows)
  const { rows, limit, columns, unread } = await drawSample(session, table, wantedRows, signal)
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
    warnings: unread.map(({ name, reason }) => `${name} could not be read: ${reason}`),
  }
}

async function findInFull(
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
  const rows = full.results[0]?.rows ?? 0
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
    warnings: [...unreadWarnings(full.unread), ...sample.warnings],
  }
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

function disclosed(
  column: ColumnCatalog,
  path: AssetPath,
  statistics: ColumnStatistics | undefined,
  options: ProfileOptions,
): ColumnProfile {
  if (statistics === undefined) return emptyColumn(column.name)
  return discloseColumn(statistics, column, path, options.privacy.samples)
}

/** An excluded column with nothing but its name and type; the comment stays, it is compared when a new one is written. */
function bare(column: ColumnCatalog, excluded: ReadonlySet<string>): ColumnCatalog {
  if (!excluded.has(column.name)) return column
  const { enumValues: _, ...rest } = column
  return { ...rest, default: null }
}

function unreadWarnings(unread: readonly UnreadColumn[]): string[] {
  return unread.map(({ name, reason }) => `${name} could not be read: ${reason}`)
}

function counted(session: Session): Session & { sent(): number } {
  let sent = 0
  return {
    prepared: session.prepared,
    query(statement, signal) {
      sent += 1
      return session.query(statement, signal)
    },
    sent: () => sent,
  }
}
