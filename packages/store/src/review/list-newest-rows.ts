import type { NewestRowFilter, NewestRows } from '@amx/api'
import { canonicalAssetPath, noValue } from '@amx/api'
import { createParameters, readCursor, writeCursor } from '../keyset.ts'
import { type ResultQueryRow, type ResultReaders, readListedRuns, resultColumns, toResultRows } from './list-results.ts'

export interface ListNewestRowsQuery extends NewestRowFilter {
  readonly namespace: string
  readonly limit: number
  readonly after?: string
}

interface NewestQueryRow extends ResultQueryRow {
  readonly runUid: string
  readonly more: boolean
}

/**
 * Each asset of a namespace once: the row of the newest run whose row of it matches. By path. Of every run only as many rows are
 * looked at as a page may need, so a page costs the same however many came before it.
 */
export async function listNewestRows(
  { database, calibrations }: ResultReaders,
  query: ListNewestRowsQuery,
  signal?: AbortSignal,
): Promise<NewestRows> {
  signal?.throwIfAborted()
  const { text, values } = pageSql(query)
  const found = await database.rows<NewestQueryRow>(text, values)
  const runs = await readListedRuns(database, [...new Set(found.map(({ runUid }) => runUid))])
  const rows = await Promise.all(
    found.map(async ({ runUid, more: _, ...row }) => {
      const run = runs.get(runUid)
      // The run was deleted in between.
      if (run === undefined) return []
      const [given] = await toResultRows(calibrations, run, [row])
      return given === undefined ? [] : [{ ...given, run: { uid: run.uid, name: run.name } }]
    }),
  )
  const last = found.at(-1)
  return { rows: rows.flat(), next: last?.more ? writeCursor([last.path]) : null }
}

function pageSql({
  namespace,
  database,
  within = [],
  state = [],
  applyOutcome = [],
  limit,
  after,
}: ListNewestRowsQuery) {
  const parameters = createParameters()
  const most = parameters.add(limit)
  const profile = parameters.add(database ?? null)
  const conditions = [`a.run_uid = runs.uid and a.target_index = any(runs.targets) and a.status <> 'Planned'`]
  const cursor = readCursor(after, 1)
  if (cursor !== null) conditions.push(`a.path > ${parameters.add(cursor[0])}`)
  if (state.length > 0) conditions.push(`a.review_state = any(${parameters.add(state)}::text[])`)
  if (applyOutcome.length > 0) {
    conditions.push(`coalesce(a.apply_outcome, '${noValue}') = any(${parameters.add(applyOutcome)}::text[])`)
  }
  const assets = within.map(canonicalAssetPath)
  // The database itself is everything in it.
  if (assets.length > 0 && !assets.includes('*')) {
    const places = assets.map((asset) => {
      const path = parameters.add(asset)
      return `a.path = ${path} or starts_with(a.path, ${path} || '.')`
    })
    conditions.push(`(${places.join(' or ')})`)
    // From the first of them to the last: else the index of each run would be walked from its beginning. After "." comes "/".
    const all = `unnest(${parameters.add(assets)}::text[]) as path`
    conditions.push(
      `a.path >= (select min(path collate "C") from ${all})`,
      `a.path < (select max(path collate "C") || '/' from ${all})`,
    )
  }
  // What lies behind the last row read of a run that has more may be in that run as well: such paths wait for their page.
  const text = `with runs as materialized (
       select r.uid, row_number() over (order by r.started_at desc, r.uid desc) as place,
         array(select (t.place - 1)::integer from jsonb_array_elements(r.settings -> 'targets') with ordinality as t (target, place)
           where ${profile}::text is null or t.target ->> 'profileName' = ${profile}
             or concat(t.target ->> 'profileName', '/', t.target #>> '{postgresql,database}') = ${profile}) as targets
       from amx.runs r where r.namespace = ${parameters.add(namespace)} and r.draft_digest is not null
     ), found as materialized (
       select a.*, runs.uid, runs.place from runs, lateral (
         select a.id, a.path, a.database_key from amx.assets a where ${conditions.join(' and ')}
         order by a.path fetch first (${most}::bigint) rows with ties
       ) a
     ), seen as (
       select min(last) as until from (select max(path) as last from found group by uid having count(*) >= ${most}) full_runs
     ), newest as (
       select distinct on (path, database_key) id, path, database_key from found, seen
       where until is null or path <= until order by path, database_key, place
     ), page as materialized (
       select * from newest order by path fetch first (${most}::bigint) rows with ties
     ), rest as (
       select (select until from seen) is not null
         or exists (select from found where path > (select max(path) from page)) as more
     )
     select a.run_uid as "runUid", rest.more, ${resultColumns}
     from page join amx.assets a on a.id = page.id left join amx.drafts d on d.asset_id = a.id, rest
     order by page.path, page.database_key`
  return { text, values: parameters.values }
}
