import type { PromptDetail } from '@amx/api'

/** How much of documents and code a batch takes in. */
export interface ContextLimits {
  /** Chunks searched for the table, and for each column; 0 searches for the table only. */
  readonly perTable: number
  readonly perColumn: number
  /** Excerpts shown to an agent at most, and their characters in all. */
  readonly excerpts: number
  readonly characters: number
}

/** The original product's presets, save that Full takes no fewer chunks for the table than Detailed. */
export const contextLimits: Readonly<Record<PromptDetail, ContextLimits>> = {
  Minimal: { perTable: 3, perColumn: 0, excerpts: 5, characters: 6_000 },
  Standard: { perTable: 5, perColumn: 1, excerpts: 8, characters: 10_000 },
  Detailed: { perTable: 8, perColumn: 2, excerpts: 12, characters: 16_000 },
  Full: { perTable: 8, perColumn: 2, excerpts: 15, characters: 24_000 },
}

/** Longest excerpt of one chunk, in characters. */
export const longestExcerpt = 1_600
