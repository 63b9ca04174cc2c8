import { canonicalAssetPath, noValue, type ResultFilter, type RunSettings } from '@amx/api'
import { escapedLike, type Parameters } from '../keyset.ts'
import { targetName } from '../runs/target-name.ts'

/** The run whose rows are looked at. */
export interface FilteredRun {
  readonly uid: string
  readonly targets: RunSettings['targets']
  /** Ids of the rows that the search of the filter finds, where they are few and were looked for already. */
  readonly searched?: readonly string[]
}

/** SQL conditions on asset `a`: the rows of a run that match a filter. */
export function resultConditions(run: FilteredRun, filter: ResultFilter, parameters: Parameters): string[] {
  const conditions = [`a.run_uid = ${parameters.add(run.uid)}`]
  const among = (column: string, values: readonly unknown[] | undefined, type = 'text') => {
    if (values === undefined || values.length === 0) return
    conditions.push(`${column} = any(${parameters.add(values)}::${type}[])`)
  }
  const bounded = (condition: string, value: number | boolean | undefined) => {
    if (value !== undefined) conditions.push(`${condition} ${parameters.add(value)}`)
  }
  conditions.push(`a.status <> 'Planned'`)
  among('a.status', filter.status)
  among('a.review_state', filter.state)
  among(`coalesce(a.band, '${noValue}')`, filter.band)
  among('a.kind', filter.kind)
  among(`coalesce(a.source, 'profile')`, filter.source)
  among(`coalesce(a.apply_outcome, '${noValue}')`, filter.applyOutcome)
  among('a.column_name', filter.columnName)
  among('a.data_type', filter.dataType)
  among('a.version', filter.version, 'integer')
  among('a.target_index', filter.target && targetIndexes(run, filter.target), 'integer')
  among('a.table_path', filter.table?.map(canonicalPath))
  const schemas = filter.schema?.map(canonicalPath) ?? []
  if (schemas.length > 0) {
    conditions.push(`(${schemas.map((schema) => withinSchema('a', schema, parameters)).join(' or ')})`)
  }
  bounded('a.score >=', filter.minimumScore)
  bounded('a.score <=', filter.maximumScore)
  bounded('a.has_citations =', filter.hasCitations)
  bounded('(a.existing_comment is not null) =', filter.hasComment)
  bounded('a.has_warnings =', filter.hasWarnings)
  if (filter.path !== undefined && filter.path !== '') {
    const pattern = escapedLike(filter.path).replaceAll('*', '%').replaceAll('?', '_')
    conditions.push(`lower(a.path collate "default") like lower(${parameters.add(pattern)})`)
  }
  if (filter.search !== undefined && filter.search !== '') {
    conditions.push(
      run.searched === undefined
        ? `a.id in (select s.asset_id from amx.search_texts s where s.run_uid = $1 and ${searchCondition(filter.search, parameters)})`
        : `a.id = any(${parameters.add(run.searched)}::bigint[])`,
    )
  }
  return conditions
}

/** Condition on the search text `s` of a row, which is in small letters. Finding a position skips ahead, which `like` does not. */
export function searchCondition(search: string, parameters: Parameters): string {
  return `strpos(s.text, lower(${parameters.add(search)})) > 0`
}

/** Places of targets; one that no row has where none is meant. */
function targetIndexes(run: FilteredRun, targets: readonly string[]): number[] {
  const found = run.targets.flatMap(({ databaseKey }, index) =>
    targets.includes(databaseKey) || targets.includes(targetName(run, index)) ? [index] : [],
  )
  return targets.length > 0 && found.length === 0 ? [-1] : found
}

/** A schema with all that is in it, of a table with the column table_path: everything between its path with a dot and its path with the character after the dot. */
export function withinSchema(table: string, schema: string, parameters: Parameters): string {
  const own = parameters.add(schema)
  const [from, to] = [parameters.add(`${schema}.`), parameters.add(`${schema}/`)]
  return `(${table}.table_path = ${own} or ${table}.table_path > ${from} and ${table}.table_path < ${to})`
}

/** SQL for the path of the schema that a path of a table lies in: its first part, quoted where it is. */
export function schemaOfTable(column: string): string {
  return `substring(${column} from '^(?:"(?:[^"]|"")*"|[^.])+')`
}

function canonicalPath(path: string): string {
  try {
    return canonicalAssetPath(path)
  } catch {
    return path
  }
}
