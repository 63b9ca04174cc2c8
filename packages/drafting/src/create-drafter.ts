import { createModelRoute } from './create-model-route.ts'
import { createModelDrafter } from './draft-with-model.ts'
import type { CreateDrafterOptions, Drafter } from './drafting.ts'
import { createEmbedder } from './embedding/create-embedder.ts'
import { createBuiltInDrafter } from './providers/built-in.ts'

/** The drafter of a model. Throws AMX-1002 for a provider this version has no route to, AMX-1001 for a route without address. */
export function createDrafter(options: CreateDrafterOptions): Drafter {
  const { model, apiKey, memory, onLearnt } = options
  if (model.provider === 'BuiltIn') return createBuiltInDrafter()
  const embedder = createEmbedder(model, apiKey)
  const route = createModelRoute(model, apiKey, {
    learning: { memory: memory ?? null, onLearnt: onLearnt ?? (() => {}) },
    ...(options.batches && {
      batching: { journal: options.batches, ...(options.batchPace && { pace: options.batchPace }) },
    }),
  })
  return createModelDrafter(route, embedder)
}
