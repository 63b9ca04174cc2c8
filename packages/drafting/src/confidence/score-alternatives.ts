import type { ConfidenceSignal } from '@amx/api'
import { evidenceScore } from './evidence-signal.ts'
import type { EvidenceSubject } from './evidence-subject.ts'
import { selfConsistency } from './self-consistency.ts'

/** Scores of texts by one signal. */
export interface Scores {
  /** One per text, in their order: 0..1 or null. */
  readonly scores: readonly (number | null)[]
  /** Why scores are missing; null when none is, or none was asked for. */
  readonly warning: string | null
}

/**
 * Scores the texts of one asset. Never throws: a signal that cannot be computed leaves null and says why. `stated` are the
 * scores that came with the texts, for signals that only the model's reply can give.
 */
export function scoreAlternatives(
  signal: ConfidenceSignal,
  texts: readonly string[],
  subject: EvidenceSubject,
  stated: Scores | null = null,
): Scores {
  const none = (warning: string | null): Scores => ({ scores: texts.map(() => null), warning })
  if (texts.length === 0 || signal === 'None') return none(null)
  if (signal === 'Evidence') {
    const scores = texts.map((text) => rounded(evidenceScore(text, subject)))
    const missing = scores.some((score) => score === null)
    return { scores, warning: missing ? 'no evidence score: the text makes no claim the profile can check' : null }
  }
  if (signal === 'SelfConsistency' && stated === null) {
    const scores = selfConsistency(texts)
    if (scores === null) return none('no self-consistency: a single alternative has no other to agree with')
    return { scores: scores.map(rounded), warning: null }
  }
  if (stated === null) return none(`no ${signal} score: no model was asked`)
  return { scores: stated.scores.map(rounded), warning: stated.warning }
}

function rounded(score: number): number
function rounded(score: number | null): number | null
function rounded(score: number | null): number | null {
  return score === null ? null : Math.round(score * 10_000) / 10_000
}
