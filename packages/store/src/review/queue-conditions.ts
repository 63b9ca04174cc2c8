import { canonicalAssetPath, type QueueFilter } from '@amx/api'
import { escapedLike, type Parameters } from '../keyset.ts'
import { withinSchema } from './result-conditions.ts'

/** SQL conditions on queue entry `q` of run `r`: the entries of a namespace that match a filter. */
export function queueConditions(namespace: string, filter: QueueFilter, parameters: Parameters): string[] {
  const conditions = [`q.namespace = ${parameters.add(namespace)}`]
  const among = (column: string, values: readonly string[] = []) => {
    if (values.length > 0) conditions.push(`${column} = any(${parameters.add(values)}::text[])`)
  }
  if (filter.runUid !== undefined) conditions.push(`q.run_uid = ${parameters.add(filter.runUid)}`)
  if (filter.target !== undefined && filter.target.length > 0) {
    const targets = `${parameters.add(filter.target)}::text[]`
    conditions.push(`(q.database_key = any(${targets}) or exists (
      select from amx.runs r, jsonb_array_elements(r.settings -> 'targets') as t
      where r.uid = q.run_uid and t ->> 'databaseKey' = q.database_key
        and (t ->> 'profileName' = any(${targets}) or concat_ws('/', t ->> 'profileName', t #>> '{postgresql,database}') = any(${targets}))))`)
  }
  among('q.state', filter.state)
  among('q.kind', filter.kind)
  among('q.decided_by', filter.decidedBy)
  among('q.table_path', filter.table?.map(canonicalAssetPath))
  const schemas = filter.schema ?? []
  if (schemas.length > 0) {
    const within = schemas.map((schema) => withinSchema('q', canonicalAssetPath(schema), parameters))
    conditions.push(`(${within.join(' or ')})`)
  }
  if (filter.search !== undefined && filter.search !== '') {
    conditions.push(
      `lower(q.path || E'\\n' || q.text) like lower(${parameters.add(`%${escapedLike(filter.search)}%`)})`,
    )
  }
  return conditions
}
