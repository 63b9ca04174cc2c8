import type { CallIntent, GenerationSettings } from '@amx/api'
import type { CallLedger } from './drafting.ts'
import type { PromptMessage } from './prompt/build-prompt.ts'
import type { TokenLogprob } from './providers/model-reply.ts'

/** One question to a model, whatever its provider. */
export interface ModelQuestion {
  readonly purpose: CallIntent['purpose']
  readonly messages: readonly PromptMessage[]
  readonly schema: object
  /** Tokens the answer may take. */
  readonly outputTokens: number
  /** Tokens the answer needs, where a model with a small window cannot have more; absent: all of `outputTokens`. */
  readonly leastOutputTokens?: number
  readonly generation: GenerationSettings
}

/** What came back. `callIds` are the calls it took, the last one being the one that answered. */
export type ModelAnswer =
  | {
      readonly kind: 'Text'
      readonly text: string
      /** What the model thought before it answered, as far as the route shows it. */
      readonly reasoning: string | null
      /** The tokens of the text, when they were asked for and given. */
      readonly logprobs: readonly TokenLogprob[] | null
      /** What was asked for and done otherwise, in words. */
      readonly warnings: readonly string[]
      readonly callIds: readonly string[]
    }
  | { readonly kind: 'Refused'; readonly reason: string; readonly callIds: readonly string[] }
  /** The reply was cut, or the question is too long for the model: ask for less. */
  | {
      readonly kind: 'TooLong'
      readonly what: 'Question' | 'Reply'
      readonly reason: string
      readonly callIds: readonly string[]
    }

/** A way to a model: one per wire format. */
export interface ModelRoute {
  /** Asks, with retries; every call through the ledger. Throws catalogue errors and the signal's reason. */
  ask(question: ModelQuestion, ledger: CallLedger, signal: AbortSignal): Promise<ModelAnswer>
  /** Asks nothing more that may wait, and gives up what is not begun at the provider. What it did is still taken in. */
  cancel(): void
  close(): Promise<void>
}
