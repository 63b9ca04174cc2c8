import { defaults, type GenerationSettings } from '@amx/api'
import type { ModelQuestion } from '../model-route.ts'
import { type Effort, type ReplyFormat, type RouteCapabilities, reasoningEfforts } from './route-capabilities.ts'

/** What this server was found not to take; what it refused once is not sent again. */
export interface LearntLimits {
  /** How many of the route's formats, best first, were refused. */
  formatsRefused: number
  temperature: 'Taken' | 'Refused'
  logprobs: 'Taken' | 'Refused'
  reasoning: 'Taken' | 'Refused'
  /** Whether it shows what the model thought, where that has to be asked for. */
  thoughts: 'Shown' | 'Refused'
  tokenField: RouteCapabilities['tokenField']
  outputCap: number
}

/** What of a question is sent, and how: the settings fitted to the route. */
export interface RequestPlan {
  readonly format: ReplyFormat
  readonly temperature: number | null
  readonly logprobs: 'Asked' | 'Left'
  /** Whether the model reasons before it answers, as far as that is known. */
  readonly reasons: 'Yes' | 'No'
  /** `none` tells a model that can to leave reasoning out; null where nothing can be told. */
  readonly effort: Effort | 'none' | null
  readonly thoughts: 'Asked' | 'Left'
  /** Thinking tokens, for a model that takes a budget and is to think. */
  readonly thinkingTokens: number | null
  readonly outputTokens: number
  readonly tokenField: RouteCapabilities['tokenField']
  /** What was asked for and is done otherwise, in words for the person who asked. */
  readonly warnings: readonly string[]
}

/** Fewest thinking tokens that can be asked for. */
const leastThinkingTokens = 1_024

export function nothingLearnt(capabilities: RouteCapabilities): LearntLimits {
  return {
    formatsRefused: 0,
    temperature: 'Taken',
    logprobs: 'Taken',
    reasoning: 'Taken',
    thoughts: 'Shown',
    tokenField: capabilities.tokenField,
    outputCap: Number.POSITIVE_INFINITY,
  }
}

/**
 * Fits a question to what the route does. Pure. What the settings ask for and the route cannot do is told in `warnings`; a
 * setting left at its default is not asked for.
 */
export function planRequest(
  question: ModelQuestion,
  outputTokens: number,
  capabilities: RouteCapabilities,
  learnt: LearntLimits,
  model: string,
): RequestPlan {
  const { generation } = question
  const warnings: string[] = []
  const effort = effortOf(generation, capabilities, learnt, model, warnings)
  const reasons = learnt.reasoning === 'Taken' && capabilities.reasoning.control !== 'None' && effort !== 'none'
  const thinkingTokens = reasons ? thinkingTokensOf(generation, capabilities, warnings) : null
  const asked = outputTokens + (thinkingTokens ?? 0)
  const cut = asked > learnt.outputCap
  if (cut) warnings.push(`${model} writes at most ${learnt.outputCap} tokens in a reply, fewer than asked for`)
  if (reasons && learnt.thoughts === 'Refused') warnings.push(`the server does not show what ${model} thinks`)
  const format = formatOf(capabilities, learnt, model, warnings)
  return {
    format,
    temperature: temperatureOf(generation, capabilities, learnt, reasons, model, warnings),
    logprobs: logprobsOf(question, capabilities, learnt, reasons),
    reasons: reasons ? 'Yes' : 'No',
    effort,
    thoughts: reasons && learnt.thoughts === 'Shown' ? 'Asked' : 'Left',
    thinkingTokens,
    outputTokens: cut ? learnt.outputCap : asked,
    tokenField: learnt.tokenField,
    warnings,
  }
}

/** Output tokens of a first try: a model that reasons without a budget of its own needs room for that. */
export function firstOutputTokens(question: ModelQuestion, capabilities: RouteCapabilities): number {
  const { control, off } = capabilities.reasoning
  const told = question.generation.reasoning.effort.toLowerCase()
  const reasons = control !== 'None' && control !== 'Budget' && !(told === 'none' && off === 'Possible')
  return reasons ? Math.max(capabilities.reasoningFloorTokens, question.outputTokens) : question.outputTokens
}

function effortOf(
  generation: GenerationSettings,
  { reasoning }: RouteCapabilities,
  learnt: LearntLimits,
  model: string,
  warnings: string[],
): Effort | 'none' | null {
  const { control, efforts, off } = reasoning
  const told = generation.reasoning.effort.toLowerCase()
  if (control === 'None') return null
  if (learnt.reasoning === 'Refused') {
    if (told !== defaults.generation.reasoning.effort.toLowerCase())
      warnings.push(`the server takes no reasoning effort for ${model}: "${told}" was not sent`)
    return null
  }
  if (told === 'none') {
    if (off === 'Possible') return 'none'
    const least = efforts[0]
    warnings.push(
      least === undefined
        ? `${model} always reasons: effort "none" was not sent`
        : `${model} always reasons: effort "none" was sent as "${least}"`,
    )
    return least ?? null
  }
  if (efforts.length === 0) {
    if (control !== 'Budget' && told !== defaults.generation.reasoning.effort.toLowerCase())
      warnings.push(`${model} takes no reasoning effort: "${told}" was not sent`)
    return null
  }
  const wanted = reasoningEfforts.find((effort) => effort === told) ?? 'low'
  if (efforts.includes(wanted)) return wanted
  const next = reasoningEfforts.slice(reasoningEfforts.indexOf(wanted)).find((effort) => efforts.includes(effort))
  const sent = next ?? efforts.at(-1) ?? wanted
  warnings.push(`${model} has no reasoning effort "${wanted}": "${sent}" was sent`)
  return sent
}

function thinkingTokensOf(
  generation: GenerationSettings,
  { reasoning }: RouteCapabilities,
  warnings: string[],
): number | null {
  if (reasoning.control !== 'Budget') return null
  const { budgetTokens } = generation.reasoning
  if (budgetTokens >= leastThinkingTokens) return budgetTokens
  warnings.push(`a thinking budget of ${budgetTokens} tokens was raised to ${leastThinkingTokens}, the least there is`)
  return leastThinkingTokens
}

function temperatureOf(
  generation: GenerationSettings,
  { temperature: sending, maximumTemperature }: RouteCapabilities,
  learnt: LearntLimits,
  reasons: boolean,
  model: string,
  warnings: string[],
): number | null {
  const { temperature } = generation
  if (learnt.temperature === 'Refused' || sending === 'Never' || (sending === 'WithoutReasoning' && reasons)) {
    // Its default is documented not to be sent to models that reason; another value was asked for.
    if (temperature !== Number(defaults.generation.temperature))
      warnings.push(
        `${model} takes no temperature${sending === 'WithoutReasoning' && reasons ? ' while it reasons' : ''}: ${temperature} was not sent`,
      )
    return null
  }
  if (temperature <= maximumTemperature) return temperature
  warnings.push(`${model} takes a temperature of at most ${maximumTemperature}: ${temperature} was lowered to it`)
  return maximumTemperature
}

// A missing log-probability is told with the score it would have given.
function logprobsOf(
  { generation, purpose }: ModelQuestion,
  { logprobs: sending, probability }: RouteCapabilities,
  learnt: LearntLimits,
  reasons: boolean,
): RequestPlan['logprobs'] {
  if (purpose === 'judge') return 'Left'
  if (generation.confidenceSignal !== 'Logprob' && probability === 'Left') return 'Left'
  if (learnt.logprobs === 'Refused' || sending === 'Never' || (sending === 'WithoutReasoning' && reasons)) return 'Left'
  return 'Asked'
}

function formatOf(
  { formats }: RouteCapabilities,
  learnt: LearntLimits,
  model: string,
  warnings: string[],
): ReplyFormat {
  const format = formats[learnt.formatsRefused] ?? 'text'
  if (learnt.formatsRefused > 0)
    warnings.push(`the server does not hold replies of ${model} to ${formats[0] ?? 'a form'}: ${formatWords[format]}`)
  return format
}

const formatWords: Readonly<Record<ReplyFormat, string>> = {
  json_schema: 'a JSON schema was sent',
  json_object: 'JSON mode was used',
  tool: 'a tool call was asked for',
  text: 'only the prompt says how to answer',
}
