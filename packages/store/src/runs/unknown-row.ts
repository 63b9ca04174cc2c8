import { type AmxError, didYouMean, nearestNames, parseAssetPath, unknownAsset } from '@amx/api'
import type { Queryable } from '../database.ts'

const mostCompared = 20_000

/** AMX-1006 for assets that a run has no row of, with rows of it whose paths read much like theirs. `where` names the results. */
export async function unknownRow(
  tx: Queryable,
  runUid: string,
  assets: readonly string[],
  where: string,
): Promise<AmxError> {
  const rows = await tx.rows<{ path: string }>(
    'select distinct path from amx.assets where run_uid = $1 order by path limit $2',
    [runUid, mostCompared],
  )
  const existing = rows.map(({ path }) => parseAssetPath(path))
  const nearest = assets.slice(0, 3).flatMap((asset) => nearestNames(pathParts(asset), existing))
  return unknownAsset(assets, ` among the results of ${where}${didYouMean([...new Set(nearest)].slice(0, 5))}`)
}

function pathParts(asset: string): readonly string[] {
  try {
    return parseAssetPath(asset)
  } catch {
    return [asset]
  }
}
