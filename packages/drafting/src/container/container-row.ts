import type { Alternative, ContainerBrief, DraftRow, GenerationSettings } from '@amx/api'
import { bandOf } from '../confidence/band-of.ts'
import type { Scores } from '../confidence/score-alternatives.ts'
import { selfConsistency } from '../confidence/self-consistency.ts'
import { stemsOf } from '../confidence/text-words.ts'

export interface DraftedContainer {
  readonly texts: readonly string[]
  readonly padding: readonly string[]
  readonly source: DraftRow['source']
  readonly reasoning: string | null
  readonly warnings: readonly string[]
  readonly callIds: readonly string[]
  readonly evidence: string
  /** Scores that came with the texts; absent where no model was asked. */
  readonly stated?: Scores | null
}

/** The row of a schema or database with its scores. */
export function containerRow(
  brief: ContainerBrief,
  drafted: DraftedContainer,
  generation: GenerationSettings,
): DraftRow {
  const { scores, warning } = scoresOf(drafted, generation.confidenceSignal)
  const alternatives: Alternative[] = [
    ...drafted.texts.map((text, index) => ({ text, score: rounded(scores[index] ?? null), fallback: false })),
    ...drafted.padding.map((text) => ({ text, score: null, fallback: true })),
  ]
  const score = alternatives[0]?.score ?? null
  return {
    path: brief.path,
    kind: brief.kind,
    source: drafted.source,
    alternatives,
    signal: generation.confidenceSignal,
    score,
    band: bandOf(score, generation.bands),
    reasoning: drafted.reasoning,
    citations: [],
    warnings: warning === null ? [...drafted.warnings] : [...drafted.warnings, warning],
    skippedReason: null,
    callIds: [...drafted.callIds],
    evidence: drafted.evidence,
  }
}

function scoresOf(
  { texts, evidence, stated }: DraftedContainer,
  signal: GenerationSettings['confidenceSignal'],
): Scores {
  const none = (warning: string | null): Scores => ({ scores: texts.map(() => null), warning })
  if (texts.length === 0 || signal === 'None') return none(null)
  if (signal === 'Evidence') return { scores: texts.map((text) => groundedShare(text, evidence)), warning: null }
  if (signal === 'SelfConsistency') {
    const scores = selfConsistency(texts)
    return scores === null
      ? none('no self-consistency: a single alternative has no other to agree with')
      : { scores, warning: null }
  }
  return stated ?? none(`no ${signal} score: no model was asked`)
}

/**
 * Share of a text's telling words, 0..1, that what is known of the parts bears out; the half keeps a text of few words from being
 * certain.
 */
export function groundedShare(text: string, evidence: string): number {
  const known = stemsOf(evidence.replaceAll(/[_.]/g, ' '))
  const telling = [...stemsOf(text)].filter((stem) => stem.length > 3)
  if (telling.length === 0) return 0
  return telling.filter((stem) => known.has(stem)).length / (telling.length + 0.5)
}

function rounded(score: number | null): number | null {
  return score === null ? null : Math.round(score * 10_000) / 10_000
}
