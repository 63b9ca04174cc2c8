import type { ApplyRow, AssetKind } from '@amx/api'
import type { Queryable } from '../database.ts'
import type { UnitRow } from './unit-row.ts'

interface IntentRow {
  readonly unit_id: string
  readonly asset_id: string
  readonly path: string
  readonly kind: AssetKind
  readonly text: string
  readonly expected: string | null
  readonly intended: boolean
}

/**
 * The rows of claimed apply units, with the intent to write each recorded in this transaction. A unit whose rows all left the
 * queue meanwhile is done and is missing from the answer.
 */
export async function takeApplyRows(
  tx: Queryable,
  runUid: string,
  units: readonly UnitRow[],
): Promise<ReadonlyMap<string, ApplyRow[]>> {
  if (units.length === 0) return new Map()
  const ids = units.map(({ id }) => id)
  const rows = await tx.rows<IntentRow>(
    `with queued as (
       update amx.queue set state = 'Applying', error = null where unit_id = any($2::bigint[]) returning *
     ), taken as (
       select unit_id, asset_id, database_key, path, kind, text, expected, decided_by, null::bigint as undoes from queued
       union all
       select unit_id, asset_id, database_key, path, kind, text, expected, decided_by, undoes
       from amx.rollback_rows where unit_id = any($2::bigint[])
     ), known as (
       -- Writes that were lost sight of, and that nobody looked for since.
       select distinct c.asset_id from taken join amx.applied_changes c using (asset_id)
       where (c.outcome is null or c.outcome = 'Unknown') and (c.outcome is null or not exists (
         select from amx.applied_changes later
         where later.database_key = c.database_key and later.path = c.path and later.id > c.id
           and later.outcome in ('Applied', 'AlreadyThere', 'Drifted')))
     ), intents as (
       insert into amx.applied_changes
         (run_uid, namespace, asset_id, unit_id, database_key, path, kind, new_text, expected, dry_run, decided_by, applied_by, undoes)
       select r.uid, r.namespace, t.asset_id, t.unit_id, t.database_key, t.path, t.kind, t.text, t.expected,
         (r.settings #>> '{apply,dryRun}')::boolean, t.decided_by,
         -- What a run of another type writes without a policy, it writes because whoever decided asked for it.
         case when r.type not in ('Apply', 'Rollback') and r.settings #>> '{apply,policy}' <> 'OnAccept' then t.decided_by
           else coalesce(r.requested_by, 'MetadataRun ' || r.name) end, t.undoes
       from taken t join amx.runs r on r.uid = $1
       on conflict (unit_id, asset_id) do nothing
     )
     select t.unit_id::text, t.asset_id::text, t.path, t.kind, t.text, t.expected,
       t.asset_id in (select asset_id from known) as intended
     from taken t order by t.path`,
    [runUid, ids],
  )
  const ofUnit = new Map<string, ApplyRow[]>()
  const attempts = new Map(units.map(({ id, attempt }) => [id, attempt]))
  for (const row of rows) {
    const list = ofUnit.get(row.unit_id) ?? []
    list.push({
      rowId: row.asset_id,
      path: row.path,
      kind: row.kind,
      text: row.text,
      expected: row.expected,
      intended: row.intended || (attempts.get(row.unit_id) ?? 1) > 1,
    })
    ofUnit.set(row.unit_id, list)
  }
  const empty = ids.filter((id) => !ofUnit.has(id))
  if (empty.length > 0) {
    await tx.rows(
      `update amx.units set state = 'done', settled_attempt = attempt, holder = null, lease_until = null
       where id = any($1::bigint[])`,
      [empty],
    )
  }
  return ofUnit
}
