import { contextKinds } from '@amx/api'
import type { AssetState } from '../asset-state.ts'
import { evidenceSubject } from '../confidence/evidence-subject.ts'
import { textKey } from '../reply/clean-text.ts'
import { type AgentBatch, askAgent } from './ask-agent.ts'
import { excerptBlock } from './build-agent-prompt.ts'
import { findContext } from './find-context.ts'
import { mergeCandidates } from './merge-candidates.ts'
import { providedTexts } from './provided-texts.ts'
import { distinctCitations } from './verify-quotes.ts'

/**
 * Adds to drafted assets what documents and code say about them, and what people wrote before. Its calls are made one after the
 * other: a unit of work is one of the calls its LLMProfile allows at the same time. Makes no call when nothing found has to do
 * with the batch.
 */
export async function useContext(batch: AgentBatch, states: readonly AssetState[]): Promise<void> {
  const { request, signal } = batch
  const open = states.filter(({ skippedReason }) => skippedReason === null)
  if (open.length === 0) return
  const { excerpts, chunks, warnings } = await findContext(request, signal)
  for (const state of open) {
    state.warnings.push(...warnings)
    const shown = contextKinds.flatMap((kind) => excerpts[kind]).filter(({ assets }) => assets.includes(state.asset))
    state.excerpts = shown.map(excerptBlock).join('\n\n')
  }
  for (const kind of contextKinds) await askAgent(batch, kind, excerpts[kind], open)
  await mergeCandidates(batch, open)
  for (const state of open) offerProvided(state)

  /** What a person wrote stands first and to the letter; what was drafted follows. */
  function offerProvided(state: AssetState): void {
    const { kept, doubted } = providedTexts(
      evidenceSubject(request.profile, state.asset),
      chunks,
      state.descent.earlier,
    )
    state.warnings.push(...doubted)
    if (kept.length === 0) return
    const keys = new Set(kept.map(({ text }) => textKey(text)))
    const given = kept.map(({ text }) => ({ text, confidence: null, logprob: null, provided: true }))
    const drafted = state.texts.filter(({ text }) => !keys.has(textKey(text)))
    state.texts = [...given, ...drafted].slice(0, request.generation.alternatives)
    state.produced = state.texts.length
    state.source = 'provided'
    state.quoted = distinctCitations([...kept.map(({ citation }) => citation), ...state.quoted])
  }
}
