import type { TokenLogprob } from '../providers/model-reply.ts'
import { spansOf } from '../reply/text-spans.ts'

/** Where the tokens of a reply lie in its text, in UTF-8 bytes. */
export interface PlacedToken {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly logprob: number
}

/**
 * Lays the tokens of a reply over its text; null when they do not spell it. Tokens before it (a thought) and after it (an end
 * mark) are left out.
 */
export function placeTokens(content: string, tokens: readonly TokenLogprob[]): PlacedToken[] | null {
  const pieces = tokens.map(({ token, bytes }) => (bytes === null ? Buffer.from(token) : Buffer.from(bytes)))
  const spelt = Buffer.concat(pieces)
  const text = Buffer.from(content)
  const shift = text.length === 0 ? -1 : spelt.lastIndexOf(text)
  if (shift < 0) return null
  let end = -shift
  return tokens.map(({ token, logprob }, index) => {
    const start = end
    end += pieces[index]?.length ?? 0
    return { start, end, text: token, logprob }
  })
}

/**
 * How probable a text was to the model that wrote it, 0..1: exp of the mean log-probability of the tokens that carry it,
 * weighted by their length in characters. Punctuation says nothing of the meaning and is left out. Null when no token of the
 * reply carries the text.
 */
export function logprobScore(
  content: string,
  tokens: readonly PlacedToken[],
  asset: string | null,
  text: string,
): number | null {
  const [span] = spansOf(content, asset, text)
  if (span === undefined) return null
  const start = Buffer.byteLength(content.slice(0, span.start))
  const end = start + Buffer.byteLength(content.slice(span.start, span.end))
  let sum = 0
  let length = 0
  for (const token of tokens) {
    if (token.end <= start || token.start >= end || !/[\p{L}\p{N}]/u.test(token.text)) continue
    const weight = Math.max(1, [...token.text].length)
    sum += token.logprob * weight
    length += weight
  }
  return length === 0 ? null : Math.min(1, Math.exp(sum / length))
}
