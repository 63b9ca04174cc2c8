import {
  type Backend,
  type PreviewDatabase,
  type PreviewPage,
  type PreviewRow,
  type PreviewTotals,
  previewStatement,
} from '@amx/api'
import type { PreviewQuery } from '../contract.ts'
import type { Database, Queryable } from '../database.ts'
import { writeProblem } from '../history/write-problem.ts'
import { createParameters, cutPage, type Parameters, readCursor, writeCursor } from '../keyset.ts'
import { inScope, isOneOf, notBeingWritten } from './queue-conditions.ts'

interface PreviewQueryRow extends Omit<PreviewRow, 'run' | 'decidedAt' | 'statement' | 'skipped'> {
  readonly run_uid: string
  readonly run_name: string
  readonly backend: Backend
  readonly database: string | null
  readonly decidedAt: Date
}

const firstTables = 20

/** The target of the run that drafted queue entry `q`, as its settings have it. */
const targetOfRow = `lateral (
  select t ->> 'profileName' as profile, t ->> 'backend' as backend, t #>> '{postgresql,database}' as database
  from jsonb_array_elements(r.settings -> 'targets') as t where t ->> 'databaseKey' = q.database_key limit 1) as target`

/**
 * What an apply of these rows would write: statements of a page in the order of database and path, and all rows counted. Reads
 * the store alone, so it says nothing about comments that changed since. Throws AMX-1011 for a path, AMX-1014 for a cursor.
 */
export async function previewQueue(
  database: Database,
  query: PreviewQuery,
  signal?: AbortSignal,
): Promise<PreviewPage> {
  signal?.throwIfAborted()
  const { page, last } = await readRows(database, query)
  signal?.throwIfAborted()
  return {
    rows: page.map(toPreviewRow),
    next: last === null ? null : writeCursor([last.target, last.path]),
    totals: await readTotals(database, query),
  }
}

async function readRows(on: Queryable, query: PreviewQuery) {
  const parameters = createParameters()
  const conditions = [...selected(query, parameters), notBeingWritten]
  const after = readCursor(query.after, 2)
  if (after !== null) {
    const [key, path] = after.map((value) => parameters.add(value))
    conditions.push(`(q.database_key, q.path) > (${key}::text, ${path}::text)`)
  }
  const rows = await on.rows<PreviewQueryRow>(
    `select q.id::text, q.database_key as target, target.profile as "databaseProfile", target.backend, target.database, q.path,
       q.kind, q.text, q.expected, q.run_uid, r.name as run_name, q.decided_by as "decidedBy", q.decided_at as "decidedAt",
       case when q.state = 'Failed' then (
         select ${writeProblem('c.error')} from amx.applied_changes c where c.unit_id = q.unit_id and c.asset_id = q.asset_id
       ) end as problem
     from amx.queue q join amx.runs r on r.uid = q.run_uid, ${targetOfRow}
     where ${conditions.join(' and ')} order by q.database_key, q.path limit ${parameters.add(query.limit + 1)}`,
    parameters.values,
  )
  return cutPage(rows, query.limit)
}

async function readTotals(on: Queryable, query: PreviewQuery): Promise<PreviewTotals> {
  const parameters = createParameters()
  const [row] = await on.rows<PreviewTotals>(
    `with matching as (
       select q.kind, q.table_path, q.database_key, target.profile, target.database, ${notBeingWritten} as free
       from amx.queue q join amx.runs r on r.uid = q.run_uid, ${targetOfRow}
       where ${selected(query, parameters).join(' and ')}
     ), free as (select * from matching where free),
     tables as (select distinct table_path from free where kind not in ('Schema', 'Database')),
     databases as (
       select database_key as target, min(profile) as "databaseProfile", min(database) as database, count(*)::integer as rows
       from free group by database_key order by database_key
     )
     select count(*) filter (where free)::integer as rows,
       count(*) filter (where free and kind = 'Column')::integer as columns,
       count(*) filter (where free and kind not in ('Column', 'Schema', 'Database'))::integer as relations,
       count(*) filter (where free and kind in ('Schema', 'Database'))::integer as containers,
       (select count(*) from tables)::integer as tables,
       array(select table_path from tables order by table_path limit ${firstTables}) as "firstTables",
       (select coalesce(jsonb_agg(to_jsonb(databases)), '[]') from databases) as databases,
       count(*) filter (where not free)::integer as "beingWritten"
     from matching`,
    parameters.values,
  )
  return row ?? noTotals
}

const noDatabases: PreviewDatabase[] = []
const noTotals: PreviewTotals = {
  rows: 0,
  columns: 0,
  relations: 0,
  containers: 0,
  tables: 0,
  firstTables: [],
  databases: noDatabases,
  beingWritten: 0,
}

function selected(query: PreviewQuery, parameters: Parameters): string[] {
  const { include = [], exclude = [], kinds = [], assets = [] } = query
  const conditions = [`q.namespace = ${parameters.add(query.namespace)}`]
  if (query.runUid !== undefined) conditions.push(`q.run_uid = ${parameters.add(query.runUid)}`)
  if (query.target !== undefined) {
    const named = parameters.add(query.target)
    conditions.push(
      `(q.database_key = ${named} or target.profile = ${named} or target.profile || '/' || target.database = ${named})`,
    )
  }
  if (assets.length > 0) conditions.push(isOneOf(assets, parameters))
  return [...conditions, ...inScope({ include: [...include], exclude: [...exclude], kinds: [...kinds] }, parameters)]
}

function toPreviewRow({ run_uid, run_name, backend, database, decidedAt, ...row }: PreviewQueryRow): PreviewRow {
  const statement = previewStatement({ ...row, backend, database })
  return {
    ...row,
    statement,
    skipped: statement === null ? `${backend} has no ${row.kind} comments` : null,
    run: { uid: run_uid, name: run_name },
    decidedAt: decidedAt.toISOString(),
  }
}
