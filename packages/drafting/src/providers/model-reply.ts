import type { Usage } from '@amx/api'
import type { CallFailure } from './call-failure.ts'

/** A token of a reply with the natural logarithm of its probability. */
export interface TokenLogprob {
  readonly token: string
  /** UTF-8 bytes of the token, where a route gives them: a token may end inside a character. */
  readonly bytes: readonly number[] | null
  readonly logprob: number
}

/** A completed try, whatever the wire format it came in. */
export interface ModelReply {
  readonly content: string
  readonly refusal: string | null
  /** `stop`, `length` and `content_filter` in every route; other words as the route has them. */
  readonly finishReason: string
  /** What the model thought before it answered, as far as the route shows it. */
  readonly reasoning: string | null
  readonly logprobs: readonly TokenLogprob[] | null
  readonly usage: Usage | null
  /** Input tokens that were written to a prompt cache, at their own rate; part of the input. */
  readonly cacheWriteTokens: number
  /** What the route says the call cost, in US dollars as decimal text. */
  readonly reportedUsd: string | null
  readonly requestId: string | null
}

/** How a request ended, after however many tries. */
export type CallResult = { readonly tries: number } & (
  | { readonly reply: ModelReply }
  | { readonly failure: CallFailure }
)
