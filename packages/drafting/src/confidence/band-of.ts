import type { ConfidenceBand, GenerationSettings } from '@amx/api'

/** The band of a score; null where there is no score. */
export function bandOf(score: number | null, bands: GenerationSettings['bands']): ConfidenceBand | null {
  if (score === null) return null
  if (score >= bands.high) return 'High'
  return score >= bands.medium ? 'Medium' : 'Low'
}
