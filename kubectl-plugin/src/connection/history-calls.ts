import type {
  ComparisonRows,
  ComparisonUnit,
  RunComparison,
  RunDetail,
  RunEvent,
  RunSort,
  RunStatistics,
  RunSummary,
  SortOrder,
  StatisticsUnit,
} from '@amx/api'
import { queryString } from './query-string.ts'

export interface RunListQuery {
  readonly limit?: number
  readonly continue?: string
  /** Several, apart by commas. */
  readonly phase?: string
  /** Several, apart by commas. */
  readonly type?: string
  readonly search?: string
  readonly since?: string
  readonly origin?: string
  readonly sort?: RunSort
  readonly order?: SortOrder
}

export interface ComparisonQuery {
  /** `name`, or `name@uid`. */
  readonly run: readonly string[]
  readonly limit?: number
  readonly after?: string
  readonly search?: string
  readonly schema?: string
  readonly table?: string
  readonly column?: string
  readonly kind?: string
  readonly only?: ComparisonRows
  readonly by?: ComparisonUnit
}

/** Looking back over runs. */
export interface HistoryCalls {
  /** Runs of a namespace, the newest first unless sorted otherwise; a page of at most 500. */
  runList(namespace: string, query: RunListQuery): Promise<{ runs: readonly RunSummary[]; next: string | null }>
  /** Everything about a run but its rows; without a uid the newest of the name. */
  runDetail(namespace: string, run: string, query: { readonly uid?: string }): Promise<RunDetail>
  /** What happened in a run so far, the first thing first; a page of at most 1,000. */
  eventList(
    namespace: string,
    run: string,
    query: { readonly uid?: string; readonly limit: number; readonly after?: string },
  ): Promise<{ events: readonly RunEvent[]; next: string | null }>
  runStatistics(
    namespace: string,
    query: { readonly window: string; readonly by: StatisticsUnit },
  ): Promise<RunStatistics>
  compare(namespace: string, query: ComparisonQuery): Promise<RunComparison>
}

/** The calls, made with a function that reads a path below the server's address. */
export function historyCalls(read: <Answer>(path: string) => Promise<Answer>): HistoryCalls {
  const below = (namespace: string) => `api/v1/namespaces/${encodeURIComponent(namespace)}`
  const ofRun = (namespace: string, run: string) => `${below(namespace)}/runs/${encodeURIComponent(run)}`
  return {
    runList: (namespace, query) => read(`${below(namespace)}/runs${queryString(query)}`),
    runDetail: (namespace, run, query) => read(`${ofRun(namespace, run)}/detail${queryString(query)}`),
    eventList: (namespace, run, query) => read(`${ofRun(namespace, run)}/event-list${queryString(query)}`),
    runStatistics: (namespace, query) => read(`${below(namespace)}/run-statistics${queryString(query)}`),
    compare: (namespace, query) => read(`${below(namespace)}/compare${queryString(query)}`),
  }
}
