import type { Citation, DraftSource } from '@amx/api'
import type { Scores } from './confidence/score-alternatives.ts'
import type { Candidate } from './context/candidate.ts'
import type { AssetDescent } from './descent-of.ts'
import type { BatchAsset } from './draft-row.ts'
import type { DeclaredConfidence } from './reply/parsed-reply.ts'

/** A text as a model wrote it, cleaned, with what the reply says of it. */
export interface WrittenText {
  readonly text: string
  readonly confidence: DeclaredConfidence | null
  readonly logprob: number | null
  /** A person wrote it before; no model's word or probability belongs to it. */
  readonly provided?: boolean
}

/** What is known about an asset so far. */
export interface AssetState {
  readonly asset: BatchAsset
  evidence: string
  readonly descent: AssetDescent
  texts: WrittenText[]
  reasoning: string | null
  /** What the model thought before it wrote the texts. */
  thought: string | null
  judged: Scores | null
  /** Each text's mean similarity to the others by the profile's embedding model; null for the built-in embedding. */
  consistency: readonly number[] | null
  citations: readonly string[]
  /** What documents and code were found to say, as the agents were shown it; empty without any. */
  excerpts: string
  /** What the agents wrote, until it is merged. */
  readonly candidates: Candidate[]
  source: DraftSource
  /** Verified citations of documents, code and provided texts. */
  quoted: readonly Citation[]
  /** Texts the first reply gave and those a continuation added. */
  produced: number
  retried: number
  skippedReason: string | null
  readonly callIds: Set<string>
  readonly warnings: string[]
}
