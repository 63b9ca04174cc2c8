import type { GenerationSettings } from '@amx/api'
import type { AssetState, WrittenText } from '../asset-state.ts'
import { checkedLedger } from '../checked-ledger.ts'
import { declaredScores } from '../confidence/declared-signal.ts'
import type { ModelAnswer } from '../model-route.ts'
import { outputBudget } from '../prompt/output-budget.ts'
import { distinctItems } from '../reply/distinct-texts.ts'
import { parseReply } from '../reply/parse-reply.ts'
import type { ParsedAsset, ParsedReply } from '../reply/parsed-reply.ts'
import { foundIn, writtenTexts } from '../written-texts.ts'
import { mergeSchema } from './agent-schema.ts'
import type { AgentBatch } from './ask-agent.ts'
import { buildMergePrompt } from './build-merge-prompt.ts'
import { type Candidate, candidateSources } from './candidate.ts'
import { distinctCitations } from './verify-quotes.ts'

/**
 * Makes one set of texts of what the profile, the documents and the code gave. An asset with one source passes through; all
 * others of the batch go into one call. A merge that fails keeps the surest candidates.
 */
export async function mergeCandidates(batch: AgentBatch, states: readonly AssetState[]): Promise<void> {
  const { generation } = batch.request
  const several: (readonly [AssetState, readonly Candidate[]])[] = []
  for (const state of states) {
    if (state.candidates.length === 0) continue
    const candidates = candidatesOf(state)
    const [only, second] = candidates
    if (only !== undefined && second === undefined) take(state, candidates, only.texts, only.reasoning)
    else several.push([state, candidates])
  }
  if (several.length === 0) return
  const answer = await ask(batch, several)
  const reply = answer.kind === 'Text' ? parseReply(answer.text) : null
  for (const [state, candidates] of several) {
    const found = reply === null ? null : foundIn(reply, state.asset)
    const merged = found === null || answer.kind !== 'Text' ? [] : writtenTexts(found, state.asset, answer)
    const texts = distinctItems(merged, generation.verbosity)
    if (found === null || texts.length === 0) {
      state.warnings.push(`not merged, the surest candidates were kept: ${failureOf(answer, reply)}`)
      take(state, candidates, surest(candidates, generation), reasonsOf(candidates))
      continue
    }
    const used = usedBy(found, candidates)
    const rest = surest(used, generation)
    take(state, used, distinctItems([...texts, ...rest], generation.verbosity), found.reasoning ?? reasonsOf(used))
  }

  function take(
    state: AssetState,
    candidates: readonly Candidate[],
    texts: readonly WrittenText[],
    reasoning: string | null,
  ): void {
    const sources = new Set(candidates.map(({ source }) => source))
    const [only] = sources
    state.texts = texts.slice(0, generation.alternatives)
    state.produced = state.texts.length
    state.source = sources.size === 1 && only !== undefined ? only : 'combined'
    state.reasoning = reasoning
    state.quoted = distinctCitations(candidates.flatMap(({ citations }) => citations))
    if (!sources.has('profile')) state.citations = []
  }
}

/** Every writer's candidates of an asset, the profile's among them when it gave any. */
function candidatesOf({ texts, reasoning, candidates }: AssetState): Candidate[] {
  if (texts.length === 0) return [...candidates]
  return [{ source: 'profile', texts, reasoning, citations: [] }, ...candidates]
}

/** The candidates a merged text says it is made of; all of them when it names none that there is. */
function usedBy({ from = [] }: ParsedAsset, candidates: readonly Candidate[]): readonly Candidate[] {
  const used = candidates.filter(({ source }) => from.includes(source))
  return used.length === 0 ? candidates : used
}

/** All candidates' texts, what their writers were surest of first; among equals code, then profile, then documents. */
function surest(candidates: readonly Candidate[], { verbosity }: GenerationSettings): WrittenText[] {
  const ranked = candidates
    .flatMap(({ source, texts }) =>
      texts.map((text, place) => ({
        text,
        worth: text.confidence === null ? declaredScores.medium : declaredScores[text.confidence],
        rank: place * candidateSources.length + candidateSources.indexOf(source),
      })),
    )
    .sort((a, b) => b.worth - a.worth || a.rank - b.rank)
  return distinctItems(
    ranked.map(({ text }) => text),
    verbosity,
  )
}

function reasonsOf(candidates: readonly Candidate[]): string | null {
  const reasons = candidates.flatMap(({ source, reasoning }) => (reasoning === null ? [] : [`${source}: ${reasoning}`]))
  return reasons.length === 0 ? null : reasons.join(' ')
}

function failureOf(answer: ModelAnswer, reply: ParsedReply | null): string {
  if (answer.kind !== 'Text') return answer.reason
  return reply === null ? 'the reply could not be read' : 'the reply says nothing of it'
}

async function ask(
  { request, route, ledger, signal, callIds }: AgentBatch,
  assets: readonly (readonly [AssetState, readonly Candidate[]])[],
): Promise<ModelAnswer> {
  const { profile, generation } = request
  const merged = assets.map(([{ asset, evidence }, candidates]) => ({ asset, evidence, candidates }))
  const checked = checkedLedger(ledger, (content) => (parseReply(content) === null ? 'it could not be read' : null))
  const { alternatives, verbosity, maxOutputTokens } = generation
  const answer = await route.ask(
    {
      purpose: 'merge',
      messages: buildMergePrompt(profile.catalog.path, merged, generation),
      schema: mergeSchema,
      outputTokens: outputBudget(assets.length, alternatives, verbosity, maxOutputTokens),
      generation,
    },
    checked,
    signal,
  )
  for (const callId of answer.callIds) {
    callIds.add(callId)
    for (const [state] of assets) state.callIds.add(callId)
  }
  return answer
}
