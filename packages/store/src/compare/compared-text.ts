import { createParameters, type Parameters } from '../keyset.ts'

/** Which rows of the runs are compared. */
export interface ComparedScope {
  readonly runUids: readonly string[]
  /** Whether rows belong together by their path alone, as each run covers one database; else also by their database. */
  readonly byPath: boolean
  readonly search?: string
  readonly schema?: string
  readonly table?: string
  readonly column?: string
  readonly kind?: string
}

/** The text a row stands for: the chosen one, else the first alternative unless it is a placeholder. */
export const comparedText = `coalesce(a.chosen_text,
  case when not coalesce(a.top_fallback, true) then d.alternatives #>> '{0,text}' end)`

/** Of `amx.assets a left join amx.drafts d`, whose runs are the first parameter. */
export function scopeConditions(scope: ComparedScope): { conditions: string[]; parameters: Parameters } {
  const parameters = createParameters()
  const conditions = [`a.run_uid = any(${parameters.add(scope.runUids)}::text[])`, `a.status <> 'Planned'`]
  if (scope.schema !== undefined) {
    const schema = parameters.add(scope.schema)
    conditions.push(`(a.path = ${schema} or starts_with(a.path, ${schema} || '.'))`)
  }
  if (scope.table !== undefined) conditions.push(`a.table_path = ${parameters.add(scope.table)}`)
  if (scope.column !== undefined) conditions.push(`a.column_name = ${parameters.add(scope.column)}`)
  if (scope.kind !== undefined) conditions.push(`a.kind = ${parameters.add(scope.kind)}`)
  if (scope.search !== undefined && scope.search !== '') {
    const pattern = parameters.add(`%${scope.search.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`)
    conditions.push(`(a.path ilike ${pattern} or ${comparedText} ilike ${pattern})`)
  }
  return { conditions, parameters }
}

/** What makes rows of one path different ones. */
export function targetOf({ byPath }: ComparedScope): string {
  return byPath ? `''::text` : 'a.database_key'
}

export const comparedTables = 'amx.assets a left join amx.drafts d on d.asset_id = a.id'
