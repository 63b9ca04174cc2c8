import type { PromptDetail, Provider, Verbosity } from '../vocabulary.ts'
import type { GenerationSettings } from '../wire/settings.ts'
import type { CallIntent } from '../wire/worker-protocol.ts'
import { type Billing, costOf, type PricedModel } from './cost-of.ts'
import { dollarText, nanoDollars } from './decimal-money.ts'

// What calls will use, from counts alone. The figures below are those of prompt version 1, at four characters per token; the test
// beside this file holds them against recorded runs, and a test of the drafting stage against the prompts themselves.

/** One question about one table. */
export interface BatchShape {
  readonly columns: number
  readonly includeTable: boolean
  /** Columns of the table that are not asked for, whose names may be shown. Default: none. */
  readonly otherColumns?: number
}

export interface TokenEstimate {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** What of a run's settings decides how much a call takes. */
export type EstimatedGeneration = Pick<
  GenerationSettings,
  | 'alternatives'
  | 'confidenceSignal'
  | 'promptDetail'
  | 'verbosity'
  | 'columnBatchSize'
  | 'otherColumnNames'
  | 'instructions'
  | 'reasoning'
  | 'batchAPI'
>

/** Rules, length and form of the answer: the same in every call. */
const rulesTokens = 565
const alternativesRuleTokens = 75
const tableTokens: Readonly<Record<PromptDetail, number>> = { Minimal: 120, Standard: 140, Detailed: 180, Full: 180 }
const columnTokens: Readonly<Record<PromptDetail, number>> = { Minimal: 29, Standard: 40, Detailed: 58, Full: 58 }
const nameTokens = 5
const judgeRulesTokens = 330
const textTokens: Readonly<Record<Verbosity, number>> = { Brief: 27, Detailed: 75, Comprehensive: 190, Exhaustive: 480 }
/** The reasoning, the citations and the form around the texts of one asset. */
const answerTokens = 33
const verdictTokens = 25
/** What a reasoning model thinks per asset before it answers, as far as effort steers it. */
const thoughtTokens: Readonly<Record<string, number>> = { None: 0, Low: 60, Medium: 160, High: 400 }

/** Whether a model thinks before it answers, by its name: that is billed as output. */
function thinks({ provider, model }: { readonly provider: Provider; readonly model: string }): boolean {
  const name = model.toLowerCase().split('/').at(-1) ?? ''
  if (/^(?:o[1-9]|gpt-[5-9])/.test(name)) return !/-chat/.test(name)
  return provider === 'DeepSeek' ? /reasoner|-pro/.test(name) : /thinking|reasoner|(?:^|-)r1/.test(name)
}

/** What the first call about a batch takes. */
export function estimateBatch(
  { columns, includeTable, otherColumns = 0 }: BatchShape,
  generation: EstimatedGeneration,
  model: Pick<PricedModel, 'provider' | 'model'>,
): TokenEstimate {
  const { alternatives, promptDetail, verbosity, otherColumnNames, instructions, reasoning } = generation
  const assets = columns + (includeTable ? 1 : 0)
  const shownNames = otherColumnNames < 0 ? otherColumns : Math.min(otherColumns, otherColumnNames)
  const inputTokens =
    rulesTokens +
    (alternatives > 1 ? alternativesRuleTokens : 0) +
    Math.ceil(instructions.length / 4) +
    tableTokens[promptDetail] +
    columns * columnTokens[promptDetail] +
    shownNames * nameTokens
  const thought = thinks(model) ? 200 + assets * (thoughtTokens[reasoning.effort] ?? 100) : 0
  return { inputTokens, outputTokens: assets * (answerTokens + alternatives * textTokens[verbosity]) + thought }
}

/** What the call takes that scores a batch's texts; null when the signal needs none. */
export function estimateJudging(
  { columns, includeTable }: BatchShape,
  generation: EstimatedGeneration,
  model: Pick<PricedModel, 'provider' | 'model'>,
): TokenEstimate | null {
  if (generation.confidenceSignal !== 'Judge') return null
  const { alternatives, promptDetail, verbosity } = generation
  const assets = columns + (includeTable ? 1 : 0)
  const texts = assets * alternatives
  return {
    inputTokens:
      judgeRulesTokens +
      tableTokens[promptDetail] +
      columns * columnTokens[promptDetail] +
      texts * (textTokens[verbosity] + nameTokens),
    outputTokens: texts * verdictTokens + (thinks(model) ? 200 : 0),
  }
}

/** The batches that a table's columns are asked for in, as the store makes them. */
export function batchesOf(
  table: { readonly columns: number; readonly includeTable: boolean },
  columnBatchSize: number,
): BatchShape[] {
  const { columns, includeTable } = table
  if (columns === 0) return includeTable ? [{ columns: 0, includeTable }] : []
  return Array.from({ length: Math.ceil(columns / columnBatchSize) }, (_, index) => {
    const asked = Math.min(columnBatchSize, columns - index * columnBatchSize)
    return { columns: asked, includeTable: includeTable && index === 0, otherColumns: columns - asked }
  })
}

export interface StageEstimate extends TokenEstimate {
  readonly purpose: CallIntent['purpose']
  readonly calls: number
  /** US dollars as decimal text; null when the price is unknown. */
  readonly costUsd: string | null
}

export interface RunEstimate extends TokenEstimate {
  readonly tables: number
  readonly columns: number
  readonly calls: number
  readonly stages: readonly StageEstimate[]
  readonly costUsd: string | null
  /** Version of the price table, `profile` for a price of the LLMProfile, null when the price is unknown. */
  readonly priceTable: string | null
}

/** What drafting the tables will take when replies are good: every asset in its first call, and a call per batch for a judge. Pure. */
export function estimateRun(
  tables: readonly { readonly columns: number; readonly includeTable: boolean }[],
  generation: EstimatedGeneration,
  model: PricedModel,
): RunEstimate {
  const counts = { tables: tables.length, columns: tables.reduce((sum, { columns }) => sum + columns, 0) }
  if (model.provider === 'BuiltIn')
    return { ...counts, ...nothing, calls: 0, stages: [], costUsd: '0', priceTable: null }
  const batches = tables.flatMap((table) => batchesOf(table, generation.columnBatchSize))
  const drafts = batches.map((batch) => estimateBatch(batch, generation, model))
  const verdicts = batches.flatMap((batch) => estimateJudging(batch, generation, model) ?? [])
  // First questions alone go out in a provider's batches.
  const billing = { batch: generation.batchAPI === true }
  const stages = [
    stage('draft', drafts, model, billing),
    ...(verdicts.length === 0 ? [] : [stage('judge', verdicts, model, {})]),
  ]
  const { priceTable } = costOf({ ...total(drafts), ...noDetails }, model, billing)
  return {
    ...counts,
    ...total(stages),
    calls: drafts.length + verdicts.length,
    stages,
    costUsd: sumOfCosts(stages.map(({ costUsd }) => costUsd)),
    priceTable,
  }
}

const nothing: TokenEstimate = { inputTokens: 0, outputTokens: 0 }
const noDetails = { cachedInputTokens: 0, reasoningTokens: 0 }

function stage(
  purpose: StageEstimate['purpose'],
  calls: readonly TokenEstimate[],
  model: PricedModel,
  billing: Billing,
): StageEstimate {
  // Call by call: rates may depend on how long a prompt is.
  const costs = calls.map((call) => costOf({ ...call, ...noDetails }, model, billing).costUsd)
  return { purpose, calls: calls.length, ...total(calls), costUsd: sumOfCosts(costs) }
}

function total(parts: readonly TokenEstimate[]): TokenEstimate {
  return {
    inputTokens: parts.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    outputTokens: parts.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
  }
}

function sumOfCosts(costs: readonly (string | null)[]): string | null {
  let sum = 0n
  for (const cost of costs) {
    if (cost === null) return null
    sum += nanoDollars(cost)
  }
  return dollarText(sum)
}
