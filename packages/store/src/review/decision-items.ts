import { type Alternative, AmxError, canonicalAssetPath, type RunSettings } from '@amx/api'
import { isBeingWritten } from '../apply/queue-conditions.ts'
import type { DecisionItem } from '../contract.ts'
import type { Queryable } from '../database.ts'
import { targetIndexOf, targetName } from '../runs/target-name.ts'
import { unknownRow } from '../runs/unknown-row.ts'
import { ownText } from './own-text.ts'
import { rowConflict } from './row-conflict.ts'
import type { AssetVerdict } from './verdicts.ts'
import { lockedVersions, versionLocked } from './version-locks.ts'

interface ReviewedAsset {
  readonly id: string
  readonly target_index: number
  readonly path: string
  readonly status: string
  readonly reason: string | null
  readonly review_state: string
  readonly revision: number
  readonly apply_outcome: string | null
  readonly chosen_text: string | null
  readonly applying: boolean
  readonly alternatives: readonly Alternative[] | null
}

/**
 * The verdicts of a list of items, in its order. Throws AMX-1006, AMX-1008, AMX-1009 or AMX-1022 for the first item that
 * cannot be recorded.
 */
export async function verdictsOfItems(
  tx: Queryable,
  runUid: string,
  items: readonly DecisionItem[],
): Promise<readonly AssetVerdict[]> {
  const paths = items.map(({ asset }) => pathOf(asset))
  const assets = await readAssets(tx, runUid, paths)
  const settings = await readTargets(tx, runUid)
  const seen = new Set<string>()
  const verdicts: AssetVerdict[] = []
  for (const [index, item] of items.entries()) {
    const asset = assetOf(item, assets.get(paths[index] ?? item.asset) ?? [], settings)
    if (asset === null) {
      const where = item.target === undefined ? 'this run' : `target "${item.target}" of this run`
      throw await unknownRow(tx, runUid, [item.asset], where)
    }
    if (seen.has(asset.id)) throw notReviewable(item.asset, 'the decision names it twice')
    seen.add(asset.id)
    if (item.revision !== undefined && item.revision !== asset.revision) {
      throw await rowConflict(tx, asset, item.revision)
    }
    verdicts.push(verdictOf(item, asset))
  }
  const accepted = verdicts.filter(({ verdict }) => verdict === 'Accept').map(({ assetId }) => assetId)
  const [locked] = await lockedVersions(tx, accepted)
  if (locked !== undefined) throw versionLocked(locked)
  return verdicts
}

type Targets = Pick<RunSettings, 'targets'>

/** The one asset an item means; null when there is none. */
function assetOf(item: DecisionItem, found: readonly ReviewedAsset[], settings: Targets): ReviewedAsset | null {
  if (item.target === undefined) {
    const [asset, ...others] = found
    if (asset === undefined) return null
    if (others.length === 0) return asset
    const names = found.map(({ target_index }) => targetName(settings, target_index)).join(', ')
    throw notReviewable(item.asset, `${found.length} databases of this run have it: set target to one of ${names}`)
  }
  const index = targetIndexOf(settings, item.target)
  if (index === -1) {
    const names = settings.targets.map((_, place) => targetName(settings, place)).join(', ')
    throw notReviewable(item.asset, `the run has no target "${item.target}"; it has ${names}`)
  }
  return found.find(({ target_index }) => target_index === index) ?? null
}

async function readTargets(tx: Queryable, runUid: string): Promise<Targets> {
  const [run] = await tx.rows<Targets>(`select settings -> 'targets' as targets from amx.runs where uid = $1`, [runUid])
  return run ?? { targets: [] }
}

function pathOf(asset: string): string {
  try {
    return canonicalAssetPath(asset)
  } catch {
    return asset
  }
}

async function readAssets(
  tx: Queryable,
  runUid: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, ReviewedAsset[]>> {
  const rows = await tx.rows<ReviewedAsset>(
    `select a.id::text, a.target_index, a.path, a.status, a.reason, a.review_state, a.revision, a.apply_outcome, a.chosen_text,
       d.alternatives,
       exists (select from amx.queue q where q.asset_id = a.id and ${isBeingWritten}) as applying
     from amx.assets a left join amx.drafts d on d.asset_id = a.id
     where a.run_uid = $1 and a.path = any($2::text[]) order by a.target_index`,
    [runUid, paths],
  )
  return Map.groupBy(rows, ({ path }) => path)
}

function verdictOf(item: DecisionItem, asset: ReviewedAsset): AssetVerdict {
  const problem = whyClosed(asset)
  if (problem !== null) throw notReviewable(asset.path, problem)
  const none = { assetId: asset.id, alternative: null, text: null }
  if (item.verdict !== 'Accept') {
    if (isWritten(asset)) throw notReviewable(asset.path, 'its text is in the warehouse already: roll it back first')
    return { ...none, verdict: item.verdict }
  }
  const accepted = acceptedText(item, asset)
  if (isWritten(asset) && accepted.text === asset.chosen_text) {
    throw notReviewable(asset.path, 'its text is in the warehouse already')
  }
  return { ...none, verdict: 'Accept', ...accepted }
}

function acceptedText(item: DecisionItem, asset: ReviewedAsset): Pick<AssetVerdict, 'alternative' | 'text'> {
  if (item.text !== undefined) return { alternative: null, text: ownText(item.text, asset.path) }
  const alternative = item.alternative ?? 1
  return { alternative, text: alternativeText(alternative, asset) }
}

function isWritten({ apply_outcome }: ReviewedAsset): boolean {
  return apply_outcome === 'Applied' || apply_outcome === 'AlreadyThere'
}

function whyClosed(asset: ReviewedAsset): string | null {
  if (asset.applying) return 'it is being written right now'
  return asset.status === 'Planned' ? 'it is not drafted yet' : null
}

function alternativeText(number: number, asset: ReviewedAsset): string {
  const alternatives = asset.alternatives ?? []
  if (asset.status !== 'Drafted' || alternatives.length === 0) {
    throw notReviewable(
      asset.path,
      `it has no draft (${asset.reason ?? 'nothing was drafted'}); give a text of your own`,
    )
  }
  const alternative = alternatives[number - 1]
  if (alternative === undefined) {
    throw notReviewable(asset.path, `it has ${alternatives.length} alternatives, not ${number}`)
  }
  if (alternative.fallback)
    throw notReviewable(asset.path, 'this alternative is a placeholder; give a text of your own')
  if (alternative.text.trim() === '') throw notReviewable(asset.path, 'this alternative is empty')
  return alternative.text
}

function notReviewable(asset: string, problem: string): AmxError {
  return new AmxError('AMX-1008', { asset, problem })
}
