import { AmxError, canonicalAssetPath } from '@amx/api'
import type { BeginRunRequest, RunSelection } from '../contract.ts'
import type { Queryable } from '../database.ts'
import { unknownRow } from '../runs/unknown-row.ts'

/**
 * Checks what a run of type Apply or Rollback takes of its source, before anything is kept of it. Throws AMX-1006 for an asset
 * that the source has no row of, AMX-1050 when there is nothing to put back, AMX-1051 for an asset it wrote no comment on.
 */
export async function checkSelection(tx: Queryable, request: BeginRunRequest): Promise<void> {
  if (request.sourceRunUid === undefined) return
  const assets = selectedPaths(request.selection)
  if (request.type === 'Rollback') return checkRollback(tx, request.sourceRunUid, assets)
  if (assets === null) return
  const known = await tx.rows<{ path: string }>(
    'select distinct path from amx.assets where run_uid = $1 and path = any($2::text[])',
    [request.sourceRunUid, assets],
  )
  const missing = without(assets, known)
  if (missing.length > 0) throw await unknownRow(tx, request.sourceRunUid, missing, 'the source run')
}

/** The assets a run takes, as canonical paths; null for all. Throws AMX-1011. */
export function selectedPaths(selection: RunSelection | null | undefined): readonly string[] | null {
  const assets = selection?.assets ?? []
  return assets.length === 0 ? null : [...new Set(assets.map(canonicalAssetPath))]
}

async function checkRollback(tx: Queryable, source: string, assets: readonly string[] | null): Promise<void> {
  const written = await tx.rows<{ path: string }>(
    `select distinct path from amx.applied_changes where run_uid = $1 and not dry_run and outcome = 'Applied'`,
    [source],
  )
  if (written.length === 0) throw new AmxError('AMX-1050', { writers: await writersOf(tx, source) })
  const [missing] = without(assets ?? [], written)
  if (missing !== undefined) throw new AmxError('AMX-1051', { asset: missing })
}

/** The runs that wrote what was accepted of this one, as the rest of a sentence. */
async function writersOf(tx: Queryable, source: string): Promise<string> {
  const writers = await tx.rows<{ name: string }>(
    `select distinct r.name from amx.assets a
       join amx.applied_changes c on c.asset_id = a.id and not c.dry_run and c.outcome = 'Applied' and c.undoes is null
       join amx.runs r on r.uid = c.run_uid
     where a.run_uid = $1 order by r.name limit 5`,
    [source],
  )
  return writers.length === 0 ? '' : `; its rows were written by ${writers.map(({ name }) => name).join(', ')}`
}

function without(paths: readonly string[], known: readonly { readonly path: string }[]): readonly string[] {
  const found = new Set(known.map(({ path }) => path))
  return paths.filter((path) => !found.has(path))
}
