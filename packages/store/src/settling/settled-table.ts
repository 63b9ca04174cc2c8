import type { Alternative, ConfidenceBand, ConfidenceSignal } from '@amx/api'

/** The text about a table as it was drafted with the first batch, and what became of its columns since. */
export interface TableDraft {
  readonly signal: ConfidenceSignal
  readonly alternatives: readonly Alternative[]
  readonly warnings: readonly string[]
  readonly columns: { readonly planned: number; readonly drafted: number; readonly low: number }
}

export interface SettledTable {
  readonly alternatives: readonly Alternative[]
  readonly score: number | null
  readonly band: ConfidenceBand | null
  readonly warnings: readonly string[]
}

/** Share of a table's evidence score that stands on its columns: a name and its keys carry the rest. */
const columnShare = 0.3

/**
 * The table's draft in the light of all its columns, without another call; null when they change nothing. A column without a
 * text and columns that are mostly uncertain are said in warnings. Where the score measures evidence it shrinks with the share of
 * columns that are understood; other signals measure something else and stay.
 */
export function settledTable(
  draft: TableDraft,
  bands: { readonly high: number; readonly medium: number },
): SettledTable | null {
  const { planned, drafted, low } = draft.columns
  const missing = planned - drafted
  const added: string[] = []
  if (missing > 0) added.push(`${missing} of ${planned} columns got no description; this text was written without them`)
  if (drafted > 0 && low > drafted / 2) {
    added.push(`most of the table's columns are uncertain (${low} of ${drafted} Low); check what it says of them`)
  }
  const understood = planned === 0 ? 1 : (drafted - low) / planned
  const factor = draft.signal === 'Evidence' ? 1 - columnShare * (1 - understood) : 1
  if (added.length === 0 && factor === 1) return null
  const alternatives = draft.alternatives.map((alternative) => ({
    ...alternative,
    score: alternative.score === null ? null : Math.round(alternative.score * factor * 10_000) / 10_000,
  }))
  const score = alternatives[0]?.score ?? null
  return {
    alternatives,
    score,
    band: score === null ? null : score >= bands.high ? 'High' : score >= bands.medium ? 'Medium' : 'Low',
    warnings: [...draft.warnings, ...added],
  }
}
