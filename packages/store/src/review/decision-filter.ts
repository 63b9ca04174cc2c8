import { canonicalAssetPath } from '@amx/api'
import { isBeingWritten } from '../apply/queue-conditions.ts'
import type { DecisionFilter } from '../contract.ts'
import type { Queryable } from '../database.ts'
import { createParameters, type Parameters } from '../keyset.ts'
import { bandsFrom, bandsUpTo } from './band-ranges.ts'
import { ownText } from './own-text.ts'
import { type AssetVerdict, verdictsAtOnce } from './verdicts.ts'
import { lockedVersions } from './version-locks.ts'

/** A row that is in the warehouse, or on its way there, is not decided again. */
export const stillOpen = `coalesce(a.apply_outcome, '') not in ('Applied', 'AlreadyThere')
  and not exists (select from amx.queue q where q.asset_id = a.id and ${isBeingWritten})`

/** A first alternative that may be accepted as it stands. */
export const acceptableTop = `not a.top_fallback and btrim(d.alternatives #>> '{0,text}', E' \\t\\r\\n') <> ''`

/**
 * The verdicts of a filter over the whole draft: Accept, Skip and Reject touch rows that nobody accepted or rejected yet,
 * Restore those that somebody decided, unless `states` says otherwise. Placeholders, and versions that another one locks, are
 * never accepted. Throws AMX-1008 for a text that is none.
 */
export function verdictsOfFilter(
  tx: Queryable,
  runUid: string,
  filter: DecisionFilter,
): AsyncIterable<readonly AssetVerdict[]> {
  const accept = filter.verdict === 'Accept'
  const own = accept && filter.text !== undefined ? ownText(filter.text, `columns "${filter.columnName}"`) : null
  const verdict = { verdict: filter.verdict, alternative: accept && own === null ? 1 : null, text: own }
  return verdictsWhere(tx, (parameters) => conditionsOf(runUid, filter, own !== null, parameters), verdict)
}

/**
 * One verdict for all rows under conditions on asset `a` and draft `d`, by slices in the order of their paths: neither the ids
 * of a whole draft nor a statement over all of it are ever held. Rows that another version locks are left out of an Accept.
 */
export async function* verdictsWhere(
  tx: Queryable,
  conditionsWith: (parameters: Parameters) => readonly string[],
  verdict: Omit<AssetVerdict, 'assetId'>,
): AsyncGenerator<readonly AssetVerdict[]> {
  for (let last: { readonly id: string; readonly path: string } | undefined; ; ) {
    const parameters = createParameters()
    const conditions = [...conditionsWith(parameters)]
    if (last !== undefined) {
      conditions.push(`(a.path, a.id) > (${parameters.add(last.path)}, ${parameters.add(last.id)}::bigint)`)
    }
    const rows = await tx.rows<{ id: string; path: string }>(
      `select a.id::text, a.path
       from amx.assets a left join amx.drafts d on d.asset_id = a.id
       where ${conditions.join(' and ')} order by a.path, a.id limit ${verdictsAtOnce}`,
      parameters.values,
    )
    last = rows.at(-1)
    if (last === undefined) return
    const open = verdict.verdict === 'Accept' ? await withoutLocked(tx, rows) : rows
    yield open.map(({ id }) => ({ ...verdict, assetId: id }))
  }
}

function conditionsOf(runUid: string, filter: DecisionFilter, ownWords: boolean, parameters: Parameters): string[] {
  const { verdict, minimumConfidence, maximumConfidence, tables, kinds, sources, columnName, dataType } = filter
  const states =
    filter.states ?? (verdict === 'Restore' ? ['Accepted', 'Skipped', 'Rejected'] : ['Unreviewed', 'Skipped'])
  const isOneOf = (column: string, values: readonly string[]) => `${column} = any(${parameters.add(values)}::text[])`
  const conditions = [`a.run_uid = ${parameters.add(runUid)}`, stillOpen, isOneOf('a.review_state', states)]
  // Own words need no draft: they serve a column that the model had nothing to say about.
  conditions.push(ownWords ? `a.planned and a.status <> 'Planned'` : `a.status = 'Drafted'`)
  if (verdict === 'Accept' && !ownWords) conditions.push(acceptableTop)
  if (minimumConfidence !== undefined) conditions.push(isOneOf('a.band', bandsFrom[minimumConfidence]))
  if (maximumConfidence !== undefined) {
    conditions.push(`(a.band is null or ${isOneOf('a.band', bandsUpTo[maximumConfidence])})`)
  }
  if (tables !== undefined && tables.length > 0)
    conditions.push(isOneOf('a.table_path', tables.map(canonicalAssetPath)))
  if (kinds !== undefined && kinds.length > 0) conditions.push(isOneOf('a.kind', kinds))
  if (sources !== undefined && sources.length > 0) conditions.push(isOneOf(`coalesce(a.source, 'profile')`, sources))
  if (columnName !== undefined) conditions.push(`a.column_name = ${parameters.add(columnName)}`)
  if (dataType !== undefined) {
    conditions.push(`exists (select from amx.tables t, jsonb_array_elements(t.catalog -> 'columns') as c
      where t.id = a.table_id and c ->> 'name' = a.column_name and c ->> 'type' = ${parameters.add(dataType)})`)
  }
  return conditions
}

/** Rows to accept without those that another version locks. */
async function withoutLocked<Row extends { readonly id: string }>(
  tx: Queryable,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const locked = await lockedVersions(
    tx,
    rows.map(({ id }) => id),
  )
  if (locked.length === 0) return rows
  const ids = new Set(locked.map(({ assetId }) => assetId))
  return rows.filter(({ id }) => !ids.has(id))
}
