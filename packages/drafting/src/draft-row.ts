import {
  type Alternative,
  type DraftRow,
  type DraftSource,
  formatAssetPath,
  type GenerationSettings,
  parseAssetPath,
  type TableProfile,
} from '@amx/api'
import { bandOf } from './confidence/band-of.ts'
import { evidenceSubject } from './confidence/evidence-subject.ts'
import { type Scores, scoreAlternatives } from './confidence/score-alternatives.ts'

/** An asset of a batch: a column by its name, or the table itself for null. */
export type BatchAsset = string | null

/** What became of an asset before it is scored. */
export interface DraftedAsset {
  readonly texts: readonly string[]
  /** Placeholders that fill up the requested number. */
  readonly padding: readonly string[]
  readonly source: DraftSource
  readonly reasoning: string | null
  readonly citations?: DraftRow['citations']
  readonly warnings: readonly string[]
  readonly callIds: readonly string[]
  readonly evidence: string
  /** How probable the first text was to the model that wrote it, 0..1, where the route tells. */
  readonly tokenProbability?: number | null
  /** Scores that came with the texts; absent where no model was asked. */
  readonly stated?: Scores | null
}

/** The row of an asset with its scores. */
export function draftRow(
  profile: TableProfile,
  asset: BatchAsset,
  drafted: DraftedAsset,
  generation: GenerationSettings,
): DraftRow {
  const signal = generation.confidenceSignal
  const { scores, warning } = scoreAlternatives(signal, drafted.texts, evidenceSubject(profile, asset), drafted.stated)
  const alternatives: Alternative[] = [
    ...drafted.texts.map((text, index) => ({ text, score: scores[index] ?? null, fallback: false })),
    ...drafted.padding.map((text) => ({ text, score: null, fallback: true })),
  ]
  const score = alternatives[0]?.score ?? null
  return {
    ...rowHead(profile, asset),
    source: drafted.source,
    alternatives,
    signal,
    score,
    band: bandOf(score, generation.bands),
    reasoning: drafted.reasoning,
    citations: drafted.citations ?? [],
    warnings: warning === null ? [...drafted.warnings] : [...drafted.warnings, warning],
    skippedReason: null,
    callIds: [...drafted.callIds],
    evidence: drafted.evidence,
    ...(drafted.tokenProbability === undefined || drafted.tokenProbability === null
      ? {}
      : { tokenProbability: Math.round(drafted.tokenProbability * 10_000) / 10_000 }),
  }
}

/** Why there is nothing to review of an asset, and what was tried. */
export interface SkippedAsset {
  readonly reason: string
  readonly callIds: readonly string[]
  readonly evidence: string
  readonly warnings?: readonly string[]
}

/** The row of a table or column for which there is nothing to review. */
export function skippedRow(
  profile: TableProfile,
  asset: BatchAsset,
  generation: GenerationSettings,
  skipped: SkippedAsset,
): DraftRow {
  return rowWithoutTexts(rowHead(profile, asset), generation, skipped)
}

/** The row of any asset for which there is nothing to review. */
export function rowWithoutTexts(
  head: Pick<DraftRow, 'path' | 'kind'>,
  generation: GenerationSettings,
  { reason, callIds, evidence, warnings = [] }: SkippedAsset,
): DraftRow {
  return {
    ...head,
    source: 'profile',
    alternatives: [],
    signal: generation.confidenceSignal,
    score: null,
    band: null,
    reasoning: null,
    citations: [],
    warnings: [...warnings],
    skippedReason: reason,
    callIds: [...callIds],
    evidence,
  }
}

function rowHead(profile: TableProfile, asset: BatchAsset): Pick<DraftRow, 'path' | 'kind'> {
  const { path, kind } = profile.catalog
  return asset === null ? { path, kind } : { path: formatAssetPath([...parseAssetPath(path), asset]), kind: 'Column' }
}
