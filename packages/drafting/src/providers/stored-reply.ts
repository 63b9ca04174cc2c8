import type { KeptReply } from '@amx/api'
import { logprobsOf } from './logprobs-of.ts'
import type { ModelReply, TokenLogprob } from './model-reply.ts'

/** Longest thought that is stored with a reply, in characters. */
const longestReasoning = 20_000

/** What is used of a reply, whether it came just now or from the store. */
export type UsedReply = Pick<ModelReply, 'content' | 'refusal' | 'finishReason' | 'reasoning' | 'logprobs'>

/** A reply as the ledger keeps it: what was thought and the tokens beside it, so that a stored reply is worth as much as a new one. */
export function storedReply(reply: UsedReply): KeptReply {
  const { content, refusal, finishReason, reasoning, logprobs } = reply
  return {
    content: refusal ?? content,
    finishReason,
    ...(reasoning === null ? {} : { reasoning: reasoning.slice(0, longestReasoning) }),
    ...(logprobs === null ? {} : { logprobs: logprobs.map(storedToken) }),
  }
}

/** Four decimals are more than a score shows, and a third of the room. Bytes are kept only where the token does not spell them. */
function storedToken({ token, bytes, logprob }: TokenLogprob): NonNullable<KeptReply['logprobs']>[number] {
  const spelt = bytes === null || Buffer.from(token).equals(Buffer.from(bytes))
  const short = Math.round(logprob * 10_000) / 10_000
  return spelt ? { token, logprob: short } : { token, bytes: [...bytes], logprob: short }
}

/** Reads a stored reply; what an older one does not have is null. */
export function usedReply(stored: KeptReply): UsedReply {
  const { reasoning, logprobs } = stored
  return {
    content: stored.content,
    refusal: null,
    finishReason: stored.finishReason,
    reasoning: reasoning ?? null,
    logprobs: logprobsOf(logprobs),
  }
}
