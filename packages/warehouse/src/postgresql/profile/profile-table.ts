import {
  type AssetPath,
  type ColumnCatalog,
  type ColumnProfile,
  parseAssetPath,
  type TableCatalog,
  type TableProfile,
} from '@amx/api'
import { discloseColumn, emptyColumn, excludedColumn } from '../../privacy/disclose-column.ts'
import { compileExcludedColumns } from '../../privacy/excluded-columns.ts'
import type { ColumnStatistics } from '../../statistics/column-statistics.ts'
import type { ConnectionPool, Session } from '../connection-pool.ts'
import { serverErrorOf, statementError } from '../server-error.ts'
import type { Findings, PlannerLookup, ProfileOptions } from './findings.ts'
import { findInFull } from './full-findings.ts'
import { findInMetadata } from './metadata-findings.ts'
import type { PlannerStatistics } from './planner-statistics.ts'
import { readableColumns } from './readable-columns.ts'
import { findInSample } from './sample-findings.ts'

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
    const ofPlanner: PlannerLookup = async (table) => {
      if (table.kind === 'View') return new Map()
      return planner.of(table.path, lent, signal).catch((thrown: unknown) => {
        if (signal.aborted || serverErrorOf(thrown) === null) throw thrown
        return new Map()
      })
    }
    const findings = await find(session, ofPlanner, { ...catalog, columns: wanted }, options, signal).catch(
      (thrown: unknown) => {
        if (signal.aborted) throw signal.reason
        throw statementError(thrown, { asset: catalog.path, target: pool.target })
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
