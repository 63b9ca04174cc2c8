/** What a judge found in a text: statements the evidence bears out, contradicts, or leaves open. */
export interface Verdict {
  readonly supported: number
  readonly contradicted: number
  readonly vague: number
}

/**
 * The worth of a text by its verdict alone, 0..1, whatever the others are worth: statements supported less statements
 * contradicted, over all of them. Null for a text in which the judge found no statement.
 */
export function judgeScore({ supported, contradicted, vague }: Verdict): number | null {
  const statements = supported + contradicted + vague
  return statements === 0 ? null : Math.max(0, supported - contradicted) / statements
}
