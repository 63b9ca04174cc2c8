import type { Queryable } from '../database.ts'

/**
 * What a rollback put back makes its row reviewable again. Where the text that is back is one that was accepted and written
 * before, the rollback of a rollback, the row is accepted and applied once more. A row decided anew since is left as it is.
 */
export async function markRolledBack(tx: Queryable, unitIds: readonly string[]): Promise<void> {
  await tx.rows(
    `with undone as (
       select c.asset_id, c.new_text, accepted.decided_by
       from amx.applied_changes c left join lateral (
         select w.decided_by from amx.applied_changes w
         where w.database_key = c.database_key and w.path = c.path and w.asset_id = c.asset_id and w.undoes is null
           and not w.dry_run and w.outcome in ('Applied', 'AlreadyThere') and w.new_text = c.new_text
         order by w.id desc limit 1
       ) as accepted on true
       where c.unit_id = any($1::bigint[]) and c.undoes is not null and not c.dry_run and c.outcome in ('Applied', 'AlreadyThere')
     )
     update amx.assets a set
       apply_outcome = case when undone.decided_by is null then 'RolledBack' else 'Applied' end,
       apply_error = null,
       review_state = case when undone.decided_by is null then 'Unreviewed' else 'Accepted' end,
       chosen_text = case when undone.decided_by is not null then undone.new_text end,
       chosen_alternative = null,
       decided_by = undone.decided_by,
       decided_at = case when undone.decided_by is not null then now() end,
       decision_uid = null,
       revision = a.revision + 1
     from undone
     where a.id = undone.asset_id and a.apply_outcome in ('Applied', 'AlreadyThere', 'RolledBack')`,
    [unitIds],
  )
}
