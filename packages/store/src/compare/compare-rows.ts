import type { ComparedCell, ComparedGroup, ComparedRow, ComparisonRows, ComparisonUnit, RunComparison } from '@amx/api'
import { type Database, oneRow } from '../database.ts'
import { cutPage, readCursor, writeCursor } from '../keyset.ts'
import { type ComparedScope, comparedTables, comparedText, scopeConditions, targetOf } from './compared-text.ts'

export interface CompareRowsQuery extends ComparedScope {
  readonly only: ComparisonRows
  readonly limit: number
  readonly after?: string
}

interface KeyRow {
  readonly path: string
  readonly target: string
}

interface CellRow extends KeyRow, ComparedCell {
  readonly run_uid: string
  readonly kind: ComparedRow['kind']
}

/** A row before anybody judged which run did better. */
export type UnjudgedRow = Omit<ComparedRow, 'winners'>

/** Assets of the runs side by side, by path; a page. */
export async function compareRows(
  database: Database,
  query: CompareRowsQuery,
  signal?: AbortSignal,
): Promise<{ readonly rows: readonly UnjudgedRow[]; readonly next: string | null }> {
  signal?.throwIfAborted()
  const keys = await database.rows<KeyRow>(...(query.only === 'all' ? anyKeys(query) : judgedKeys(query)))
  const { page, last } = cutPage(keys, query.limit)
  const cells = await readCells(database, query, page)
  return {
    rows: page.map((key) => toRow(key, cells.get(keyOf(key)) ?? [], query)),
    next: last === null ? null : writeCursor([last.path, last.target]),
  }
}

const keyOf = ({ path, target }: KeyRow): string => JSON.stringify([path, target])

/** The next assets of any run: as many of each run as a page holds, read in the order of its index, then merged. */
function anyKeys(query: CompareRowsQuery): [string, readonly unknown[]] {
  const { conditions, parameters } = scopeConditions(query)
  const target = targetOf(query)
  const [, ...narrower] = conditions
  const beyond = beyondCursor(query, parameters.add)
  const limit = parameters.add(query.limit + 1)
  const tables = query.search === undefined ? 'amx.assets a' : comparedTables
  return [
    `select distinct k.path, k.target from unnest($1::text[]) as run (uid) cross join lateral (
       select a.path, ${target} as target from ${tables}
       where a.run_uid = run.uid and ${[...narrower, ...beyond].join(' and ')}
       order by 1, 2 limit ${limit}
     ) k order by k.path, k.target limit ${limit}`,
    parameters.values,
  ]
}

/** The next assets whose texts are the same in all runs, or are not; one without a text in any run is neither. */
function judgedKeys(query: CompareRowsQuery): [string, readonly unknown[]] {
  const { conditions, parameters } = scopeConditions(query)
  const all = [...conditions, ...beyondCursor(query, parameters.add)]
  return [
    `select a.path, ${targetOf(query)} as target from ${comparedTables} where ${all.join(' and ')}
     group by 1, 2 having ${query.only === 'same' ? isSame(query) : `not (${isSame(query)}) and count(${comparedText}) > 0`}
     order by 1, 2 limit ${parameters.add(query.limit + 1)}`,
    parameters.values,
  ]
}

const isSame = ({ runUids }: ComparedScope): string =>
  `count(distinct ${comparedText}) = 1 and count(distinct a.run_uid) filter (where ${comparedText} is not null) = ${runUids.length}`

function beyondCursor(query: CompareRowsQuery, add: (value: unknown) => string): string[] {
  const after = readCursor(query.after, 2)
  if (after === null) return []
  const path = add(after[0])
  // A run that covers one database has no second row of the path.
  if (query.byPath) return [`a.path > ${path}`]
  return [`a.path >= ${path}`, `(a.path, a.database_key) > (${path}, ${add(after[1])})`]
}

async function readCells(
  database: Database,
  query: CompareRowsQuery,
  keys: readonly KeyRow[],
): Promise<ReadonlyMap<string, readonly CellRow[]>> {
  if (keys.length === 0) return new Map()
  const rows = await database.rows<CellRow>(
    `select a.path, ${targetOf(query)} as target, a.run_uid, a.kind, a.id::text as "rowId", a.version,
       ${comparedText} as text, a.review_state as state,
       (a.review_state = 'Accepted' and a.chosen_alternative is null) as edited, a.score, a.band,
       d.token_probability as "tokenProbability", a.signal, a.reason
     from ${comparedTables}
     where a.run_uid = any($1::text[]) and a.path = any($2::text[]) and a.status <> 'Planned'`,
    [query.runUids, keys.map(({ path }) => path)],
  )
  return Map.groupBy(rows, keyOf)
}

function toRow(key: KeyRow, found: readonly CellRow[], { runUids, byPath }: CompareRowsQuery): UnjudgedRow {
  const cells = runUids.map((uid) => {
    const row = found.find(({ run_uid }) => run_uid === uid)
    if (row === undefined) return null
    const { path: _, target: __, run_uid: ___, kind: ____, ...cell } = row
    return cell
  })
  const texts = new Set(cells.map((cell) => cell?.text ?? null))
  return {
    path: key.path,
    kind: found[0]?.kind ?? 'Column',
    target: byPath ? null : key.target,
    cells,
    same: texts.size === 1 && !texts.has(null),
  }
}

/** How much of what the runs cover is the same. */
export async function readOverlap(
  database: Database,
  scope: ComparedScope,
): Promise<NonNullable<RunComparison['overlap']>> {
  const { conditions, parameters } = scopeConditions(scope)
  return oneRow(
    database,
    `select count(*)::integer as assets, count(*) filter (where runs = ${scope.runUids.length})::integer as "inAll",
       count(*) filter (where same)::integer as same
     from (
       select count(distinct a.run_uid) as runs, ${isSame(scope)} as same
       from ${comparedTables} where ${conditions.join(' and ')} group by a.path, ${targetOf(scope)}
     ) as asset`,
    parameters.values,
  )
}

interface GroupRow {
  readonly place: string
  readonly run_uid: string
  readonly rows: number
  readonly high: number
  readonly medium: number
  readonly low: number
  readonly mean: number | null
  readonly accepted: number
  readonly rejected: number
}

const places: Readonly<Record<Exclude<ComparisonUnit, 'asset'>, string>> = {
  table: 'a.table_path',
  schema: `coalesce((select t.schema_path from amx.tables t where t.id = a.table_id), a.path)`,
  kind: 'a.kind',
}
const mostGroups = 5_000

/** Figures of the runs side by side per table, schema or kind. */
export async function compareGroups(
  database: Database,
  scope: ComparedScope,
  by: Exclude<ComparisonUnit, 'asset'>,
  signal?: AbortSignal,
): Promise<ComparedGroup[]> {
  signal?.throwIfAborted()
  const { conditions, parameters } = scopeConditions(scope)
  const place = scope.byPath || by === 'kind' ? places[by] : `a.database_key || ' ' || ${places[by]}`
  const rows = await database.rows<GroupRow>(
    `select ${place} as place, a.run_uid, count(*) filter (where a.status = 'Drafted')::integer as rows,
       count(*) filter (where a.band = 'High')::integer as high, count(*) filter (where a.band = 'Medium')::integer as medium,
       count(*) filter (where a.band = 'Low')::integer as low, avg(a.score)::float8 as mean,
       count(*) filter (where a.review_state = 'Accepted')::integer as accepted,
       count(*) filter (where a.review_state = 'Rejected')::integer as rejected
     from ${comparedTables} where ${conditions.join(' and ')} group by 1, 2 order by 1 limit ${mostGroups}`,
    parameters.values,
  )
  const none = { rows: 0, high: 0, medium: 0, low: 0, mean: null, accepted: 0, rejected: 0 }
  return [...Map.groupBy(rows, (row) => row.place)].map(([name, found]) => ({
    place: name,
    figures: scope.runUids.map((uid) => {
      const row = found.find(({ run_uid }) => run_uid === uid)
      if (row === undefined) return none
      const { place: _, run_uid: __, ...figures } = row
      return figures
    }),
  }))
}
