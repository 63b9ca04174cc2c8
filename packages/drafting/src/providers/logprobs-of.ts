import type { TokenLogprob } from './model-reply.ts'
import { recordsOf } from './read-record.ts'

/** The tokens of a reply; null when the route gives none, or gives what is no number. */
export function logprobsOf(listed: unknown): TokenLogprob[] | null {
  const tokens = recordsOf(listed).flatMap(({ token, logprob, bytes }) =>
    typeof token === 'string' && typeof logprob === 'number'
      ? [{ token, logprob, bytes: Array.isArray(bytes) ? bytes.filter((byte) => typeof byte === 'number') : null }]
      : [],
  )
  return tokens.length === 0 ? null : tokens
}
