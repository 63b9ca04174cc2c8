import type { CallLedger } from '../drafting.ts'

/** What became of texts that were to be embedded. A failure is for the scores alone: they fall back to the built-in embedding. */
export type Embedded = { readonly callIds: readonly string[] } & (
  | { readonly vectors: readonly Float32Array[] }
  | { readonly failure: string }
)

/** Embeds texts with the embedding model of an LLMProfile; every call goes through the ledger. */
export interface Embedder {
  /** One unit vector per text, in their order. Throws what the ledger throws beside a budget's end, and the signal's reason. */
  embed(texts: readonly string[], ledger: CallLedger, signal: AbortSignal): Promise<Embedded>
  close(): Promise<void>
}
