import { AmxError, type ModelSettings } from '@amx/api'
import { createModelDrafter } from './draft-with-model.ts'
import type { CreateDrafterOptions, Drafter } from './drafting.ts'
import { createEmbedder } from './embedding/create-embedder.ts'
import { createAnthropicWire } from './providers/anthropic-wire.ts'
import { createBuiltInDrafter } from './providers/built-in.ts'
import { createRoute, type RouteOptions } from './providers/create-route.ts'
import { createOllamaWire } from './providers/ollama-wire.ts'
import { createOpenAIChatWire } from './providers/openai-chat-wire.ts'
import { createOpenAIResponsesWire } from './providers/openai-responses-wire.ts'
import { isReasoningModel } from './providers/reasoning-model.ts'
import type { Wire } from './providers/wire.ts'

/** The drafter of a model. Throws AMX-1002 for a provider this version has no route to, AMX-1001 for a route without address. */
export function createDrafter(options: CreateDrafterOptions): Drafter {
  const { model, apiKey, memory, onLearnt } = options
  const route: RouteOptions = {
    learning: { memory: memory ?? null, onLearnt: onLearnt ?? (() => {}) },
    ...(options.batches && {
      batching: { journal: options.batches, ...(options.batchPace && { pace: options.batchPace }) },
    }),
  }
  const embedder = createEmbedder(model, apiKey)
  switch (model.provider) {
    case 'BuiltIn':
      return createBuiltInDrafter()
    case 'OpenAI':
      return createModelDrafter(createRoute(model, openAIWire(model, apiKey), route), embedder)
    case 'OpenAICompatible':
    case 'DeepSeek':
    case 'Kimi':
    case 'OpenRouter':
      return createModelDrafter(createRoute(model, createOpenAIChatWire(model, apiKey), route), embedder)
    case 'Anthropic':
      return createModelDrafter(createRoute(model, createAnthropicWire(model, apiKey), route), embedder)
    case 'Ollama':
      return createModelDrafter(createRoute(model, createOllamaWire(model, apiKey), route), embedder)
    default:
      throw new AmxError('AMX-1002', { field: `spec.provider ${model.provider satisfies never}` })
  }
}

/** Only Responses show what OpenAI's models think. Gateways in its place speak chat completions, and not all of them Responses. */
function openAIWire(model: ModelSettings, apiKey: string | undefined): Wire<object> {
  const own = model.baseURL === null && isReasoningModel(model.model)
  return own ? createOpenAIResponsesWire(model, apiKey) : createOpenAIChatWire(model, apiKey)
}
