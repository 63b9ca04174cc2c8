import type { Scores } from './confidence/score-alternatives.ts'
import type { BatchAsset } from './draft-row.ts'
import type { DeclaredConfidence } from './reply/parsed-reply.ts'

/** A text as a model wrote it, cleaned, with what the reply says of it. */
export interface WrittenText {
  readonly text: string
  readonly confidence: DeclaredConfidence | null
  readonly logprob: number | null
}

/** What is known about an asset so far. */
export interface AssetState {
  readonly asset: BatchAsset
  readonly evidence: string
  texts: WrittenText[]
  reasoning: string | null
  /** What the model thought before it wrote the texts. */
  thought: string | null
  judged: Scores | null
  citations: readonly string[]
  /** Texts the first reply gave and those a continuation added. */
  produced: number
  retried: number
  skippedReason: string | null
  readonly callIds: Set<string>
  readonly warnings: string[]
}
