import { AmxError } from '@amx/api'
import type { CreateDrafterOptions, Drafter } from './drafting.ts'
import { createBuiltInDrafter } from './providers/built-in.ts'

/** The drafter of a model. Throws AMX-1002 for a provider this version has no route to. */
export function createDrafter(options: CreateDrafterOptions): Drafter {
  const { provider } = options.model
  switch (provider) {
    case 'BuiltIn':
      return createBuiltInDrafter()
    default:
      throw new AmxError('AMX-1002', { field: `provider ${provider}` })
  }
}
