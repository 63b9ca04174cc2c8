import type { ComparedGroup, ComparisonUnit, PriceTable, RunComparison, RunDetail, RunStatistics } from '@amx/api'
import type { CompareRowsQuery, UnjudgedRow } from '../compare/compare-rows.ts'
import type { ComparedScope } from '../compare/compared-text.ts'
import type { RunFigures } from '../compare/read-run-figures.ts'
import type { StatisticsQuery } from './read-statistics.ts'

/** Looking back over runs, and from one to the other. */
export interface HistoryStore {
  /** Throws AMX-1013 when the run is not known. */
  readRunDetail(runUid: string, prices: PriceTable, signal?: AbortSignal): Promise<RunDetail>
  readStatistics(query: StatisticsQuery, signal?: AbortSignal): Promise<RunStatistics>
  /** In the order of the uids; runs that are not known are left out. */
  readRunFigures(uids: readonly string[], signal?: AbortSignal): Promise<readonly RunFigures[]>
  compareRows(
    query: CompareRowsQuery,
    signal?: AbortSignal,
  ): Promise<{ readonly rows: readonly UnjudgedRow[]; readonly next: string | null }>
  readOverlap(scope: ComparedScope, signal?: AbortSignal): Promise<NonNullable<RunComparison['overlap']>>
  compareGroups(
    scope: ComparedScope,
    by: Exclude<ComparisonUnit, 'asset'>,
    signal?: AbortSignal,
  ): Promise<readonly ComparedGroup[]>
}
