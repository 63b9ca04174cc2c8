import type { TableCatalog } from '@amx/api'
import { emptyColumn } from '../../privacy/disclose-column.ts'
import { type ColumnStatistics, valueCharacters } from '../../statistics/column-statistics.ts'
import type { Findings, PlannerLookup } from './findings.ts'
import { plannerDistinct, plannerRange } from './planner-statistics.ts'

/** What the planner keeps, without reading a row. */
export async function findInMetadata(
  ofPlanner: PlannerLookup,
  table: TableCatalog,
  modeReason: string | null,
  warnings: readonly string[] = [],
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
    warnings,
  }
}
