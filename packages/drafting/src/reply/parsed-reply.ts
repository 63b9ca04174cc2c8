const declaredConfidences = ['high', 'medium', 'low'] as const
/** How sure a model says it is of a text. */
export type DeclaredConfidence = (typeof declaredConfidences)[number]

/** What a reply says about one asset, before it is cleaned and counted. */
export interface ParsedAsset {
  readonly texts: readonly string[]
  /** One per text; null where the model says nothing of it. */
  readonly confidences: readonly (DeclaredConfidence | null)[]
  readonly reasoning: string | null
  readonly citations: readonly string[]
  /** Excerpts a text is said to stand on, with what is quoted from them; not yet verified. */
  readonly quotes?: readonly ParsedQuote[]
  /** Candidates a merged text is said to be made of; not yet verified. */
  readonly from?: readonly string[]
}

export interface ParsedQuote {
  readonly excerpt: string
  readonly quote: string
}

/** A reply that could be read. */
export interface ParsedReply {
  readonly table: ParsedAsset | null
  /** By the name the model wrote. */
  readonly columns: ReadonlyMap<string, ParsedAsset>
}

/** The word for a confidence, whatever case and marks it came in; null when it is none of them. */
export function declaredConfidence(value: unknown): DeclaredConfidence | null {
  if (typeof value !== 'string') return null
  const word = value.replaceAll(/[^a-z]/gi, '').toLowerCase()
  return declaredConfidences.find((declared) => declared === word) ?? null
}
