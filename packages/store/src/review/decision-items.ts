import { type Alternative, AmxError, canonicalAssetPath } from '@amx/api'
import type { DecisionItem } from '../contract.ts'
import type { Queryable } from '../database.ts'
import { storableText } from '../json-parameter.ts'
import type { AssetVerdict } from './verdicts.ts'

/** Bytes of UTF-8 a description may have. */
const textLimitBytes = 16_384

interface ReviewedAsset {
  readonly id: string
  readonly path: string
  readonly status: string
  readonly reason: string | null
  readonly review_state: string
  readonly apply_outcome: string | null
  readonly applying: boolean
  readonly alternatives: readonly Alternative[] | null
}

/**
 * The verdicts of a list of items, in its order. Throws AMX-1006 or AMX-1008 for the first item that cannot be recorded.
 */
export async function verdictsOfItems(
  tx: Queryable,
  runUid: string,
  items: readonly DecisionItem[],
): Promise<readonly AssetVerdict[]> {
  const paths = items.map(({ asset }) => pathOf(asset))
  const assets = await readAssets(tx, runUid, paths)
  const seen = new Set<string>()
  return items.map((item, index) => {
    const path = paths[index] ?? item.asset
    const found = assets.get(path) ?? []
    const [asset] = found
    if (asset === undefined) {
      throw new AmxError('AMX-1006', { asset: item.asset, nearest: ' among the results of this run' })
    }
    if (found.length > 1) throw notReviewable(item.asset, `it exists in ${found.length} databases of this run`)
    if (seen.has(path)) throw notReviewable(item.asset, 'the decision names it twice')
    seen.add(path)
    return verdictOf(item, asset)
  })
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
    `select a.id::text, a.path, a.status, a.reason, a.review_state, a.apply_outcome, d.alternatives,
       exists (select from amx.queue q where q.asset_id = a.id and q.state = 'Applying') as applying
     from amx.assets a left join amx.drafts d on d.asset_id = a.id
     where a.run_uid = $1 and a.path = any($2::text[])`,
    [runUid, paths],
  )
  return Map.groupBy(rows, ({ path }) => path)
}

function verdictOf(item: DecisionItem, asset: ReviewedAsset): AssetVerdict {
  const problem = whyClosed(asset)
  if (problem !== null) throw notReviewable(asset.path, problem)
  const none = { assetId: asset.id, alternative: null, text: null }
  if (item.verdict !== 'Accept') return { ...none, verdict: item.verdict }
  if (item.text !== undefined) return { ...none, verdict: 'Accept', text: ownText(item.text, asset) }
  const alternative = item.alternative ?? 1
  return { ...none, verdict: 'Accept', alternative, text: alternativeText(alternative, asset) }
}

function whyClosed(asset: ReviewedAsset): string | null {
  if (asset.applying) return 'it is being written right now'
  if (asset.apply_outcome === 'Applied' || asset.apply_outcome === 'AlreadyThere') {
    return 'its text is in the warehouse already'
  }
  return asset.status === 'Planned' ? 'it is not drafted yet' : null
}

function ownText(text: string, asset: ReviewedAsset): string {
  const storable = storableText(text)
  if (storable.trim() === '') throw notReviewable(asset.path, 'the text is empty')
  if (Buffer.byteLength(storable) > textLimitBytes) throw notReviewable(asset.path, 'the text is longer than 16 KiB')
  return storable
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
