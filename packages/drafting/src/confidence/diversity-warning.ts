import type { AlternativesMode } from '@amx/api'

/** Mean similarity below which paraphrases are none, and above which different meanings are none. */
const diversityLimits: Readonly<Record<AlternativesMode, number>> = { Semantic: 0.65, Lexical: 0.85 }

/**
 * Warns of alternatives that are not what their mode asks for: paraphrases that disagree, or different meanings that say the
 * same. `similarities` are the mean similarities of each text to the others. Null when all is well or nothing can be told.
 */
export function diversityWarning(
  similarities: readonly (number | null)[],
  alternativesMode: AlternativesMode,
): string | null {
  const known = similarities.filter((similarity) => similarity !== null)
  if (known.length < 2) return null
  // Rounded, so that sums of binary fractions do not fall below a limit they meet.
  const mean = Math.round((known.reduce((sum, similarity) => sum + similarity, 0) / known.length) * 10_000) / 10_000
  const limit = diversityLimits[alternativesMode]
  const figures = `mean similarity ${mean.toFixed(2)}`
  if (alternativesMode === 'Semantic')
    return mean < limit ? `the alternatives are to say the same and differ (${figures}, below ${limit})` : null
  return mean > limit ? `the alternatives are to differ in meaning and say the same (${figures}, above ${limit})` : null
}
