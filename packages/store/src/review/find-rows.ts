import type { ResultFilter } from '@amx/api'
import { type Database, oneRow } from '../database.ts'
import { createParameters, type Parameters } from '../keyset.ts'
import { countCombinations, isEmptyFilter, isOfDimensions, matchesDimensions, sumRows, without } from './dimensions.ts'
import { type FilteredRun, resultConditions, searchCondition } from './result-conditions.ts'

/** As many rows as are remembered by their ids: a page of them is sorted sooner than an index is walked in search of them. */
const fewRows = 2_000

/** Rows of a run that match a filter. */
export interface FoundRows {
  readonly total: number
  /** Which ones, where they are few and were looked for one by one; else null. */
  readonly ids: readonly string[] | null
}

/** Whether so many rows are kept by their ids. */
export function isFew(rows: number): boolean {
  return rows <= fewRows
}

/** Counts the rows that match. They are counted already unless more is asked for than dimensions; else all are read, once. */
export async function findRows(database: Database, run: FilteredRun, filter: ResultFilter): Promise<FoundRows> {
  if (isOfDimensions(filter)) {
    const combinations = await countCombinations(database, run, filter)
    return { total: sumRows(combinations.filter(matchesDimensions(filter, null))), ids: null }
  }
  const { search = '' } = filter
  if (search === '' || run.searched !== undefined) return readFound(database, run, filter)
  const found = await findTexts(database, run, search)
  // Every row that is listed has a search text: where nothing else is asked for, they are all there is to count.
  if (isEmptyFilter(without(filter, ['search']))) return found
  return readFound(database, withFound(run, found), filter)
}

/** The run with the rows that the search of a filter finds, so that they are looked for once however often they are asked for. */
export async function searchRun<Run extends FilteredRun>(
  database: Database,
  run: Run,
  { search = '' }: ResultFilter,
): Promise<Run> {
  return search === '' ? run : withFound(run, await findTexts(database, run, search))
}

function withFound<Run extends FilteredRun>(run: Run, { ids }: FoundRows): Run {
  return ids === null ? run : { ...run, searched: ids }
}

function readFound(database: Database, run: FilteredRun, filter: ResultFilter): Promise<FoundRows> {
  const parameters = createParameters()
  const conditions = resultConditions(run, filter, parameters)
  return countAndKeep(database, `select a.id from amx.assets a where ${conditions.join(' and ')}`, parameters)
}

function findTexts(database: Database, run: FilteredRun, search: string): Promise<FoundRows> {
  const parameters = createParameters()
  const ofRun = `s.run_uid = ${parameters.add(run.uid)}`
  return countAndKeep(
    database,
    `select s.asset_id as id from amx.search_texts s where ${ofRun} and ${searchCondition(search, parameters)}`,
    parameters,
  )
}

async function countAndKeep(database: Database, ids: string, parameters: Parameters): Promise<FoundRows> {
  const { total, kept } = await oneRow<{ total: number; kept: readonly string[] | null }>(
    database,
    `select count(*)::integer as total, case when count(*) <= ${fewRows} then array_agg(id)::text[] end as kept from (${ids}) as found`,
    parameters.values,
  )
  return { total, ids: total === 0 ? [] : kept }
}
