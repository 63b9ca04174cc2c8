import type { AssetState } from '../asset-state.ts'
import { meanCosines } from '../confidence/self-consistency.ts'
import type { AgentBatch } from '../context/ask-agent.ts'
import type { Embedder } from './embedder.ts'

/**
 * Gives the texts of a batch their self-consistency by the embedding model of the profile, in one call. Where that fails the
 * built-in embedding takes its place, and the rows say so.
 */
export async function embedStates(
  embedder: Embedder,
  { ledger, signal, callIds }: Pick<AgentBatch, 'ledger' | 'signal' | 'callIds'>,
  states: readonly AssetState[],
): Promise<void> {
  const scored = states.filter(({ texts, skippedReason }) => texts.length > 1 && skippedReason === null)
  if (scored.length === 0) return
  const texts = [...new Set(scored.flatMap((state) => state.texts.map(({ text }) => text)))]
  const embedded = await embedder.embed(texts, ledger, signal)
  for (const callId of embedded.callIds) callIds.add(callId)
  const vectors = 'vectors' in embedded ? new Map(texts.map((text, index) => [text, embedded.vectors[index]])) : null
  for (const state of scored) {
    for (const callId of embedded.callIds) state.callIds.add(callId)
    const own = state.texts.map(({ text }) => vectors?.get(text)).filter((vector) => vector !== undefined)
    if (own.length === state.texts.length) state.consistency = meanCosines(own)
    else if ('failure' in embedded) state.warnings.push(`scored with the built-in embedding: ${embedded.failure}`)
  }
}
