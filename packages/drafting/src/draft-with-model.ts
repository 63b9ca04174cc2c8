import type { AssetState } from './asset-state.ts'
import { checkedLedger } from './checked-ledger.ts'
import { draftContainer } from './container/draft-container.ts'
import { useContext } from './context/use-context.ts'
import { descentOf } from './descent-of.ts'
import type { BatchAsset } from './draft-row.ts'
import type { CallLedger, DraftBatchRequest, Drafter } from './drafting.ts'
import { embedStates } from './embedding/embed-states.ts'
import type { Embedder } from './embedding/embedder.ts'
import { columnFacts } from './evidence/column-facts.ts'
import { columnEvidence, tableEvidence } from './evidence/evidence-block.ts'
import { readTable } from './evidence/table-words.ts'
import { trimmedPreset, trimmedWords, trimSteps } from './evidence/trimmed-preset.ts'
import { judgeTexts } from './judge-texts.ts'
import type { ModelAnswer, ModelQuestion, ModelRoute } from './model-route.ts'
import { modelRow } from './model-row.ts'
import { buildPrompt } from './prompt/build-prompt.ts'
import { outputBudget } from './prompt/output-budget.ts'
import { replySchemas } from './prompt/reply-schema.ts'
import { distinctItems } from './reply/distinct-texts.ts'
import { parseReply } from './reply/parse-reply.ts'
import { withinBudget } from './within-budget.ts'
import { foundIn, writtenTexts } from './written-texts.ts'

/** Everything the calls of one batch share. */
interface Batch {
  readonly request: DraftBatchRequest
  readonly route: ModelRoute
  readonly ledger: CallLedger
  readonly signal: AbortSignal
  /** Shortened when it does not fit the model's window. */
  tableEvidence: string
  readonly callIds: Set<string>
  /** Steps by which evidence was shortened, by asset. */
  readonly trims: Map<AssetState, number>
}

/** A drafter that asks a model: exactly N alternatives per asset, whatever the model makes of the request. */
export function createModelDrafter(given: ModelRoute, embedder: Embedder | null = null): Drafter {
  const route = withinBudget(given)
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
        trims: new Map(),
        tableEvidence: tableEvidence(profile, generation.promptDetail),
      }
      const states = statesOf(batch)
      const known = states.filter(({ skippedReason }) => skippedReason === null)
      await askFor(batch, known, request.descent?.type === 'Variations' ? 'variation' : 'draft')
      const missing = known.filter(isOpen)
      if (missing.length > 0) await askFor(batch, missing, 'missing-columns')
      // Variations are of a text that was chosen: what documents and code say went into it.
      if (request.descent?.type !== 'Variations') await useContext(batch, known)
      await fillUp(batch, known)
      if (generation.confidenceSignal === 'Judge') await judge(batch, known)
      if (generation.confidenceSignal === 'SelfConsistency' && embedder !== null)
        await embedStates(embedder, batch, known)
      return { rows: states.map((state) => modelRow(request, state)), calls: callIds.size }
    },
    describeContainer: (request, ledger, signal) => draftContainer(request, route, ledger, signal),
    cancel: () => route.cancel(),
    async close() {
      await Promise.all([route.close(), embedder?.close()])
    },
  }
}

function statesOf({ request, tableEvidence: tableBlock }: Batch): AssetState[] {
  const { profile, columns, includeTable, generation } = request
  const words = readTable(profile.catalog)
  const fresh = (asset: BatchAsset, evidence: string, skippedReason: string | null): AssetState => ({
    asset,
    evidence,
    descent: descentOf(request, asset),
    texts: [],
    reasoning: null,
    thought: null,
    judged: null,
    consistency: null,
    citations: [],
    excerpts: '',
    candidates: [],
    source: 'profile',
    quoted: [],
    produced: 0,
    retried: 0,
    skippedReason,
    callIds: new Set(),
    warnings:
      request.style?.length === 0 ? [`no target of the run has a commented table ${generation.styleTable ?? ''}`] : [],
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
    const [only, second] = states
    if (answer.what === 'Question' && only !== undefined && (second === undefined || tableWeighs(batch, states))) {
      if (states.every((state) => trim(batch, state))) return askFor(batch, states, purpose)
    }
    if (second === undefined) return skip(states, answer.reason)
    const middle = Math.ceil(states.length / 2)
    await askFor(batch, states.slice(0, middle), 'split')
    return askFor(batch, states.slice(middle), 'split')
  }
  for (const state of states) {
    const steps = batch.trims.get(state) ?? 0
    if (steps > 0)
      state.warnings.push(`the evidence was too long for the model and went without ${trimmedWords(steps)}`)
  }
  const reply = parseReply(answer.text)
  if (reply === null) {
    for (const state of states) state.warnings.push('a reply of the model could not be read')
    return
  }
  for (const state of states) {
    const found = foundIn(reply, state.asset)
    if (found === null) continue
    const written = writtenTexts(found, state.asset, answer)
    state.texts = distinctItems(written, generation.verbosity, state.descent.excluded).slice(0, generation.alternatives)
    state.produced = state.texts.length
    state.reasoning = found.reasoning
    state.thought = answer.reasoning
    state.citations = found.citations
  }
}

/** Whether the table's own block is most of the evidence: then fewer columns in a call would not help. */
function tableWeighs(batch: Batch, states: readonly AssetState[]): boolean {
  const ofColumns = states.reduce((sum, { asset, evidence }) => (asset === null ? sum : sum + evidence.length), 0)
  return batch.tableEvidence.length > ofColumns
}

/** Shortens the evidence of an asset by a step; false when nothing is left to leave out. */
function trim(batch: Batch, state: AssetState): boolean {
  const { profile, generation } = batch.request
  const steps = (batch.trims.get(state) ?? 0) + 1
  if (steps > trimSteps.length) return false
  batch.trims.set(state, steps)
  const preset = trimmedPreset(generation.promptDetail, steps)
  const facts = state.asset === null ? null : columnFacts(profile, state.asset)
  const table = tableEvidence(profile, preset)
  if (table.length < batch.tableEvidence.length) batch.tableEvidence = table
  state.evidence = facts === null ? table : columnEvidence(facts, profile, preset)
  return true
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
    if (answer.kind !== 'Text') state.warnings.push(`no further alternatives came: ${answer.reason}`)
    const found = reply === null ? null : foundIn(reply, state.asset)
    const written = found === null || answer.kind !== 'Text' ? [] : writtenTexts(found, state.asset, answer)
    const existing = existingTexts(state)
    const added = distinctItems(written, verbosity, existing).slice(0, alternatives - state.texts.length)
    state.retried = added.length
    state.texts = [...state.texts, ...added]
  }
}

/** Texts that a further one must differ from. */
function existingTexts({ texts, descent }: AssetState): string[] {
  return [...texts.map(({ text }) => text), ...descent.excluded]
}

/** One more call for the whole batch, that scores what the others gave. */
async function judge(batch: Batch, states: readonly AssetState[]): Promise<void> {
  const { route, ledger, signal, request, tableEvidence: tableBlock } = batch
  const judged = states.filter(({ texts, skippedReason }) => texts.length > 0 && skippedReason === null)
  const assets = judged.map(({ asset, evidence, excerpts, texts }) => ({
    asset: asset ?? request.profile.catalog.path,
    evidence: excerpts === '' ? evidence : `${evidence}\n\n${excerpts}`,
    texts: texts.map(({ text }) => text),
  }))
  const { generation } = request
  const { scores, callIds } = await judgeTexts(assets, { route, ledger, signal, generation, tableEvidence: tableBlock })
  for (const callId of callIds) batch.callIds.add(callId)
  for (const [index, state] of judged.entries()) {
    state.judged = scores[index] ?? null
    for (const callId of callIds) state.callIds.add(callId)
  }
}

async function ask(
  batch: Batch,
  states: readonly AssetState[],
  purpose: ModelQuestion['purpose'],
  alternatives: number,
): Promise<ModelAnswer> {
  const { profile } = batch.request
  const trimmed = states.some((state) => (batch.trims.get(state) ?? 0) > 0)
  const generation = trimmed ? { ...batch.request.generation, otherColumnNames: 0 } : batch.request.generation
  const includeTable = states.some(({ asset }) => asset === null)
  const columns = states.flatMap(({ asset, evidence }) => (asset === null ? [] : [{ name: asset, evidence }]))
  const nameOf = (asset: BatchAsset) => asset ?? profile.catalog.path
  const seeds = states.flatMap(({ asset, descent: { seed } }) =>
    seed === null ? [] : [{ asset: nameOf(asset), text: seed }],
  )
  const told = states.map((state) => ({ asset: nameOf(state.asset), texts: existingTexts(state) }))
  const hasTold = purpose === 'continuation' || told.some(({ texts }) => texts.length > 0)
  const question: ModelQuestion = {
    purpose,
    messages: buildPrompt({
      profile,
      columns,
      tableEvidence: batch.tableEvidence,
      includeTable,
      alternatives,
      generation,
      ...(batch.request.style === undefined ? {} : { style: batch.request.style }),
      ...(seeds.length > 0 ? { seeds } : {}),
      ...(hasTold ? { existing: told } : {}),
    }),
    schema: includeTable ? replySchemas.withTable : replySchemas.columnsOnly,
    outputTokens: outputBudget(states.length, alternatives, generation.verbosity, generation.maxOutputTokens),
    leastOutputTokens: outputBudget(states.length, alternatives, generation.verbosity, 0),
    generation,
  }
  const ledger = checkedLedger(batch.ledger, (content) => uselessness(content, states))
  const answer = await batch.route.ask(question, ledger, batch.signal)
  for (const callId of answer.callIds) {
    batch.callIds.add(callId)
    for (const state of states) state.callIds.add(callId)
  }
  if (answer.kind === 'Text') for (const state of states) state.warnings.push(...answer.warnings)
  return answer
}

/** Why a reply is of no use for what it was asked; null when it says something about any of it. */
function uselessness(content: string, states: readonly AssetState[]): string | null {
  const reply = parseReply(content)
  if (reply === null) return 'it could not be read'
  const useful = states.some((state) => (foundIn(reply, state.asset)?.texts.length ?? 0) > 0)
  return useful ? null : 'it describes nothing that was asked for'
}

function skip(states: readonly AssetState[], reason: string): void {
  for (const state of states) state.skippedReason = reason
}
