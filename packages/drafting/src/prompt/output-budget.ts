import type { Verbosity } from '@amx/api'

/** Output tokens per column and alternative, by verbosity. */
export const outputTokensPerText: Readonly<Record<Verbosity, number>> = {
  Brief: 150,
  Detailed: 350,
  Comprehensive: 800,
  Exhaustive: 1_600,
}

/** Output tokens a reply about so many assets may take; never less than the run's own setting. */
export function outputBudget(
  assets: number,
  alternatives: number,
  verbosity: Verbosity,
  maxOutputTokens: number,
): number {
  return Math.max(maxOutputTokens, assets * alternatives * outputTokensPerText[verbosity])
}
