/** A draft's score and whether it turned out good. */
export interface ScoredOutcome {
  readonly score: number
  readonly good: boolean
}

/**
 * Area under the ROC curve: the chance that a good draft scores higher than a bad one, ties counted half (the Mann-Whitney
 * statistic). Null when all are good or all are bad.
 */
export function areaUnderCurve(outcomes: readonly ScoredOutcome[]): number | null {
  const sorted = [...outcomes].sort((a, b) => a.score - b.score)
  const good = sorted.filter((outcome) => outcome.good).length
  const bad = sorted.length - good
  if (good === 0 || bad === 0) return null
  let rankSum = 0
  for (let start = 0; start < sorted.length; ) {
    let end = start
    while (end < sorted.length && sorted[end]?.score === sorted[start]?.score) end += 1
    // Equal scores share the mean of their ranks; ranks begin at 1.
    const rank = (start + 1 + end) / 2
    for (const outcome of sorted.slice(start, end)) if (outcome.good) rankSum += rank
    start = end
  }
  return (rankSum - (good * (good + 1)) / 2) / (good * bad)
}

/** Drafts of about the same score. */
export interface CalibrationBin {
  readonly low: number
  readonly high: number
  readonly count: number
  readonly meanScore: number
  /** Share of the bin's drafts that are good, 0..1. */
  readonly goodShare: number
}

/** Drafts in bins of equal width over 0..1; empty bins are left out. */
export function calibrationBins(outcomes: readonly ScoredOutcome[], bins = 10): CalibrationBin[] {
  return Array.from({ length: bins }, (_, index) => {
    const members = outcomes.filter(({ score }) => Math.min(bins - 1, Math.floor(score * bins)) === index)
    const sum = members.reduce((total, { score }) => total + score, 0)
    const good = members.filter((member) => member.good).length
    return {
      low: index / bins,
      high: (index + 1) / bins,
      count: members.length,
      meanScore: members.length === 0 ? 0 : sum / members.length,
      goodShare: members.length === 0 ? 0 : good / members.length,
    }
  }).filter(({ count }) => count > 0)
}

/** Mean distance between score and share of good drafts, weighted by bin; null without drafts. */
export function calibrationError(bins: readonly CalibrationBin[]): number | null {
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return null
  return bins.reduce((sum, bin) => sum + Math.abs(bin.meanScore - bin.goodShare) * bin.count, 0) / total
}
