/** What a reply says about one asset, before it is cleaned and counted. */
export interface ParsedAsset {
  readonly texts: readonly string[]
  readonly reasoning: string | null
  readonly citations: readonly string[]
}

/** A reply that could be read. */
export interface ParsedReply {
  readonly table: ParsedAsset | null
  /** By the name the model wrote. */
  readonly columns: ReadonlyMap<string, ParsedAsset>
}
