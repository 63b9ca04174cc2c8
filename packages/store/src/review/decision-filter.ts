import { canonicalAssetPath } from '@amx/api'
import type { DecisionFilter } from '../contract.ts'
import type { Queryable } from '../database.ts'
import { createParameters } from '../keyset.ts'
import type { AssetVerdict } from './verdicts.ts'
import { lockedVersions } from './version-locks.ts'

const bandsFrom = { High: ['High'], Medium: ['High', 'Medium'], Low: ['High', 'Medium', 'Low'] } as const

/** A row that is in the warehouse, or on its way there, is not decided again. */
export const stillOpen = `coalesce(a.apply_outcome, '') not in ('Applied', 'AlreadyThere')
  and not exists (select from amx.queue q where q.asset_id = a.id and q.state = 'Applying')`

/** A first alternative that may be accepted as it stands. */
export const acceptableTop = `not a.top_fallback and btrim(d.alternatives #>> '{0,text}', E' \\t\\r\\n') <> ''`

/**
 * The verdicts of a filter over the whole draft: Accept, Skip and Reject touch rows that nobody accepted or rejected yet,
 * Restore those that somebody decided. Placeholders, and versions that another one locks, are never accepted.
 */
export async function verdictsOfFilter(
  tx: Queryable,
  runUid: string,
  filter: DecisionFilter,
): Promise<readonly AssetVerdict[]> {
  const parameters = createParameters()
  const accept = filter.verdict === 'Accept'
  const conditions = [
    `a.run_uid = ${parameters.add(runUid)}`,
    `a.status = 'Drafted'`,
    stillOpen,
    filter.verdict === 'Restore' ? `a.review_state <> 'Unreviewed'` : `a.review_state in ('Unreviewed', 'Skipped')`,
  ]
  if (accept) conditions.push(acceptableTop)
  if (filter.minimumConfidence !== undefined) {
    conditions.push(`a.band = any(${parameters.add(bandsFrom[filter.minimumConfidence])}::text[])`)
  }
  if (filter.tables !== undefined && filter.tables.length > 0) {
    conditions.push(`a.table_path = any(${parameters.add(filter.tables.map(canonicalAssetPath))}::text[])`)
  }
  if (filter.kinds !== undefined && filter.kinds.length > 0) {
    conditions.push(`a.kind = any(${parameters.add(filter.kinds)}::text[])`)
  }
  const rows = await tx.rows<{ id: string; text: string }>(
    `select a.id::text, d.alternatives #>> '{0,text}' as text
     from amx.assets a join amx.drafts d on d.asset_id = a.id
     where ${conditions.join(' and ')} order by a.target_index, a.path`,
    parameters.values,
  )
  const open = accept ? await withoutLocked(tx, rows) : rows
  return open.map(({ id, text }) => ({
    assetId: id,
    verdict: filter.verdict,
    alternative: accept ? 1 : null,
    text: accept ? text : null,
  }))
}

/** Rows to accept without those that another version locks. */
export async function withoutLocked<Row extends { readonly id: string }>(
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
