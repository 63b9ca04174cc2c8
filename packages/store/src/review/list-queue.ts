import {
  AmxError,
  type QueueFacets,
  type QueueFilter,
  type QueuePage,
  type QueueRow,
  type QueueSort,
  type RunSettings,
  type SortOrder,
} from '@amx/api'
import { type Database, oneRow } from '../database.ts'
import { writeProblem } from '../history/write-problem.ts'
import { createParameters, cutPage, type Parameters, readCursor, writeCursor } from '../keyset.ts'
import { targetName } from '../runs/target-name.ts'
import { queueConditions } from './queue-conditions.ts'

export interface ListQueueQuery extends QueueFilter {
  readonly namespace: string
  readonly limit: number
  readonly after?: string
  /** @default queued, the first one first */
  readonly sort?: QueueSort
  readonly order?: SortOrder
}

interface QueueQueryRow extends Omit<QueueRow, 'run' | 'decidedAt'> {
  readonly run_uid: string
  readonly run_name: string
  readonly decidedAt: Date
  readonly targets: RunSettings['targets']
  readonly target_index: number
  readonly sortKey: string
}

const keys: Readonly<Record<QueueSort, { readonly sql: string; readonly type: string }>> = {
  queued: { sql: 'q.id', type: 'bigint' },
  path: { sql: 'q.path', type: 'text' },
  decided: { sql: 'q.decided_at', type: 'timestamptz' },
}

/** Accepted texts of a namespace that are not in the warehouse yet. Throws AMX-1014 for a cursor of another list. */
export async function listQueue(database: Database, query: ListQueueQuery, signal?: AbortSignal): Promise<QueuePage> {
  signal?.throwIfAborted()
  const sort = query.sort ?? 'queued'
  const order = query.order ?? (sort === 'decided' ? 'descending' : 'ascending')
  const place = readPlace(query.after, sort, order)
  const parameters = createParameters()
  const conditions = queueConditions(query.namespace, query, parameters)
  const key = keys[sort]
  if (place !== null) conditions.push(behind(place, { ...key, order }, parameters))
  const down = order === 'descending' ? ' desc' : ''
  const orderBy = `${key.sql}${down}, q.id${down}`
  const [total, rows] = await Promise.all([
    place?.total ?? countEntries(database, query),
    database.rows<QueueQueryRow>(
      `with page as materialized (
         select q.* from amx.queue q where ${conditions.join(' and ')} order by ${orderBy} limit ${parameters.add(query.limit + 1)}
       )
       select q.id::text, q.database_key as target, q.path, q.kind, q.text, q.run_uid, r.name as run_name,
         q.decided_by as "decidedBy", q.decided_at as "decidedAt", q.state, q.error, a.revision,
         r.draft_digest as "draftDigest", r.settings -> 'targets' as targets, a.target_index,
         to_json(${key.sql}) #>> '{}' as "sortKey",
         case when q.state = 'Failed' then (
           select ${writeProblem('c.error')} from amx.applied_changes c where c.unit_id = q.unit_id and c.asset_id = q.asset_id
         ) end as problem
       from page q join amx.runs r on r.uid = q.run_uid join amx.assets a on a.id = q.asset_id
       order by ${orderBy}`,
      parameters.values,
    ),
  ])
  const { page, last } = cutPage(rows, query.limit)
  const next = last === null ? null : writeCursor([sort, order, total, last.sortKey, last.id])
  return { rows: page.map(toQueueRow), next, total }
}

/** Entries of a namespace per target, state, kind and decider, each under all filters but its own. */
export async function listQueueFacets(
  database: Database,
  { namespace, ...filter }: QueueFilter & { readonly namespace: string },
  signal?: AbortSignal,
): Promise<QueueFacets> {
  signal?.throwIfAborted()
  const facet = async (name: 'target' | 'state' | 'kind' | 'decidedBy', column: string) => {
    const { [name]: _, ...others } = filter
    const parameters = createParameters()
    return database.rows<{ value: string; rows: number }>(
      `select ${column} as value, count(*)::integer as rows from amx.queue q
       where ${queueConditions(namespace, others, parameters).join(' and ')}
       group by 1 order by 2 desc, 1 limit 100`,
      parameters.values,
    )
  }
  const [total, target, state, kind, decidedBy] = await Promise.all([
    countEntries(database, { namespace, ...filter }),
    facet('target', 'q.database_key'),
    facet('state', 'q.state'),
    facet('kind', 'q.kind'),
    facet('decidedBy', 'q.decided_by'),
  ])
  return { total, facets: { target, state, kind, decidedBy } }
}

async function countEntries(
  database: Database,
  { namespace, ...filter }: QueueFilter & { readonly namespace: string },
): Promise<number> {
  const parameters = createParameters()
  const { count } = await oneRow<{ count: number }>(
    database,
    `select count(*)::integer as count from amx.queue q where ${queueConditions(namespace, filter, parameters).join(' and ')}`,
    parameters.values,
  )
  return count
}

interface Place {
  readonly total: number
  readonly key: string | number
  readonly id: string | number
}

function readPlace(cursor: string | undefined, sort: QueueSort, order: SortOrder): Place | null {
  const parts = readCursor(cursor, 5)
  if (parts === null) return null
  const [ofSort, ofOrder, total, key = '', id = ''] = parts
  const fits = ofSort === sort && ofOrder === order && typeof total === 'number' && /^[0-9]{1,18}$/.test(String(id))
  const keyFits =
    sort === 'path' || (sort === 'queued' ? key === id : typeof key === 'string' && !Number.isNaN(Date.parse(key)))
  if (fits && keyFits) return { total, key, id }
  throw new AmxError('AMX-1014', { problem: 'the page cursor is not one of this list' })
}

function behind(
  { key, id }: Place,
  { sql, type, order }: { readonly sql: string; readonly type: string; readonly order: SortOrder },
  parameters: Parameters,
): string {
  const sign = order === 'ascending' ? '>' : '<'
  return `(${sql}, q.id) ${sign} (${parameters.add(key)}::${type}, ${parameters.add(id)}::bigint)`
}

function toQueueRow(entry: QueueQueryRow): QueueRow {
  const { run_uid, run_name, decidedAt, targets, target_index, sortKey: _, ...row } = entry
  const databaseProfile = targetName({ targets }, target_index)
  return { ...row, databaseProfile, run: { uid: run_uid, name: run_name }, decidedAt: decidedAt.toISOString() }
}
