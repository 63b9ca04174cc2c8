import { AmxError } from '@amx/api'
import type { Queryable } from '../database.ts'

/** The accepted, unwritten version of an asset's description that keeps the others from being accepted. */
export interface LockingVersion {
  readonly assetId: string
  readonly path: string
  readonly version: number
  readonly run: string
}

/** SQL for the queue entry of another version of asset `a`; `select` says what to read of `q` and `other`. */
export function lockOf(select: string): string {
  return `select ${select} from amx.assets other join amx.queue q on q.asset_id = other.id
    where (other.root_id = coalesce(a.root_id, a.id) or other.id = a.root_id) and other.id <> a.id`
}

/** Of rows about to be accepted those that another version locks. Holds the first versions, so that of two at once one wins. */
export async function lockedVersions(tx: Queryable, assetIds: readonly string[]): Promise<readonly LockingVersion[]> {
  await tx.rows(
    `select id from amx.assets
     where id in (
       select coalesce(a.root_id, a.id) from amx.assets a
       where a.id = any($1::bigint[]) and (a.root_id is not null or exists (select from amx.assets c where c.root_id = a.id)))
     order by id for no key update`,
    [assetIds],
  )
  return tx.rows<LockingVersion>(
    `select a.id::text as "assetId", a.path, locking.version, locking.run
     from amx.assets a, lateral (${lockOf(`other.version, (select name from amx.runs r where r.uid = other.run_uid) as run`)} limit 1) as locking
     where a.id = any($1::bigint[]) order by a.target_index, a.path`,
    [assetIds],
  )
}

export function versionLocked({ path, version, run }: LockingVersion): AmxError {
  return new AmxError('AMX-1022', { asset: path, version: String(version), run })
}
