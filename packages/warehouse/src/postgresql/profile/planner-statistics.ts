import { type ColumnCatalog, parseAssetPath } from '@amx/api'
import { valueRange } from '../../statistics/value-order.ts'
import type { Session, TextRow } from '../connection-pool.ts'

/** What the planner keeps of one column. */
export interface PlannerColumn {
  readonly nullFraction: number
  /** Positive: a number of values. Negative: minus their part of the rows. */
  readonly distinct: number
  /** Bounds of the histogram and the most common values: the range lies among them. */
  readonly values: readonly string[]
}

export type PlannerTable = ReadonlyMap<string, PlannerColumn>

/** Tables of one statement: bounds the answer for databases with tens of thousands of tables. */
const tablesAtOnce = 500

// Partitioned tables keep their statistics under inherited = true; a plain table has one row per column.
const plannerStatisticsSql = `
SELECT DISTINCT ON (s.schemaname, s.tablename, s.attname)
       s.schemaname, s.tablename, s.attname, s.null_frac, s.n_distinct,
       pg_catalog.to_json((s.histogram_bounds::pg_catalog.text::pg_catalog.text[])[1:1]
         || (s.histogram_bounds::pg_catalog.text::pg_catalog.text[])[pg_catalog.array_length(s.histogram_bounds, 1):]
         || (s.most_common_vals::pg_catalog.text::pg_catalog.text[]))::pg_catalog.text
FROM pg_catalog.pg_stats s
JOIN unnest($1::pg_catalog.text[], $2::pg_catalog.text[]) AS wanted(schemaname, tablename)
  ON wanted.schemaname = s.schemaname AND wanted.tablename = s.tablename
ORDER BY s.schemaname, s.tablename, s.attname, s.inherited DESC`

/** The planner's statistics, read for many tables at once when the first of them is asked for. */
export interface PlannerStatistics {
  /** Names tables that will be asked for. */
  expect(paths: readonly string[]): void
  of(path: string, session: Session, signal: AbortSignal): Promise<PlannerTable>
}

/** Reads ahead for the tables expected, so that profiling from statistics costs no statement per table. */
export function createPlannerStatistics(): PlannerStatistics {
  const expected = new Set<string>()
  const known = new Map<string, PlannerTable>()
  let reading: Promise<void> = Promise.resolve()

  async function read(path: string, session: Session, signal: AbortSignal): Promise<void> {
    if (known.has(path)) return
    expected.delete(path)
    const paths = [path, ...[...expected].slice(0, tablesAtOnce - 1)]
    const parts = paths.map((each) => parseAssetPath(each))
    const values = [parts.map(([schema]) => schema), parts.map(([, table]) => table)]
    const rows = await session.query({ text: plannerStatisticsSql, values }, signal)
    const tables = new Map<string, Map<string, PlannerColumn>>(
      paths.map((each) => [JSON.stringify(parseAssetPath(each)), new Map()]),
    )
    for (const row of rows) tables.get(JSON.stringify([row[0], row[1]]))?.set(row[2] ?? '', plannerColumn(row))
    for (const each of paths) {
      expected.delete(each)
      known.set(each, tables.get(JSON.stringify(parseAssetPath(each))) ?? new Map())
    }
  }

  return {
    expect(paths) {
      for (const path of paths) if (!known.has(path)) expected.add(path)
    },
    async of(path, session, signal) {
      // One after the other: the first reads for all who wait.
      const mine = reading.then(() => read(path, session, signal))
      reading = mine.catch(() => undefined)
      await mine
      const table = known.get(path) ?? new Map()
      known.delete(path)
      return table
    },
  }
}

/** Smallest and largest of the values the planner kept, or null where text does not tell their order. */
export function plannerRange(column: ColumnCatalog, planner: PlannerColumn): readonly [string, string] | null {
  return valueRange(column, planner.values)
}

/** The planner's figure for distinct values as a number, given the rows it stands for. */
export function plannerDistinct(planner: PlannerColumn, rows: number | null): number | null {
  if (planner.distinct > 0) return Math.round(planner.distinct)
  if (planner.distinct === 0 || rows === null) return null
  return Math.round(-planner.distinct * rows)
}

function plannerColumn(row: TextRow): PlannerColumn {
  const values = JSON.parse(row[5] ?? '[]') as (string | null)[] | null
  return {
    nullFraction: Number(row[3] ?? 0),
    distinct: Number(row[4] ?? 0),
    values: (values ?? []).filter((value) => value !== null),
  }
}
