import type { ModelSettings, Provider } from '@amx/api'
import { claudeVersion } from './claude-version.ts'
import { isReasoningModel, reasoningOutputFloor } from './reasoning-model.ts'

/** How a reply is held to its form: by a JSON Schema, as some JSON object, as arguments of a tool, or by the prompt alone. */
export type ReplyFormat = 'json_schema' | 'json_object' | 'tool' | 'text'

/** Whether something is sent: always, never, or only when the model does not reason before it answers. */
export type Sending = 'Always' | 'WithoutReasoning' | 'Never'

export const reasoningEfforts = ['low', 'medium', 'high'] as const
export type Effort = (typeof reasoningEfforts)[number]

export interface ReasoningCapability {
  /**
   * How reasoning is asked for. None: the model does not reason. Fixed: it always does, and nothing can be set. Effort: by a
   * named effort. Toggle: on or off. Budget: by a number of tokens. Adaptive: on, with a named effort.
   */
  readonly control: 'None' | 'Fixed' | 'Effort' | 'Toggle' | 'Budget' | 'Adaptive'
  /** The efforts the model tells apart. */
  readonly efforts: readonly Effort[]
  /** Whether it can be told not to reason. */
  readonly off: 'Possible' | 'Impossible'
}

/** What a route does for a model. What a server refuses all the same is learnt from its refusals. */
export interface RouteCapabilities {
  /** Best first. */
  readonly formats: readonly ReplyFormat[]
  readonly temperature: Sending
  readonly maximumTemperature: number
  readonly logprobs: Sending
  /** Whether log-probabilities are asked for beside every signal: they cost nothing there. */
  readonly probability: 'Asked' | 'Left'
  readonly reasoning: ReasoningCapability
  readonly tokenField: 'max_tokens' | 'max_completion_tokens'
  /** Least output tokens of a model that reasons: its reasoning counts as output and comes first. */
  readonly reasoningFloorTokens: number
}

const noReasoning: ReasoningCapability = { control: 'None', efforts: [], off: 'Possible' }
const fixedReasoning: ReasoningCapability = { control: 'Fixed', efforts: [], off: 'Impossible' }

const plain: RouteCapabilities = {
  formats: ['json_schema', 'json_object', 'tool', 'text'],
  temperature: 'Always',
  maximumTemperature: 2,
  logprobs: 'Always',
  probability: 'Left',
  reasoning: noReasoning,
  tokenField: 'max_tokens',
  reasoningFloorTokens: reasoningOutputFloor,
}

const routes: Readonly<Record<Exclude<Provider, 'BuiltIn'>, (model: string) => RouteCapabilities>> = {
  OpenAI: (model) => ({ ...openAI(model), probability: 'Asked' }),
  OpenAICompatible: openAI,
  Anthropic: anthropic,
  DeepSeek: deepSeek,
  Kimi: kimi,
  OpenRouter: openRouter,
  Ollama: ollama,
}

/** What the route of a provider does for a model, by the provider's documentation; generous where the model is not known. */
export function routeCapabilities({ provider, model }: Pick<ModelSettings, 'provider' | 'model'>): RouteCapabilities {
  return provider === 'BuiltIn' ? plain : routes[provider](model.toLowerCase())
}

/** @see https://developers.openai.com/api/docs/guides/reasoning */
function openAI(model: string): RouteCapabilities {
  if (!isReasoningModel(model)) return plain
  const name = model.split('/').at(-1) ?? ''
  return {
    ...plain,
    temperature: 'Never',
    logprobs: 'Never',
    reasoning: {
      control: 'Effort',
      efforts: reasoningEfforts,
      off: /^gpt-(?:5\.[1-9]|[6-9])/.test(name) ? 'Possible' : 'Impossible',
    },
    tokenField: 'max_completion_tokens',
  }
}

/**
 * @see https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 * @see https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking
 */
function anthropic(model: string): RouteCapabilities {
  const version = claudeVersion(model)
  const { family, number } = version ?? { family: 'unknown', number: 99 }
  const alwaysOn = family === 'fable' || family === 'mythos' || (family === 'opus' && number >= 5.5)
  const reasoning: ReasoningCapability =
    number >= 4.6
      ? { control: 'Adaptive', efforts: reasoningEfforts, off: alwaysOn ? 'Impossible' : 'Possible' }
      : number >= 3.7 && !(family === 'haiku' && number < 4.5)
        ? { control: 'Budget', efforts: [], off: 'Possible' }
        : noReasoning
  return {
    ...plain,
    // Forced tools and thinking exclude each other, so a tool is the form of older models alone.
    formats: number >= 4.5 ? ['json_schema', 'text'] : ['tool', 'text'],
    temperature: number >= 4.7 ? 'Never' : 'WithoutReasoning',
    maximumTemperature: 1,
    logprobs: 'Never',
    reasoning,
  }
}

/** @see https://api-docs.deepseek.com/guides/thinking_mode */
function deepSeek(model: string): RouteCapabilities {
  const form = { ...plain, formats: ['json_object', 'tool', 'text'] } as const
  if (model === 'deepseek-chat') return form
  if (model === 'deepseek-reasoner')
    return { ...form, temperature: 'Never', logprobs: 'Never', reasoning: fixedReasoning }
  return {
    ...form,
    temperature: 'WithoutReasoning',
    logprobs: 'WithoutReasoning',
    reasoning: { control: 'Effort', efforts: ['low', 'high'], off: 'Possible' },
  }
}

/** @see https://platform.kimi.ai/docs/api/models-overview */
function kimi(model: string): RouteCapabilities {
  const form = { ...plain, formats: ['json_object', 'tool', 'text'], maximumTemperature: 1, logprobs: 'Never' } as const
  if (/^moonshot-/.test(model) || /^kimi-k2-(?!thinking)/.test(model)) return form
  // Every later model takes no temperature but its own.
  if (/^kimi-k2\.[56](?!\d)/.test(model) && !model.includes('thinking'))
    return { ...form, temperature: 'Never', reasoning: { control: 'Toggle', efforts: [], off: 'Possible' } }
  if (/^kimi-k(?:[3-9])/.test(model))
    return {
      ...form,
      temperature: 'Never',
      reasoning: { control: 'Effort', efforts: ['low', 'high'], off: 'Impossible' },
    }
  return { ...form, temperature: 'Never', reasoning: fixedReasoning }
}

/**
 * The router turns an effort into what the model behind it takes. What a model does is the same behind the router; one that
 * is not known is not told to reason.
 * @see https://openrouter.ai/docs/guides/best-practices/reasoning-tokens
 */
function openRouter(model: string): RouteCapabilities {
  const [vendor = '', name = ''] = model.replace(/:[a-z]+$/, '').split('/')
  const { temperature, logprobs, reasoning } = behindRouter(vendor, name)
  const { control, off } = reasoning
  return {
    ...plain,
    temperature,
    logprobs,
    reasoning:
      control === 'None' || control === 'Fixed' ? reasoning : { control: 'Effort', efforts: reasoningEfforts, off },
  }
}

function behindRouter(vendor: string, name: string): RouteCapabilities {
  switch (vendor) {
    case 'anthropic':
      return anthropic(name)
    case 'openai':
      return openAI(name)
    case 'deepseek':
      return /^deepseek-(?:r1|v[4-9]|flash)/.test(name) ? deepSeek(name) : plain
    case 'moonshotai':
      return kimi(name)
    case 'google':
      return /^gemini-(?:2\.5|[3-9])/.test(name)
        ? { ...plain, logprobs: 'Never', reasoning: { control: 'Effort', efforts: reasoningEfforts, off: 'Possible' } }
        : plain
    default:
      return plain
  }
}

/** @see https://docs.ollama.com/api/chat */
function ollama(model: string): RouteCapabilities {
  const name = model.split('/').at(-1) ?? ''
  // Room for the reply is memory of the machine that runs the model.
  const form = { ...plain, formats: ['json_schema', 'json_object', 'text'], reasoningFloorTokens: 8_192 } as const
  if (/^gpt-oss/.test(name))
    return { ...form, reasoning: { control: 'Effort', efforts: reasoningEfforts, off: 'Impossible' } }
  if (
    /^(?:deepseek-r1|deepseek-v3\.[1-9]|qwen3(?!-coder|.*instruct)|qwq|magistral|glm-4\.[5-9]|kimi-k2-thinking)/.test(
      name,
    )
  )
    return { ...form, reasoning: { control: 'Toggle', efforts: [], off: 'Possible' } }
  return form
}
