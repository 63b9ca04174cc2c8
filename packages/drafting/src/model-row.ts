import type { ConfidenceSignal, DraftRow } from '@amx/api'
import type { AssetState } from './asset-state.ts'
import { declaredScores } from './confidence/declared-signal.ts'
import { diversityWarning } from './confidence/diversity-warning.ts'
import type { Scores } from './confidence/score-alternatives.ts'
import { selfConsistency } from './confidence/self-consistency.ts'
import { draftRow, skippedRow } from './draft-row.ts'
import type { DraftBatchRequest } from './drafting.ts'
import { cleanText } from './reply/clean-text.ts'
import { paddingTexts, productionWarning } from './reply/padding.ts'

/** Longest thought shown with a row, in characters; it is about the whole batch and stands with each of its rows. */
const longestThought = 4_000

/** The row of an asset as a model left it. */
export function modelRow({ profile, generation }: DraftBatchRequest, state: AssetState): DraftRow {
  const callIds = [...state.callIds]
  if (state.skippedReason !== null)
    return skippedRow(profile, state.asset, generation, {
      reason: state.skippedReason,
      callIds,
      evidence: state.evidence,
    })
  const padded = generation.alternatives - state.texts.length
  const warnings = [...new Set(state.warnings)]
  const counts = { requested: generation.alternatives, produced: state.produced, retried: state.retried, padded }
  const texts = state.texts.map(({ text }) => text)
  // Placeholders alone are nothing to review: the row says what was asked for and what came.
  if (texts.length === 0)
    return skippedRow(profile, state.asset, generation, {
      reason: `the model wrote no description: ${productionWarning({ ...counts, padded: 0 })}`,
      callIds,
      evidence: state.evidence,
      warnings,
    })
  if (padded > 0) warnings.push(productionWarning(counts))
  if (generation.confidenceSignal === 'SelfConsistency' && texts.length > 1) {
    const diversity = diversityWarning(state.consistency ?? selfConsistency(texts) ?? [], generation.alternativesMode)
    if (diversity !== null) warnings.push(diversity)
  }
  const drafted = {
    texts,
    padding: paddingTexts(padded),
    source: state.source,
    reasoning: reasoningOf(state),
    stated: statedScores(state, generation.confidenceSignal),
    citations: [...state.quoted, ...citationsOf(state.citations)],
    warnings,
    callIds,
    tokenProbability: state.texts[0]?.logprob ?? null,
    evidence: state.excerpts === '' ? state.evidence : `${state.evidence}\n\n${state.excerpts}`,
  }
  return draftRow(profile, state.asset, drafted, generation)
}

/** The model's sentence on its texts, and what it thought before it wrote them. */
function reasoningOf({ reasoning, thought }: AssetState): string | null {
  if (thought === null) return reasoning
  const kept = thought.length > longestThought ? `${thought.slice(0, longestThought - 1)}…` : thought
  return [...(reasoning === null ? [] : [reasoning]), `Thought about the batch: ${kept}`].join('\n\n')
}

/** The scores that only a model's reply can give; null for signals that are computed from the texts. */
function statedScores({ asset, texts, judged, consistency }: AssetState, signal: ConfidenceSignal): Scores | null {
  const provided = texts.some((text) => text.provided === true)
  switch (signal) {
    case 'SelfDeclared': {
      const scores = texts.map(({ confidence }) => (confidence === null ? null : declaredScores[confidence]))
      const told = provided
        ? 'a model did not write the provided text'
        : asset === null
          ? 'a model is not asked for it about a table'
          : 'the model stated no confidence'
      return { scores, warning: scores.includes(null) ? `no SelfDeclared score: ${told}` : null }
    }
    case 'Logprob': {
      const scores = texts.map(({ logprob }) => logprob)
      return {
        scores,
        warning: !scores.includes(null)
          ? null
          : provided
            ? 'no Logprob score: a model did not write the provided text'
            : 'no Logprob score: the route gave no log-probabilities for the text',
      }
    }
    case 'SelfConsistency':
      return consistency === null ? null : { scores: consistency, warning: null }
    case 'Judge':
      return judged
    default:
      return null
  }
}

/** The evidence a model says it relied on; it has seen nothing but the profile. */
function citationsOf(quotations: readonly string[]): DraftRow['citations'] {
  const snippets = [...new Set(quotations.map((text) => cleanText(text, 'Brief')))].filter((text) => text !== '')
  return snippets.slice(0, 5).map((snippet) => ({ source: 'profile', snippet: snippet.slice(0, 500) }))
}
