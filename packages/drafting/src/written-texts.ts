import type { WrittenText } from './asset-state.ts'
import { logprobScore, placeTokens } from './confidence/logprob-signal.ts'
import type { BatchAsset } from './draft-row.ts'
import type { ModelAnswer } from './model-route.ts'
import { parsedColumn } from './reply/parse-reply.ts'
import type { ParsedAsset, ParsedReply } from './reply/parsed-reply.ts'

/** What a reply says about an asset; null when it says nothing. */
export function foundIn(reply: ParsedReply, asset: BatchAsset): ParsedAsset | null {
  return asset === null ? reply.table : parsedColumn(reply, asset)
}

/** The texts of a reply with what the reply says of each: the model's own word and the probability of its tokens. */
export function writtenTexts(
  { texts, confidences }: ParsedAsset,
  asset: BatchAsset,
  answer: Extract<ModelAnswer, { kind: 'Text' }>,
): WrittenText[] {
  const tokens = answer.logprobs === null ? null : placeTokens(answer.text, answer.logprobs)
  return texts.map((text, index) => ({
    text,
    confidence: confidences[index] ?? null,
    logprob: tokens === null ? null : logprobScore(answer.text, tokens, asset, text),
  }))
}
