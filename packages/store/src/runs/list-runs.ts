import { AmxError, type RunSort, type RunSummary, type SortOrder } from '@amx/api'
import type { Database } from '../database.ts'
import { createParameters, cutPage, type Parameters, readCursor, writeCursor } from '../keyset.ts'
import { type SummaryRow, summaryColumns, summaryTables, toRunSummary } from './run-summary.ts'

export interface ListRunsQuery {
  readonly namespace: string
  readonly limit: number
  readonly after?: string
  /** Any of these. */
  readonly phases?: readonly string[]
  /** Any of these. */
  readonly types?: readonly string[]
  /** In name, scope, model, type, phase or a DatabaseProfile. */
  readonly search?: string
  /** Begun at this time or later. */
  readonly since?: Date
  /** Begun before this time. */
  readonly until?: Date
  /** Who made the run; `none` for those whose object did not say. */
  readonly origin?: string
  /** @default started */
  readonly sort?: RunSort
  /** @default descending */
  readonly order?: SortOrder
}

// What a run is sorted by, never null, with its type. A run that has not ended took longer than any other so far.
const sortKeys: Readonly<Record<RunSort, { readonly key: string; readonly type: string }>> = {
  // The exact time: a JavaScript date would lose the microseconds and a page would repeat rows.
  started: { key: 'r.started_at', type: 'timestamptz' },
  finished: { key: `coalesce(r.finished_at, 'infinity'::timestamptz)`, type: 'timestamptz' },
  duration: { key: `coalesce(extract(epoch from r.finished_at - r.started_at)::float8, 'infinity')`, type: 'float8' },
  cost: { key: 'coalesce(p.cost_usd, 0)', type: 'numeric' },
  columns: { key: 'p.columns_drafted', type: 'integer' },
  confidence: {
    key: '(case when p.score_count > 0 then p.score_sum / p.score_count else -1 end)::float8',
    type: 'float8',
  },
  name: { key: 'r.name', type: 'text' },
}

/** Runs of a namespace as asked for, without more the newest first. */
export async function listRuns(
  database: Database,
  query: ListRunsQuery,
  signal?: AbortSignal,
): Promise<{ readonly runs: readonly RunSummary[]; readonly next: string | null }> {
  signal?.throwIfAborted()
  const parameters = createParameters()
  const { sort = 'started', order: asked = 'descending' } = query
  const [order, beyond] = asked === 'descending' ? ['desc', '<'] : ['asc', '>']
  const { key, type } = sortKeys[sort]
  const conditions = conditionsOf(query, parameters)
  const after = readCursor(query.after, 3)
  if (after !== null) {
    if (after[0] !== sort) throw new AmxError('AMX-1014', { problem: 'the page cursor is of a list in another order' })
    const place = `(${parameters.add(after[1])}::${type}, ${parameters.add(after[2])})`
    conditions.push(`(${key}, r.uid) ${beyond} ${place}`)
  }
  // The page first: what a summary costs is paid for the rows shown, not for those sorted.
  const rows = await database.rows<SummaryRow & { sort_key: string }>(
    `with page as materialized (
       select r.uid, ${key} as sort_key from ${summaryTables} where ${conditions.join(' and ')}
       order by ${key} ${order}, r.uid ${order} limit ${parameters.add(query.limit + 1)}
     )
     select ${summaryColumns}, page.sort_key::text from page join ${summaryTables} on r.uid = page.uid
     order by page.sort_key ${order}, page.uid ${order}`,
    parameters.values,
  )
  const { page, last } = cutPage(rows, query.limit)
  return { runs: page.map(toRunSummary), next: last === null ? null : writeCursor([sort, last.sort_key, last.uid]) }
}

function conditionsOf(query: ListRunsQuery, parameters: Parameters): string[] {
  const { phases = [], types = [], search = '' } = query
  const conditions = [`r.namespace = ${parameters.add(query.namespace)}`]
  if (phases.length > 0) conditions.push(`r.phase = any(${parameters.add(phases)}::text[])`)
  if (types.length > 0) conditions.push(`r.type = any(${parameters.add(types)}::text[])`)
  if (query.since !== undefined) conditions.push(`r.started_at >= ${parameters.add(query.since)}`)
  if (query.until !== undefined) conditions.push(`r.started_at < ${parameters.add(query.until)}`)
  if (query.origin === 'none') conditions.push('r.origin is null')
  else if (query.origin !== undefined) conditions.push(`r.origin = ${parameters.add(query.origin)}`)
  for (const word of search.split(/\s+/).filter(Boolean)) {
    const pattern = parameters.add(`%${word.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`)
    conditions.push(`(r.name ilike ${pattern} or r.scope_text ilike ${pattern} or r.type ilike ${pattern}
      or r.phase ilike ${pattern} or r.settings #>> '{model,model}' ilike ${pattern}
      or exists (select from jsonb_array_elements(r.settings -> 'targets') as t where t ->> 'profileName' ilike ${pattern}))`)
  }
  return conditions
}
