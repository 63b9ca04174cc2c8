import type { BatchAsset } from './draft-row.ts'
import type { DraftBatchRequest } from './drafting.ts'
import { textKey } from './reply/clean-text.ts'

/** What an asset goes on from. */
export interface AssetDescent {
  /** Texts of earlier versions, the newest first. */
  readonly earlier: readonly string[]
  /** Of variations: the text to vary. */
  readonly seed: string | null
  /** Texts that must not come again: of variations the seed and every earlier text, of a rerun none. */
  readonly excluded: readonly string[]
}

/** What an asset of a batch goes on from; of a first draft nothing. */
export function descentOf({ descent }: DraftBatchRequest, asset: BatchAsset): AssetDescent {
  const row = descent?.rows.find(({ column }) => column === asset)
  if (descent === undefined || row === undefined) return { earlier: [], seed: null, excluded: [] }
  const { texts: earlier, seed } = row
  if (descent.type === 'Rerun') return { earlier, seed: null, excluded: [] }
  return { earlier, seed, excluded: seed === null ? earlier : [seed, ...earlier] }
}

/** Texts with those that an earlier version had at the end. */
export function newTextsFirst(texts: readonly string[], earlier: readonly string[]): string[] {
  const known = new Set(earlier.map(textKey))
  return [...texts.filter((text) => !known.has(textKey(text))), ...texts.filter((text) => known.has(textKey(text)))]
}
