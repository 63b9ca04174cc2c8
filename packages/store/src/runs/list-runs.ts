import type { RunSummary } from '@amx/api'
import type { Database } from '../database.ts'
import { createParameters, cutPage, readCursor, writeCursor } from '../keyset.ts'
import { type SummaryRow, summaryColumns, summaryTables, toRunSummary } from './run-summary.ts'

export interface ListRunsQuery {
  readonly namespace: string
  readonly limit: number
  readonly after?: string
  readonly phase?: string
  readonly type?: string
}

/** Runs of a namespace, the newest first. */
export async function listRuns(
  database: Database,
  query: ListRunsQuery,
  signal?: AbortSignal,
): Promise<{ readonly runs: readonly RunSummary[]; readonly next: string | null }> {
  signal?.throwIfAborted()
  const parameters = createParameters()
  const conditions = [`r.namespace = ${parameters.add(query.namespace)}`]
  if (query.phase !== undefined) conditions.push(`r.phase = ${parameters.add(query.phase)}`)
  if (query.type !== undefined) conditions.push(`r.type = ${parameters.add(query.type)}`)
  const after = readCursor(query.after, 2)
  if (after !== null) {
    conditions.push(`(r.started_at, r.uid) < (${parameters.add(after[0])}::timestamptz, ${parameters.add(after[1])})`)
  }
  // The exact time goes into the cursor: a JavaScript date would lose the microseconds and a page would repeat rows.
  const rows = await database.rows<SummaryRow & { exact_start: string }>(
    `select ${summaryColumns}, r.started_at::text as exact_start from ${summaryTables}
     where ${conditions.join(' and ')}
     order by r.started_at desc, r.uid desc limit ${parameters.add(query.limit + 1)}`,
    parameters.values,
  )
  const { page, last } = cutPage(rows, query.limit)
  return { runs: page.map(toRunSummary), next: last === null ? null : writeCursor([last.exact_start, last.uid]) }
}
