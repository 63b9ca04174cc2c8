import type { ContextKind } from '@amx/api'
import type { AssetState } from '../asset-state.ts'
import { checkedLedger } from '../checked-ledger.ts'
import type { CallLedger, DraftBatchRequest } from '../drafting.ts'
import type { ModelAnswer, ModelQuestion, ModelRoute } from '../model-route.ts'
import { outputBudget } from '../prompt/output-budget.ts'
import { distinctItems } from '../reply/distinct-texts.ts'
import { parseReply } from '../reply/parse-reply.ts'
import { foundIn, writtenTexts } from '../written-texts.ts'
import { agentSchema } from './agent-schema.ts'
import { buildAgentPrompt } from './build-agent-prompt.ts'
import type { Excerpt } from './excerpt.ts'
import { verifyQuotes } from './verify-quotes.ts'

/** What the calls of one batch share. */
export interface AgentBatch {
  readonly request: DraftBatchRequest
  readonly route: ModelRoute
  readonly ledger: CallLedger
  readonly signal: AbortSignal
  readonly callIds: Set<string>
}

/** Candidates asked of an agent at most; a merge makes the requested number of all writers' candidates. */
const candidatesAsked = 2
/** Output tokens for the citations of an asset. */
const tokensOfCitations = 150

/**
 * Asks the agent of a kind about the assets its excerpts have to do with, in one call; in more where they do not fit. What it
 * says is added to the assets' candidates, with citations that were verified; a text that cites nothing is left out.
 */
export async function askAgent(
  batch: AgentBatch,
  kind: ContextKind,
  excerpts: readonly Excerpt[],
  states: readonly AssetState[],
): Promise<void> {
  const asked = states.filter(({ asset }) => excerpts.some(({ assets }) => assets.includes(asset)))
  const shown = excerpts.filter(({ assets }) => asked.some(({ asset }) => assets.includes(asset)))
  if (asked.length === 0) return
  const answer = await ask(batch, kind, shown, asked)
  if (answer.kind === 'TooLong' && asked.length > 1) {
    const middle = Math.ceil(asked.length / 2)
    await askAgent(batch, kind, excerpts, asked.slice(0, middle))
    return askAgent(batch, kind, excerpts, asked.slice(middle))
  }
  const source = kind === 'Documents' ? 'documents' : 'code'
  const reply = answer.kind === 'Text' ? parseReply(answer.text) : null
  if (answer.kind !== 'Text' || reply === null) {
    const reason = answer.kind === 'Text' ? 'the reply could not be read' : answer.reason
    for (const state of asked) state.warnings.push(`drafted without ${source}: ${reason}`)
    return
  }
  const { verbosity } = batch.request.generation
  for (const state of asked) {
    const found = foundIn(reply, state.asset)
    if (found === null) continue
    const texts = distinctItems(writtenTexts(found, state.asset, answer), verbosity).slice(0, candidatesAsked)
    if (texts.length === 0) continue
    const { citations, invented } = verifyQuotes(found.quotes ?? [], shown)
    if (invented > 0)
      state.warnings.push(
        `${invented === 1 ? 'a citation was' : `${invented} citations were`} dropped: not found in the ${source}`,
      )
    if (citations.length === 0)
      state.warnings.push(`a text said to come from ${source} was left out: it cites nothing that stands there`)
    else state.candidates.push({ source, texts, reasoning: found.reasoning, citations })
  }
}

async function ask(
  { request, route, ledger, signal, callIds }: AgentBatch,
  kind: ContextKind,
  excerpts: readonly Excerpt[],
  states: readonly AssetState[],
): Promise<ModelAnswer> {
  const { profile, generation } = request
  const alternatives = Math.min(generation.alternatives, candidatesAsked)
  const question: ModelQuestion = {
    purpose: kind === 'Documents' ? 'documents' : 'code',
    messages: buildAgentPrompt({
      kind,
      profile,
      columns: states.flatMap(({ asset }) => (asset === null ? [] : [asset])),
      includeTable: states.some(({ asset }) => asset === null),
      alternatives,
      excerpts,
      generation,
    }),
    schema: agentSchema,
    outputTokens:
      outputBudget(states.length, alternatives, generation.verbosity, generation.maxOutputTokens) +
      states.length * tokensOfCitations,
    generation,
  }
  const checked = checkedLedger(ledger, (content) => (parseReply(content) === null ? 'it could not be read' : null))
  const answer = await route.ask(question, checked, signal)
  for (const callId of answer.callIds) {
    callIds.add(callId)
    for (const state of states) state.callIds.add(callId)
  }
  return answer
}
