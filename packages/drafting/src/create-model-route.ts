import { AmxError, type ModelSettings } from '@amx/api'
import type { ModelRoute } from './model-route.ts'
import { createAnthropicWire } from './providers/anthropic-wire.ts'
import { createRoute, type RouteOptions } from './providers/create-route.ts'
import { createOllamaWire } from './providers/ollama-wire.ts'
import { createOpenAIChatWire } from './providers/openai-chat-wire.ts'
import { createOpenAIResponsesWire } from './providers/openai-responses-wire.ts'
import { isReasoningModel } from './providers/reasoning-model.ts'
import type { Wire } from './providers/wire.ts'

/**
 * The route to a model that is not the built-in drafter. Throws AMX-1002 for a provider this version has no route to, AMX-1001
 * for a route without address.
 */
export function createModelRoute(model: ModelSettings, apiKey: string | undefined, options: RouteOptions): ModelRoute {
  switch (model.provider) {
    case 'OpenAI':
      return createRoute(model, openAIWire(model, apiKey), options)
    case 'OpenAICompatible':
    case 'DeepSeek':
    case 'Kimi':
    case 'OpenRouter':
      return createRoute(model, createOpenAIChatWire(model, apiKey), options)
    case 'Anthropic':
      return createRoute(model, createAnthropicWire(model, apiKey), options)
    case 'Ollama':
      return createRoute(model, createOllamaWire(model, apiKey), options)
    default:
      throw new AmxError('AMX-1002', { field: `spec.provider ${model.provider}` })
  }
}

/** Only Responses show what OpenAI's models think. Gateways in its place speak chat completions, and not all of them Responses. */
function openAIWire(model: ModelSettings, apiKey: string | undefined): Wire<object> {
  const own = model.baseURL === null && isReasoningModel(model.model)
  return own ? createOpenAIResponsesWire(model, apiKey) : createOpenAIChatWire(model, apiKey)
}
