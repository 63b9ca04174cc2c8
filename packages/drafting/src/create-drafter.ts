import { AmxError } from '@amx/api'
import { createModelDrafter } from './draft-with-model.ts'
import type { CreateDrafterOptions, Drafter } from './drafting.ts'
import { createBuiltInDrafter } from './providers/built-in.ts'
import { createOpenAICompatibleRoute } from './providers/openai-compatible.ts'

/** The drafter of a model. Throws AMX-1002 for a provider this version has no route to, AMX-1001 for a route without address. */
export function createDrafter({ model, apiKey }: CreateDrafterOptions): Drafter {
  switch (model.provider) {
    case 'BuiltIn':
      return createBuiltInDrafter()
    case 'OpenAI':
      return createModelDrafter(createOpenAICompatibleRoute(model, apiKey))
    case 'OpenAICompatible':
      if (model.baseURL === null)
        throw new AmxError('AMX-1001', {
          field: 'spec.baseURL',
          problem: 'provider OpenAICompatible needs the address of its server',
        })
      return createModelDrafter(createOpenAICompatibleRoute(model, apiKey))
    default:
      throw new AmxError('AMX-1002', { field: `spec.provider ${model.provider}` })
  }
}
