import { textHash } from './seeded-random.ts'
import type { FaultRule, StubSettings } from './stub-options.ts'

/** The `usage` member of a reply. */
export interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details: { cached_tokens: number; audio_tokens: number }
  completion_tokens_details: {
    reasoning_tokens: number
    audio_tokens: number
    accepted_prediction_tokens: number
    rejected_prediction_tokens: number
  }
}

/** One token of a reply with its log-probability. */
export interface TokenLogprob {
  token: string
  logprob: number
  bytes: number[]
  top_logprobs: { token: string; logprob: number; bytes: number[] }[]
}

/** Tokens of a text at four characters each, as a rule of thumb says. */
export function estimatedTokens(text: string): number {
  return Math.ceil(text.length / 4)
}

/** Usage of a call whose prompt and reply are these; the settings' fixed counts win. Reasoning counts as output. */
export function usageOf(prompt: string, reply: string, settings: StubSettings): Usage {
  const { tokens } = settings
  const input = tokens.input ?? estimatedTokens(prompt)
  const reasoning = tokens.reasoning ?? estimatedTokens(settings.reasoningText)
  const output = tokens.output ?? estimatedTokens(reply) + reasoning
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: Math.min(tokens.cached ?? 0, input), audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: Math.min(reasoning, output),
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

/** What the reply says it used: the truth, nonsense, or nothing. */
export function reportedUsage(usage: Usage, rule: FaultRule | undefined): Usage | undefined {
  if (rule?.kind === 'missing-usage') return undefined
  if (rule?.kind !== 'wrong-usage') return usage
  return { ...usage, prompt_tokens: 0, completion_tokens: -1, total_tokens: 999_999_999 }
}

/** The text in token-sized pieces; joined they are the text. */
export function tokenPieces(text: string): string[] {
  return text.match(/\s?[\p{L}\p{N}]{1,8}|\s?[^\p{L}\p{N}\s]|\s/gu) ?? []
}

/** A log-probability between −0.6 and 0 for every token, always the same for the same text. */
export function tokenLogprobs(text: string, topCount: number): TokenLogprob[] {
  return tokenPieces(text).map((token, position) => {
    const logprob = -(textHash(`${position}:${token}`) % 6000) / 10_000
    const candidates = [token, ...Array.from({ length: topCount }, (_, index) => `${token}${index}`)].slice(0, topCount)
    return {
      token,
      logprob,
      bytes: [...Buffer.from(token)],
      top_logprobs: candidates.map((candidate, index) => ({
        token: candidate,
        logprob: logprob - index * 2,
        bytes: [...Buffer.from(candidate)],
      })),
    }
  })
}
