import type { Citation } from '@amx/api'
import type { WrittenText } from '../asset-state.ts'

/** The writers whose texts are merged, in the order in which the built-in merge prefers them among equals. */
export const candidateSources = ['code', 'profile', 'documents'] as const
export type CandidateSource = (typeof candidateSources)[number]

/** What one agent wrote about an asset. */
export interface Candidate {
  readonly source: CandidateSource
  /** Cleaned and distinct, at least one. */
  readonly texts: readonly WrittenText[]
  readonly reasoning: string | null
  /** Verified. */
  readonly citations: readonly Citation[]
}
