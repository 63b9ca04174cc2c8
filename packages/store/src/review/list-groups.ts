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
import { searchRun } from './find-rows.ts'
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
  const run = await searchRun(database, await readListedRun(database, runUid), query)
  const after = readAfter(query)
  const { by } = query
  if ((by === 'band' || by === 'kind') && isOfDimensions(query)) return groupCounted(database, run, { ...query, by })
  const parameters = createParameters()
  const grouping = groupings[by]
  const conditions = [...resultConditions(run, query, parameters), ...grouping.conditions]
  const where = conditions.join(' and ')
  const keys = after?.map((key) => parameters.add(key))
  const rows = await database.rows<GroupRow>(
    by === 'name'
      ? namesSql(where, keys, parameters.add(query.limit + 1))
      : `select * from (
           select ${grouping.key} collate "C" as key, '' as type, ${counts} from amx.assets a where ${where} group by ${grouping.key}
         ) as grouped ${keys === undefined ? '' : `where key > ${keys[0]}`} order by key limit ${parameters.add(query.limit + 1)}`,
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
  readonly data_type?: string | null
}

const inState = (['Unreviewed', 'Accepted', 'Skipped', 'Rejected'] as const).map(
  (state) => `(count(*) filter (where a.review_state = '${state}'))::integer as ${state.toLowerCase()}`,
)
const counts = `count(*)::integer as rows, ${inState.join(', ')}, avg(a.score) as "meanScore"`

interface Grouping {
  readonly key: string
  readonly conditions: readonly string[]
}

const groupings: Readonly<Record<ResultGrouping, Grouping>> = {
  schema: { key: schemaOfTable('a.table_path'), conditions: [] },
  table: { key: 'a.table_path', conditions: ['a.table_id is not null'] },
  band: { key: `coalesce(a.band, 'None')`, conditions: [] },
  kind: { key: 'a.kind', conditions: [] },
  name: { key: 'a.column_name', conditions: ['a.column_name is not null'] },
}

/**
 * Columns of the same name and type, and how many texts they have. The texts of the groups of a page are counted apart: an index
 * holds them in the order in which they are counted, and all else is counted without putting rows in order.
 */
function namesSql(where: string, after: readonly string[] | undefined, limit: string): string {
  const [rows, name, type] = after ?? []
  const behind =
    after === undefined
      ? 'true'
      : `(rows < ${rows}::integer or rows = ${rows}::integer and (key, type) > (${name}, ${type}))`
  return `with page as materialized (
      select * from (
        select a.column_name collate "C" as key, coalesce(a.data_type, '') collate "C" as type, a.data_type, ${counts}
        from amx.assets a where ${where} group by a.column_name, a.data_type
      ) as grouped where ${behind} order by rows desc, key, type limit ${limit}
    ), texts as (
      select a.column_name, a.data_type, count(distinct a.draft_hash)::integer as texts
      from amx.assets a where ${where} and a.column_name = any(array(select key from page)) group by a.column_name, a.data_type
    )
    select page.*, texts.texts from page join texts
      on texts.column_name = page.key and texts.data_type is not distinct from page.data_type
    order by rows desc, key, type`
}

function readAfter({ by, after }: GroupQuery): readonly (string | number)[] | null {
  const keys = readCursor(after, by === 'name' ? 4 : 2)
  if (keys === null) return null
  const [grouping, ...rest] = keys
  if (grouping === by && (by !== 'name' || Number.isInteger(rest[0]))) return rest
  throw new AmxError('AMX-1014', { problem: 'the page cursor is not one of this list' })
}

function toGroup(by: ResultGrouping, { type, data_type: _, ...row }: GroupRow): ResultGroup {
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
