import { AmxError, type CallOutcome, type DraftRow } from '@amx/api'
import { type BatchAsset, draftRow, skippedRow } from './draft-row.ts'
import type { CallLedger, DraftBatchRequest, Drafter } from './drafting.ts'
import { columnFacts } from './evidence/column-facts.ts'
import { columnEvidence, tableEvidence } from './evidence/evidence-block.ts'
import { readTable } from './evidence/table-words.ts'
import type { ModelAnswer, ModelQuestion, ModelRoute } from './model-route.ts'
import { buildPrompt } from './prompt/build-prompt.ts'
import { outputBudget } from './prompt/output-budget.ts'
import { replySchemas } from './prompt/reply-schema.ts'
import { cleanText } from './reply/clean-text.ts'
import { distinctTexts } from './reply/distinct-texts.ts'
import { paddingTexts, productionWarning } from './reply/padding.ts'
import { parsedColumn, parseReply } from './reply/parse-reply.ts'

/** What is known about an asset so far. */
interface AssetState {
  readonly asset: BatchAsset
  readonly evidence: string
  texts: string[]
  reasoning: string | null
  citations: readonly string[]
  /** Texts the first reply gave and those a continuation added. */
  produced: number
  retried: number
  skippedReason: string | null
  readonly callIds: Set<string>
  readonly warnings: string[]
}

/** Everything the calls of one batch share. */
interface Batch {
  readonly request: DraftBatchRequest
  readonly route: ModelRoute
  readonly ledger: CallLedger
  readonly signal: AbortSignal
  readonly tableEvidence: string
  readonly callIds: Set<string>
}

/** A drafter that asks a model: exactly N alternatives per asset, whatever the model makes of the request. */
export function createModelDrafter(route: ModelRoute): Drafter {
  return {
    async draftBatch(request, ledger, signal) {
      signal.throwIfAborted()
      const { profile, generation } = request
      const callIds = new Set<string>()
      const batch: Batch = {
        request,
        route,
        ledger,
        signal,
        callIds,
        tableEvidence: tableEvidence(profile, generation.promptDetail),
      }
      const states = statesOf(batch)
      const known = states.filter(({ skippedReason }) => skippedReason === null)
      await askFor(batch, known, 'draft')
      const missing = known.filter(isOpen)
      if (missing.length > 0) await askFor(batch, missing, 'missing-columns')
      await fillUp(batch, known)
      return { rows: states.map((state) => rowOf(request, state)), calls: callIds.size }
    },
    close: () => route.close(),
  }
}

function statesOf({ request, tableEvidence: tableBlock }: Batch): AssetState[] {
  const { profile, columns, includeTable, generation } = request
  const words = readTable(profile.catalog)
  const fresh = (asset: BatchAsset, evidence: string, skippedReason: string | null): AssetState => ({
    asset,
    evidence,
    texts: [],
    reasoning: null,
    citations: [],
    produced: 0,
    retried: 0,
    skippedReason,
    callIds: new Set(),
    warnings: [],
  })
  const ofColumns = columns.map((name) => {
    const facts = columnFacts(profile, name, words)
    return facts === null
      ? fresh(name, '', `the table has no column "${name}"`)
      : fresh(name, columnEvidence(facts, profile, generation.promptDetail), null)
  })
  return includeTable ? [fresh(null, tableBlock, null), ...ofColumns] : ofColumns
}

function isOpen(state: AssetState): boolean {
  return state.texts.length === 0 && state.skippedReason === null
}

/** Asks for the assets in one call; splits them in two as often as the reply does not fit. */
async function askFor(batch: Batch, states: readonly AssetState[], purpose: ModelQuestion['purpose']): Promise<void> {
  if (states.length === 0) return
  const { generation } = batch.request
  const answer = await ask(batch, states, purpose, generation.alternatives)
  if (answer.kind === 'Refused') return skip(states, answer.reason)
  if (answer.kind === 'TooLong') {
    if (states.length === 1) return skip(states, answer.reason)
    const middle = Math.ceil(states.length / 2)
    await askFor(batch, states.slice(0, middle), 'split')
    return askFor(batch, states.slice(middle), 'split')
  }
  const reply = parseReply(answer.text)
  if (reply === null) {
    for (const state of states) state.warnings.push('a reply of the model could not be read')
    return
  }
  for (const state of states) {
    const found = state.asset === null ? reply.table : parsedColumn(reply, state.asset)
    if (found === null) continue
    state.texts = distinctTexts(found.texts, generation.verbosity).slice(0, generation.alternatives)
    state.produced = state.texts.length
    state.reasoning = found.reasoning
    state.citations = found.citations
  }
}

/** One more call for all assets of the batch that are short of alternatives; what it repeats does not count. */
async function fillUp(batch: Batch, states: readonly AssetState[]): Promise<void> {
  const { alternatives, verbosity } = batch.request.generation
  const short = states.filter(({ texts }) => texts.length > 0 && texts.length < alternatives)
  if (short.length === 0) return
  const wanted = Math.max(...short.map(({ texts }) => alternatives - texts.length))
  const answer = await ask(batch, short, 'continuation', wanted)
  const reply = answer.kind === 'Text' ? parseReply(answer.text) : null
  for (const state of short) {
    const found = reply === null ? null : state.asset === null ? reply.table : parsedColumn(reply, state.asset)
    const added = distinctTexts(found?.texts ?? [], verbosity, state.texts).slice(0, alternatives - state.texts.length)
    state.retried = added.length
    state.texts = [...state.texts, ...added]
  }
}

async function ask(
  batch: Batch,
  states: readonly AssetState[],
  purpose: ModelQuestion['purpose'],
  alternatives: number,
): Promise<ModelAnswer> {
  const { profile, generation } = batch.request
  const includeTable = states.some(({ asset }) => asset === null)
  const columns = states.flatMap(({ asset, evidence }) => (asset === null ? [] : [{ name: asset, evidence }]))
  const existing =
    purpose === 'continuation'
      ? { existing: states.map(({ asset, texts }) => ({ asset: asset ?? profile.catalog.path, texts })) }
      : {}
  const question: ModelQuestion = {
    purpose,
    messages: buildPrompt({
      profile,
      columns,
      tableEvidence: batch.tableEvidence,
      includeTable,
      alternatives,
      generation,
      ...existing,
    }),
    schema: includeTable ? replySchemas.withTable : replySchemas.columnsOnly,
    outputTokens: outputBudget(states.length, alternatives, generation.verbosity, generation.maxOutputTokens),
    generation,
  }
  const ledger: CallLedger = {
    begin: (intent) => batch.ledger.begin(intent),
    end: (callId, outcome) => batch.ledger.end(callId, asAnswered(outcome, states)),
  }
  const answer = await batch.route.ask(question, ledger, batch.signal)
  for (const callId of answer.callIds) {
    batch.callIds.add(callId)
    for (const state of states) state.callIds.add(callId)
  }
  return answer
}

/**
 * The outcome of a call, failed when its reply says nothing of what it was asked: paid for and counted, but not kept for
 * whoever asks the same again, or every further try, in this run and later ones, would be given the useless reply.
 */
function asAnswered(outcome: CallOutcome, states: readonly AssetState[]): CallOutcome {
  if (outcome.outcome !== 'Succeeded' || outcome.reply === null) return outcome
  const reply = parseReply(outcome.reply.content)
  const found =
    reply === null ? [] : states.map(({ asset }) => (asset === null ? reply.table : parsedColumn(reply, asset)))
  if (found.some((asset) => asset !== null && asset.texts.length > 0)) return outcome
  const detail = reply === null ? 'it could not be read' : 'it describes nothing that was asked for'
  return { ...outcome, outcome: 'Failed', error: new AmxError('AMX-3009', { detail }).report() }
}

function skip(states: readonly AssetState[], reason: string): void {
  for (const state of states) state.skippedReason = reason
}

function rowOf({ profile, generation }: DraftBatchRequest, state: AssetState): DraftRow {
  const callIds = [...state.callIds]
  if (state.skippedReason !== null)
    return skippedRow(profile, state.asset, generation, {
      reason: state.skippedReason,
      callIds,
      evidence: state.evidence,
    })
  const padded = generation.alternatives - state.texts.length
  const warnings = [...new Set(state.warnings)]
  if (padded > 0)
    warnings.push(
      productionWarning({
        requested: generation.alternatives,
        produced: state.produced,
        retried: state.retried,
        padded,
      }),
    )
  const drafted = {
    texts: state.texts,
    padding: paddingTexts(padded),
    source: 'profile' as const,
    reasoning: state.reasoning,
    citations: citationsOf(state.citations),
    warnings,
    callIds,
    evidence: state.evidence,
  }
  return draftRow(profile, state.asset, drafted, generation)
}

/** The evidence a model says it relied on; it has seen nothing but the profile. */
function citationsOf(quotations: readonly string[]): DraftRow['citations'] {
  const snippets = [...new Set(quotations.map((text) => cleanText(text, 'Brief')))].filter((text) => text !== '')
  return snippets.slice(0, 5).map((snippet) => ({ source: 'profile', snippet: snippet.slice(0, 500) }))
}
