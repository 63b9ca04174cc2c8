import {
  canonicalAssetPath,
  type FacetCount,
  type ResultDimension,
  type ResultFacet,
  type ResultFacets,
  type ResultFilter,
  resultFacets,
  resultListFilters,
} from '@amx/api'
import type { Database } from '../database.ts'
import { createParameters } from '../keyset.ts'
import { type Combination, countCombinations, dimensionOf, matchesDimensions, sumRows, without } from './dimensions.ts'
import { searchRun } from './find-rows.ts'
import { readListedRun } from './list-results.ts'
import { type FilteredRun, resultConditions, schemaOfTable } from './result-conditions.ts'

export interface FacetQuery extends ResultFilter {
  /** The dimensions to count; all when none is named. */
  readonly facet?: readonly ResultFacet[]
  /** Most schemas and tables. @default 20 */
  readonly top?: number
}

/**
 * Rows of a run per value of each dimension, each dimension under all filters but its own. Throws AMX-1013 when the run is not
 * known.
 */
export async function listFacets(
  database: Database,
  runUid: string,
  query: FacetQuery,
  signal?: AbortSignal,
): Promise<ResultFacets> {
  signal?.throwIfAborted()
  const run = await searchRun(database, await readListedRun(database, runUid), query)
  const wanted = query.facet ?? resultFacets
  const [combinations, places] = await Promise.all([
    countCombinations(database, run, query),
    countPlaces(database, run, query, {
      schema: wanted.includes('schema'),
      table: wanted.includes('table'),
      top: query.top ?? 20,
    }),
  ])
  const facet = (name: ResultDimension) => (wanted.includes(name) ? countsOf(combinations, query, name) : [])
  return {
    total: sumRows(combinations.filter(matchesDimensions(query, null))),
    facets: {
      status: facet('status'),
      state: facet('state'),
      band: facet('band'),
      kind: facet('kind'),
      source: facet('source'),
      applyOutcome: facet('applyOutcome'),
      hasCitations: facet('hasCitations'),
      hasComment: facet('hasComment'),
      hasWarnings: facet('hasWarnings'),
      ...places,
    },
  }
}

const yesOrNo = ['true', 'false']

function countsOf(combinations: readonly Combination[], filter: ResultFilter, name: ResultDimension): FacetCount[] {
  const counts = new Map<string, number>()
  for (const combination of combinations.filter(matchesDimensions(filter, name))) {
    const value = dimensionOf(combination, name)
    counts.set(value, (counts.get(value) ?? 0) + combination.rows)
  }
  const words: readonly string[] = isListed(name) ? resultListFilters[name] : yesOrNo
  return words.flatMap((value) => {
    const rows = counts.get(value)
    return rows === undefined ? [] : [{ value, rows }]
  })
}

function isListed(
  name: ResultDimension,
): name is Exclude<ResultDimension, 'hasCitations' | 'hasComment' | 'hasWarnings'> {
  return name in resultListFilters
}

interface WantedPlaces {
  readonly schema: boolean
  readonly table: boolean
  readonly top: number
}

/** Rows by schema and by table: both from one count by table, of which each takes the filters that are not its own. */
async function countPlaces(
  database: Database,
  run: FilteredRun,
  filter: ResultFilter,
  { schema, table, top }: WantedPlaces,
): Promise<Pick<ResultFacets['facets'], 'schema' | 'table'>> {
  if (!schema && !table) return { schema: [], table: [] }
  const parameters = createParameters()
  const conditions = resultConditions(run, without(filter, ['schema', 'table']), parameters)
  const among = (column: string, paths: readonly string[] = []) =>
    paths.length === 0 ? 'true' : `${column} = any(${parameters.add(paths.map(canonicalAssetPath))}::text[])`
  const limit = parameters.add(top)
  const facets = [
    ...(schema ? [{ name: 'schema', value: 'schema_path', where: among('table_path', filter.table) }] : []),
    ...(table
      ? [{ name: 'table', value: 'table_path', where: `of_table and ${among('schema_path', filter.schema)}` }]
      : []),
  ].map(
    ({ name, value, where }) => `(select '${name}' as facet, ${value} as value, sum(rows)::integer as rows from counted
       where ${where} group by ${value} order by 3 desc, 2 limit ${limit})`,
  )
  const rows = await database.rows<FacetCount & { readonly facet: 'schema' | 'table' }>(
    `with counted as materialized (
       select table_path, ${schemaOfTable('table_path')} as schema_path, of_table, rows from (
         select a.table_path, a.table_id is not null as of_table, count(*) as rows
         from amx.assets a where ${conditions.join(' and ')} group by 1, 2) as by_table
     )
     ${facets.join(' union all ')}`,
    parameters.values,
  )
  const of = (name: 'schema' | 'table') =>
    rows.filter(({ facet }) => facet === name).map(({ value, rows: count }) => ({ value, rows: count }))
  return { schema: of('schema'), table: of('table') }
}
