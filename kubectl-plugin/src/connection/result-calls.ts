import type {
  NewestRowFilter,
  NewestRows,
  QueueFacets,
  QueueFilter,
  QueuePage,
  QueueSort,
  ResultDetail,
  ResultFacet,
  ResultFacets,
  ResultFilter,
  ResultGrouping,
  ResultGroups,
  ResultPage,
  ResultSort,
  SortOrder,
} from '@amx/api'
import { queryString } from './query-string.ts'

/** One page of rows: which, in which order, after which. */
export interface ResultQuery extends ResultFilter {
  readonly uid?: string
  readonly limit?: number
  readonly after?: string
  readonly sort?: ResultSort
  readonly order?: SortOrder
}

export interface FacetQuery extends ResultFilter {
  readonly uid?: string
  /** The dimensions to count; all when none is named. */
  readonly facet?: readonly ResultFacet[]
  /** Most schemas and tables. @default 20 */
  readonly top?: number
}

export interface GroupQuery extends ResultFilter {
  readonly uid?: string
  readonly by: ResultGrouping
  readonly limit?: number
  readonly after?: string
}

export interface QueueQuery extends QueueFilter {
  readonly limit?: number
  readonly after?: string
  readonly sort?: QueueSort
  readonly order?: SortOrder
}

export interface NewestRowQuery extends NewestRowFilter {
  readonly limit?: number
  readonly after?: string
}

/** Reading rows of runs and of the queue. */
export interface ResultCalls {
  results(namespace: string, run: string, query: ResultQuery): Promise<ResultPage>
  /** Each asset of a namespace once, over all runs with drafts; a page of about 1,000 at most. */
  newestRows(namespace: string, query: NewestRowQuery): Promise<NewestRows>
  /** How many rows there are of each state, band, kind and so on. */
  resultFacets(namespace: string, run: string, query: FacetQuery): Promise<ResultFacets>
  /** Rows by schema, table, band, kind or name; a page of at most 500 groups. */
  resultGroups(namespace: string, run: string, query: GroupQuery): Promise<ResultGroups>
  /** Everything about one row; `uid` is the run's. */
  result(namespace: string, run: string, row: { readonly uid?: string; readonly rowId: string }): Promise<ResultDetail>
  /** Accepted texts that wait to be written; a page of at most 1,000. */
  queue(namespace: string, query: QueueQuery): Promise<QueuePage>
  queueFacets(namespace: string, query: QueueFilter): Promise<QueueFacets>
}

/** The calls, made with a function that reads a path below the server's address. */
export function resultCalls(read: <Answer>(path: string) => Promise<Answer>): ResultCalls {
  const inNamespace = (namespace: string) => `api/v1/namespaces/${encodeURIComponent(namespace)}`
  const results = (namespace: string, run: string) =>
    `${inNamespace(namespace)}/runs/${encodeURIComponent(run)}/results`
  return {
    results: (namespace, run, query) => read(`${results(namespace, run)}${queryString(query)}`),
    newestRows: (namespace, query) => read(`${inNamespace(namespace)}/results${queryString(query)}`),
    resultFacets: (namespace, run, query) => read(`${results(namespace, run)}/facets${queryString(query)}`),
    resultGroups: (namespace, run, query) => read(`${results(namespace, run)}/groups${queryString(query)}`),
    result: (namespace, run, { rowId, ...query }) =>
      read(`${results(namespace, run)}/${encodeURIComponent(rowId)}${queryString(query)}`),
    queue: (namespace, query) => read(`${inNamespace(namespace)}/queue${queryString(query)}`),
    queueFacets: (namespace, query) => read(`${inNamespace(namespace)}/queue/facets${queryString(query)}`),
  }
}
