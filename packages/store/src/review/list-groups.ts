import { AmxError, type ResultFilter, type ResultGroup, type ResultGrouping, type ResultGroups } from '@amx/api'
import type { Database } from '../database.ts'
import { createParameters, cutPage, readCursor, writeCursor } from '../keyset.ts'
import {
  type Combination,
  countCombinations,
  dimensionOf,
  isOfDimensions,
  matchesDimensions,
  sumRows,
} from './dimensions.ts'
import { readListedRun } from './list-results.ts'
import { type FilteredRun, resultConditions, schemaOfTable } from './result-conditions.ts'

export interface GroupQuery extends ResultFilter {
  readonly by: ResultGrouping
  readonly limit: number
  readonly after?: string
}

/**
 * Rows of a run in groups: schemas and tables by path, bands and kinds, or columns of the same name and type, the largest group
 * first. Throws AMX-1013 when the run is not known.
 */
export async function listGroups(
  database: Database,
  runUid: string,
  query: GroupQuery,
  signal?: AbortSignal,
): Promise<ResultGroups> {
  signal?.throwIfAborted()
  const run = await readListedRun(database, runUid)
  const after = readAfter(query)
  const { by } = query
  if ((by === 'band' || by === 'kind') && isOfDimensions(query)) return groupCounted(database, run, { ...query, by })
  const parameters = createParameters()
  const grouping = groupings[by]
  const conditions = [...resultConditions(run, query, parameters), ...grouping.conditions]
  const behind =
    after === null
      ? 'true'
      : behindSql(
          by,
          after.map((key) => parameters.add(key)),
        )
  const rows = await database.rows<GroupRow>(
    `select * from (
       select ${grouping.columns}, count(*)::integer as rows, ${counts}, avg(a.score) as "meanScore"
         ${by === 'name' ? `, count(distinct a.draft_hash)::integer as texts` : ''}
       from amx.assets a where ${conditions.join(' and ')} group by ${grouping.keys}
     ) grouped where ${behind}
     order by ${by === 'name' ? 'rows desc, key, type' : 'key'} limit ${parameters.add(query.limit + 1)}`,
    parameters.values,
  )
  const { page, last } = cutPage(rows, query.limit)
  const next =
    last === null ? null : writeCursor([by, ...(by === 'name' ? [last.rows, last.key, last.type] : [last.key])])
  return { groups: page.map((row) => toGroup(by, row)), next }
}

interface GroupRow extends Omit<ResultGroup, 'filter'> {
  /** Data type of the columns; empty for other groups. */
  readonly type: string
}

const counts = (['Unreviewed', 'Accepted', 'Skipped', 'Rejected'] as const)
  .map((state) => `(count(*) filter (where a.review_state = '${state}'))::integer as ${state.toLowerCase()}`)
  .join(', ')

interface Grouping {
  readonly columns: string
  readonly keys: string
  readonly conditions: readonly string[]
}

const groupedBy = (key: string, conditions: readonly string[] = []): Grouping => ({
  columns: `${key} collate "C" as key, '' as type`,
  keys: key,
  conditions,
})

const groupings: Readonly<Record<ResultGrouping, Grouping>> = {
  schema: groupedBy(schemaOfTable('a.table_path')),
  table: groupedBy('a.table_path', ['a.table_id is not null']),
  band: groupedBy(`coalesce(a.band, 'None')`),
  kind: groupedBy('a.kind'),
  name: {
    columns: `a.column_name collate "C" as key, coalesce(a.data_type, '') collate "C" as type`,
    keys: 'a.column_name, a.data_type',
    conditions: ['a.column_name is not null'],
  },
}

function behindSql(by: ResultGrouping, keys: readonly string[]): string {
  if (by !== 'name') return `key > ${keys[0]}`
  const [rows, name, type] = keys
  return `(rows < ${rows}::integer or rows = ${rows}::integer and (key, type) > (${name}, ${type}))`
}

function readAfter({ by, after }: GroupQuery): readonly (string | number)[] | null {
  const keys = readCursor(after, by === 'name' ? 4 : 2)
  if (keys === null) return null
  const [grouping, ...rest] = keys
  if (grouping === by && (by !== 'name' || Number.isInteger(rest[0]))) return rest
  throw new AmxError('AMX-1014', { problem: 'the page cursor is not one of this list' })
}

function toGroup(by: ResultGrouping, { type, ...row }: GroupRow): ResultGroup {
  const filter = by === 'name' ? { columnName: row.key, ...(type === '' ? {} : { dataType: type }) } : { [by]: row.key }
  return { ...row, filter }
}

/** Few groups, all counted already: there is one page. */
async function groupCounted(
  database: Database,
  run: FilteredRun,
  query: GroupQuery & { readonly by: 'band' | 'kind' },
): Promise<ResultGroups> {
  const combinations = await countCombinations(database, run, query)
  const matching = combinations.filter(matchesDimensions(query, null))
  const byKey = Map.groupBy(matching, (combination) => dimensionOf(combination, query.by))
  const groups = [...byKey].map(([key, members]) => countedGroup(query.by, key, members))
  return { groups: groups.sort((one, other) => (one.key < other.key ? -1 : 1)), next: null }
}

function countedGroup(by: 'band' | 'kind', key: string, members: readonly Combination[]): ResultGroup {
  const inState = (state: string) => sumRows(members.filter((member) => dimensionOf(member, 'state') === state))
  const scored = members.reduce((sum, { scoreCount }) => sum + scoreCount, 0)
  const scores = members.reduce((sum, { scoreSum }) => sum + scoreSum, 0)
  return {
    key,
    filter: { [by]: key },
    rows: sumRows(members),
    unreviewed: inState('Unreviewed'),
    accepted: inState('Accepted'),
    skipped: inState('Skipped'),
    rejected: inState('Rejected'),
    meanScore: scored === 0 ? null : scores / scored,
  }
}
