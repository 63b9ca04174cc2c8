import type { ProfilingMode, TableCatalog, TargetSettings } from '@amx/api'
import type { ColumnStatistics } from '../../statistics/column-statistics.ts'
import type { PlannerTable } from './planner-statistics.ts'

export type ProfileOptions = Pick<TargetSettings, 'profiling' | 'privacy'>

/** What the planner knows of a table. */
export type PlannerLookup = (table: TableCatalog) => Promise<PlannerTable>

/** What a mode found out about a relation, before anything was held back. */
export interface Findings {
  readonly mode: ProfilingMode
  readonly modeReason: string | null
  readonly rowCount: number | null
  readonly rowCountIsExact: boolean
  readonly rowsRead: number
  /** By column name; a column that is not there could not be read. */
  readonly statistics: ReadonlyMap<string, ColumnStatistics>
  readonly warnings: readonly string[]
}
