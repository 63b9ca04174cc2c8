import { createHash } from 'node:crypto'
import { AmxError, type GenerationSettings } from '@amx/api'
import { checkedLedger } from './checked-ledger.ts'
import { judgeScore } from './confidence/judge-signal.ts'
import type { Scores } from './confidence/score-alternatives.ts'
import type { CallLedger } from './drafting.ts'
import type { ModelRoute } from './model-route.ts'
import { buildJudgePrompt, judgeSchema, type NumberedText } from './prompt/build-judge-prompt.ts'
import { parseVerdicts } from './reply/parse-verdicts.ts'

/** An asset whose texts are to be judged. */
export interface JudgedAsset {
  /** Name of the column, or path of the table. */
  readonly asset: string
  readonly evidence: string
  readonly texts: readonly string[]
}

export interface Judgement {
  /** One per asset, in their order. */
  readonly scores: readonly Scores[]
  readonly callIds: readonly string[]
}

/** Output tokens for a verdict; four numbers and their names. */
const tokensPerVerdict = 40

/**
 * Has the texts of a batch judged in one call, by the evidence they were written from; in two when they do not fit. Throws what
 * the ledger throws and the signal's reason; a model that does not judge leaves no scores and is no fault of the batch.
 */
export async function judgeTexts(
  assets: readonly JudgedAsset[],
  asking: {
    readonly route: ModelRoute
    readonly ledger: CallLedger
    readonly signal: AbortSignal
    readonly generation: GenerationSettings
    readonly tableEvidence: string
  },
): Promise<Judgement> {
  const { route, ledger, signal, generation, tableEvidence } = asking
  if (assets.length === 0) return { scores: [], callIds: [] }
  const numbered = shuffled(assets)
  const evidence = new Set([tableEvidence, ...assets.map((asset) => asset.evidence)])
  const question = {
    purpose: 'judge',
    messages: buildJudgePrompt([...evidence], numbered),
    schema: judgeSchema,
    outputTokens: Math.max(1_024, numbered.length * tokensPerVerdict),
    // The same texts are to get the same scores.
    generation: { ...generation, temperature: Math.min(generation.temperature, 0.2) },
  } as const
  const checked = checkedLedger(ledger, (content) => (parseVerdicts(content).size === 0 ? 'it holds no verdict' : null))
  const answer = await route.ask(question, checked, signal).catch((thrown: unknown) => {
    if (signal.aborted || !(thrown instanceof AmxError) || !thrown.code.startsWith('AMX-3')) throw thrown
    return thrown
  })
  if (answer instanceof AmxError) return unjudged(assets, `${answer.code}: ${answer.message}`, [])
  if (answer.kind === 'Refused') return unjudged(assets, answer.reason, answer.callIds)
  if (answer.kind === 'TooLong') {
    if (assets.length === 1) return unjudged(assets, answer.reason, answer.callIds)
    const middle = Math.ceil(assets.length / 2)
    const first = await judgeTexts(assets.slice(0, middle), asking)
    const second = await judgeTexts(assets.slice(middle), asking)
    return {
      scores: [...first.scores, ...second.scores],
      callIds: [...answer.callIds, ...first.callIds, ...second.callIds],
    }
  }
  const verdicts = parseVerdicts(answer.text)
  const scores = assets.map(({ asset, texts }): Scores => {
    const given = texts.map((text) => {
      const number = numbered.find((entry) => entry.asset === asset && entry.text === text)?.number
      const verdict = number === undefined ? undefined : verdicts.get(number)
      return verdict === undefined ? null : judgeScore(verdict)
    })
    const missing = given.some((score) => score === null)
    return { scores: given, warning: missing ? 'no judge score: the judge said nothing of a text' : null }
  })
  return { scores, callIds: answer.callIds }
}

/** The texts in an order that tells nothing of who wrote what first, and is the same for the same texts. */
function shuffled(assets: readonly JudgedAsset[]): NumberedText[] {
  return assets
    .flatMap(({ asset, texts }) => texts.map((text) => ({ asset, text, place: placeOf(asset, text) })))
    .sort((one, other) => (one.place < other.place ? -1 : 1))
    .map(({ asset, text }, index) => ({ number: index + 1, asset, text }))
}

function placeOf(asset: string, text: string): string {
  return createHash('sha256').update(`${asset}\n${text}`).digest('hex')
}

function unjudged(assets: readonly JudgedAsset[], reason: string, callIds: readonly string[]): Judgement {
  const warning = `no judge score: ${reason}`
  return { scores: assets.map(({ texts }) => ({ scores: texts.map(() => null), warning })), callIds }
}
