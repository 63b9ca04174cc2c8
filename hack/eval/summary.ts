import type { Comparison, Evaluation } from './evaluate.ts'
import {
  areaUnderCurve,
  type CalibrationBin,
  calibrationBins,
  calibrationError,
  type ScoredOutcome,
} from './ranking.ts'

/** Figures of one kind of asset, or of all. Shares and similarities are 0..1; null where nothing could be measured. */
export interface Summary {
  readonly assets: number
  readonly drafted: number
  readonly coverage: number
  readonly meanWords: number | null
  readonly meanReferenceWords: number | null
  readonly claims: number
  readonly claimsSupported: number | null
  readonly claimsContradicted: number | null
  readonly meanOverlap: number | null
  readonly meanSimilarity: number | null
  /** Share of the drafts at least as near to the hidden text as `goodFrom`. */
  readonly goodShare: number | null
  readonly scored: number
  readonly areaUnderCurve: number | null
  readonly calibrationError: number | null
}

/** A draft this near to what a person wrote (cosine of the embeddings) counts as good. */
export const goodFrom = 0.5

export function summarise({
  comparisons,
}: Pick<Evaluation, 'comparisons'>): Record<'All' | Comparison['kind'], Summary> {
  const of = (kind: Comparison['kind']) => comparisons.filter((comparison) => comparison.kind === kind)
  return { All: summaryOf(comparisons), Table: summaryOf(of('Table')), Column: summaryOf(of('Column')) }
}

/** The drafts that carry a score, in bins. */
export function binsOf(comparisons: readonly Comparison[]): CalibrationBin[] {
  return calibrationBins(outcomesOf(comparisons))
}

function outcomesOf(comparisons: readonly Comparison[]): ScoredOutcome[] {
  return comparisons.flatMap(({ score, similarity }) =>
    score === null ? [] : [{ score, good: similarity >= goodFrom }],
  )
}

function summaryOf(comparisons: readonly Comparison[]): Summary {
  const drafted = comparisons.filter(({ draft }) => draft !== null)
  const mean = (pick: (comparison: Comparison) => number) =>
    drafted.length === 0 ? null : drafted.reduce((sum, comparison) => sum + pick(comparison), 0) / drafted.length
  const total = (pick: (claims: Comparison['claims']) => number) =>
    drafted.reduce((sum, { claims }) => sum + pick(claims), 0)
  const claims = total(({ supported, contradicted, open }) => supported + contradicted + open)
  const outcomes = outcomesOf(drafted)
  return {
    assets: comparisons.length,
    drafted: drafted.length,
    coverage: comparisons.length === 0 ? 0 : drafted.length / comparisons.length,
    meanWords: mean(({ words }) => words),
    meanReferenceWords: mean(({ referenceWords }) => referenceWords),
    claims,
    claimsSupported: claims === 0 ? null : total(({ supported }) => supported) / claims,
    claimsContradicted: claims === 0 ? null : total(({ contradicted }) => contradicted) / claims,
    meanOverlap: mean(({ overlap }) => overlap),
    meanSimilarity: mean(({ similarity }) => similarity),
    goodShare: mean(({ similarity }) => (similarity >= goodFrom ? 1 : 0)),
    scored: outcomes.length,
    areaUnderCurve: areaUnderCurve(outcomes),
    calibrationError: calibrationError(calibrationBins(outcomes)),
  }
}
