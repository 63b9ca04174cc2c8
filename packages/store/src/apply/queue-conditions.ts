import { canonicalAssetPath, formatAssetPath, narrowPaths, parseAssetPath, type Scope } from '@amx/api'
import type { Parameters } from '../keyset.ts'
import { defaultLeaseMs, ranOut } from '../work/lease.ts'

/** What of the queue's rows of a database is meant. */
export type QueueScope = Pick<Scope, 'include' | 'exclude' | 'kinds'>

/** SQL: a worker holds queue entry `q`, or will again. A row whose worker died in a run that ended is not being written. */
export const isBeingWritten = `(q.state = 'Applying' and exists (
  select from amx.units busy join amx.runs other on other.uid = busy.run_uid
  where busy.id = q.unit_id and (busy.state = 'leased' and not ${ranOut('busy.lease_until', String(defaultLeaseMs))}
    or busy.state in ('waiting', 'leased') and not other.finished and other.desired_state <> 'Cancel'
      and other.archived_at is null)))`

/** SQL: queue entry `q` is in no unit that some run is about to write. */
export const notBeingWritten = `not exists (
  select from amx.units busy join amx.runs other on other.uid = busy.run_uid
  where busy.id = q.unit_id and busy.state in ('waiting', 'leased') and not other.finished
    and other.desired_state <> 'Cancel' and other.archived_at is null)`

/** SQL: the decision that accepted queue entry `q` asked for its writing. */
export const decidedToApply = `exists (
  select from amx.assets a join amx.decisions d on d.uid = a.decision_uid where a.id = q.asset_id and d.apply)`

// Columns come with their relation, whose kind stands in the catalog it was read with.
const relationKind = `(select t.catalog ->> 'kind' from amx.assets a join amx.tables t on t.id = a.table_id where a.id = q.asset_id)`

/** SQL conditions on queue entry `q`: it is in the scope. No kinds means every kind. Throws AMX-1011 for a path. */
export function inScope(scope: QueueScope, parameters: Parameters): string[] {
  const conditions: string[] = []
  const include = narrowPaths(scope.include.map(parseAssetPath))
  const exclude = scope.exclude.map(parseAssetPath)
  if (include.length > 0 && !include.some(({ length }) => length === 0)) {
    conditions.push(isBelow(parameters.add(include.map(formatAssetPath))))
  }
  if (exclude.some(({ length }) => length === 0)) conditions.push('false')
  else if (exclude.length > 0) conditions.push(`not ${isBelow(parameters.add(exclude.map(formatAssetPath)))}`)
  if (scope.kinds.length > 0) {
    const kinds = parameters.add(scope.kinds)
    conditions.push(`case q.kind when 'Column' then ${relationKind} else q.kind end = any(${kinds}::text[])`)
  }
  return conditions
}

/** SQL condition on queue entry `q`: it is one of these assets, each for itself. Throws AMX-1011 for a path. */
export function isOneOf(assets: readonly string[], parameters: Parameters): string {
  return `q.path = any(${parameters.add(assets.map(canonicalAssetPath))}::text[])`
}

// Parts with a dot are quoted, so a dot after a path always begins what lies below it.
function isBelow(paths: string): string {
  return `exists (select from unnest(${paths}::text[]) as entry where q.path = entry or starts_with(q.path, entry || '.'))`
}
