import type { ContainerBrief, GenerationSettings } from '@amx/api'
import { checkedLedger } from '../checked-ledger.ts'
import { logprobScore, placeTokens } from '../confidence/logprob-signal.ts'
import type { Scores } from '../confidence/score-alternatives.ts'
import { rowWithoutTexts } from '../draft-row.ts'
import type { CallLedger, DescribeContainerRequest, DescribeContainerResult } from '../drafting.ts'
import { judgeTexts } from '../judge-texts.ts'
import type { ModelAnswer, ModelQuestion, ModelRoute } from '../model-route.ts'
import { outputBudget } from '../prompt/output-budget.ts'
import { replySchemas } from '../prompt/reply-schema.ts'
import { distinctItems } from '../reply/distinct-texts.ts'
import { paddingTexts, productionWarning } from '../reply/padding.ts'
import { parseReply } from '../reply/parse-reply.ts'
import { buildContainerPrompt } from './build-container-prompt.ts'
import { containerEvidence } from './container-evidence.ts'
import { containerRow } from './container-row.ts'

interface WrittenText {
  readonly text: string
  readonly logprob: number | null
}

/** Members below which a question is not made shorter: what is too long then is not the list. */
const fewestMembers = 8

/**
 * Asks a model for the text about a schema or database: one call, and one more when it gave too few alternatives. Where the list
 * of members does not fit the model, it is asked again with every other one, and the evidence says so.
 */
export async function draftContainer(
  request: DescribeContainerRequest,
  route: ModelRoute,
  ledger: CallLedger,
  signal: AbortSignal,
): Promise<DescribeContainerResult> {
  let { brief } = request
  let calls = 0
  for (;;) {
    const drafted = await draftFrom({ ...request, brief }, route, ledger, signal)
    calls += drafted.calls
    if (drafted.kind === 'Drafted' || brief.members.length <= fewestMembers) return { row: drafted.row, calls }
    brief = { ...brief, members: brief.members.filter((_, index) => index % 2 === 0) }
  }
}

async function draftFrom(
  { brief, generation }: DescribeContainerRequest,
  route: ModelRoute,
  ledger: CallLedger,
  signal: AbortSignal,
): Promise<DescribeContainerResult & { readonly kind: 'Drafted' | 'TooLong' }> {
  signal.throwIfAborted()
  const evidence = containerEvidence(brief)
  const callIds: string[] = []
  const warnings: string[] = []

  async function ask(alternatives: number, existing?: readonly string[]): Promise<ModelAnswer> {
    const question: ModelQuestion = {
      purpose: existing === undefined ? purposeOf(brief) : 'continuation',
      messages: buildContainerPrompt({
        brief,
        evidence,
        alternatives,
        generation,
        ...(existing === undefined ? {} : { existing }),
      }),
      schema: replySchemas.withTable,
      outputTokens: outputBudget(1, alternatives, generation.verbosity, generation.maxOutputTokens),
      generation,
    }
    const answer = await route.ask(question, checkedLedger(ledger, uselessness), signal)
    callIds.push(...answer.callIds)
    if (answer.kind === 'Text') warnings.push(...answer.warnings)
    return answer
  }

  const answer = await ask(generation.alternatives)
  const skipped = (reason: string, kind: 'Drafted' | 'TooLong' = 'Drafted') => ({
    kind,
    row: rowWithoutTexts({ path: brief.path, kind: brief.kind }, generation, {
      reason,
      callIds,
      evidence,
      warnings: [...new Set(warnings)],
    }),
    calls: callIds.length,
  })
  if (answer.kind === 'TooLong') return skipped(answer.reason, 'TooLong')
  if (answer.kind === 'Refused') return skipped(answer.reason)
  const produced = distinctItems(writtenTexts(answer), generation.verbosity).slice(0, generation.alternatives)
  if (produced.length === 0) return skipped('the model wrote no description')
  const added = produced.length < generation.alternatives ? await continued(produced) : []
  const texts = [...produced, ...added]
  const padded = generation.alternatives - texts.length
  if (padded > 0) {
    const counts = { requested: generation.alternatives, produced: produced.length, retried: added.length, padded }
    warnings.push(productionWarning(counts))
  }
  const stated = await statedScores(texts)
  const drafted = {
    texts: texts.map(({ text }) => text),
    padding: paddingTexts(padded),
    source: 'profile' as const,
    reasoning: parseReply(answer.text)?.table?.reasoning ?? null,
    warnings: [...new Set(warnings)],
    callIds,
    evidence,
    stated,
  }
  return { kind: 'Drafted', row: containerRow(brief, drafted, generation), calls: callIds.length }

  async function continued(texts: readonly WrittenText[]): Promise<readonly WrittenText[]> {
    const existing = texts.map(({ text }) => text)
    const wanted = generation.alternatives - texts.length
    const more = await ask(wanted, existing)
    if (more.kind !== 'Text') return []
    return distinctItems(writtenTexts(more), generation.verbosity, existing).slice(0, wanted)
  }

  async function statedScores(texts: readonly WrittenText[]): Promise<Scores | null> {
    if (generation.confidenceSignal === 'Judge') {
      const asset = { asset: brief.path, evidence, texts: texts.map(({ text }) => text) }
      const judged = await judgeTexts([asset], { route, ledger, signal, generation, tableEvidence: evidence })
      callIds.push(...judged.callIds)
      return judged.scores[0] ?? null
    }
    return scoresFromReply(texts, generation)
  }
}

function scoresFromReply(texts: readonly WrittenText[], { confidenceSignal }: GenerationSettings): Scores | null {
  if (confidenceSignal === 'Logprob') {
    const scores = texts.map(({ logprob }) => logprob)
    const warning = scores.includes(null) ? 'no Logprob score: the route gave no log-probabilities for the text' : null
    return { scores, warning }
  }
  if (confidenceSignal !== 'SelfDeclared') return null
  const warning = 'no SelfDeclared score: a model is not asked for it about a schema or database'
  return { scores: texts.map(() => null), warning }
}

function purposeOf({ kind }: ContainerBrief): ModelQuestion['purpose'] {
  return kind === 'Schema' ? 'schema' : 'database'
}

function writtenTexts(answer: Extract<ModelAnswer, { kind: 'Text' }>): WrittenText[] {
  const tokens = answer.logprobs === null ? null : placeTokens(answer.text, answer.logprobs)
  return (parseReply(answer.text)?.table?.texts ?? []).map((text) => ({
    text,
    logprob: tokens === null ? null : logprobScore(answer.text, tokens, null, text),
  }))
}

function uselessness(content: string): string | null {
  const reply = parseReply(content)
  if (reply === null) return 'it could not be read'
  return (reply.table?.texts.length ?? 0) > 0 ? null : 'it describes nothing that was asked for'
}
