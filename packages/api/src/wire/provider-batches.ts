import { type Static, Type } from 'typebox'
import { literals, nullable } from './primitives.ts'

// Batches of model calls at a provider, as the draft worker writes them down.
//
//   GET  /worker/v1/batches             -> OpenProviderBatches
//   POST /worker/v1/batches             ProviderBatchIntent -> Accepted    (before it is sent)
//   POST /worker/v1/batches/{batchId}   ProviderBatchUpdate -> Accepted

const uuid = Type.String({ format: 'uuid' })

export const openProviderBatchesSchema = Type.Object({
  batches: Type.Array(
    Type.Object({
      batchId: uuid,
      /** Null when it is not known whether the provider ever got it. */
      providerBatchId: nullable(Type.String()),
      /** RFC 3339. */
      createdAt: Type.String(),
      /** Its calls that have no outcome yet. */
      calls: Type.Array(Type.Object({ callId: uuid, requestDigest: Type.String() })),
    }),
  ),
})
export type OpenProviderBatches = Static<typeof openProviderBatchesSchema>

export const providerBatchIntentSchema = Type.Object({
  batchId: uuid,
  callIds: Type.Array(uuid, { minItems: 1, maxItems: 10_000 }),
})
export type ProviderBatchIntent = Static<typeof providerBatchIntentSchema>

export const providerBatchUpdateSchema = Type.Union([
  Type.Object({ state: Type.Literal('Working'), providerBatchId: Type.String({ maxLength: 256 }) }),
  /** `Collected`: every answer is accounted for. `Failed`: the provider took none of it, so its open calls were never made. */
  Type.Object({ state: literals(['Collected', 'Failed'] as const) }),
])
export type ProviderBatchUpdate = Static<typeof providerBatchUpdateSchema>
