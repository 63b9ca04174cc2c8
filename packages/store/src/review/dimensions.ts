import { type ResultDimension, type ResultFilter, resultDimensions, resultFilterNames } from '@amx/api'
import type { Database } from '../database.ts'
import { createParameters } from '../keyset.ts'
import { type FilteredRun, resultConditions } from './result-conditions.ts'

/** Rows that have the same value in every dimension. */
export interface Combination {
  /** In the order of {@link resultDimensions}: that of the parts of the column amx.assets.dimensions. */
  readonly values: readonly string[]
  readonly rows: number
  readonly scoreSum: number
  readonly scoreCount: number
}

/**
 * The combinations of a run under all of a filter that is no dimension; a few hundred at most, whatever the size of the run. They
 * are counted already where nothing but dimensions is asked for.
 */
export async function countCombinations(
  database: Database,
  run: FilteredRun,
  filter: ResultFilter,
): Promise<Combination[]> {
  const rest = without(filter, resultDimensions)
  const parameters = createParameters()
  const columns = 'dimensions, rows, score_sum::float8 as "scoreSum", score_count as "scoreCount"'
  const text = isEmptyFilter(rest)
    ? `select ${columns} from amx.dimension_counts where run_uid = ${parameters.add(run.uid)} and rows > 0`
    : `select ${columns} from (
         select a.dimensions, count(*)::integer as rows, coalesce(sum(a.score), 0) as score_sum,
           count(a.score)::integer as score_count
         from amx.assets a where ${resultConditions(run, rest, parameters).join(' and ')} group by a.dimensions
       ) counted`
  const rows = await database.rows<Omit<Combination, 'values'> & { readonly dimensions: string }>(
    text,
    parameters.values,
  )
  return rows.map(({ dimensions: joined, ...counted }) => ({ ...counted, values: joined.split('|') }))
}

/** Whether a combination matches the filters on dimensions, one of them left out. */
export function matchesDimensions(filter: ResultFilter, leftOut: ResultDimension | null): (of: Combination) => boolean {
  return ({ values }) =>
    resultDimensions.every((name, place) => {
      const asked = filter[name]
      if (asked === undefined || name === leftOut) return true
      if (typeof asked === 'boolean') return values[place] === String(asked)
      return asked.length === 0 || asked.some((one) => one === values[place])
    })
}

/** The value of a combination in one dimension. */
export function dimensionOf({ values }: Combination, name: ResultDimension): string {
  return values[resultDimensions.indexOf(name)] ?? ''
}

export function sumRows(combinations: readonly Combination[]): number {
  return combinations.reduce((total, { rows }) => total + rows, 0)
}

/** A filter that asks for less. */
export function without(filter: ResultFilter, names: readonly (keyof ResultFilter)[]): ResultFilter {
  const kept = resultFilterNames.filter((name) => !names.includes(name) && filter[name] !== undefined)
  return Object.fromEntries(kept.map((name) => [name, filter[name]]))
}

/** Whether a filter asks for nothing but dimensions. */
export function isOfDimensions(filter: ResultFilter): boolean {
  return isEmptyFilter(without(filter, resultDimensions))
}

export function isEmptyFilter(filter: ResultFilter): boolean {
  return Object.keys(filter).length === 0
}
