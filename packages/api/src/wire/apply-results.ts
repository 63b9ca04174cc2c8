import { type Static, Type } from 'typebox'
import { applyRowOutcomeSchema } from './worker-protocol.ts'

// POST /worker/v1/results/tables   ApplyResults -> ApplyResultsTaken   (idempotent per unit and attempt)

/** What became of the rows of one apply unit. */
export const applyResultSchema = Type.Object({
  unitId: Type.String(),
  attempt: Type.Integer(),
  rows: Type.Array(applyRowOutcomeSchema),
  statements: Type.Integer(),
  durationMs: Type.Number(),
})
export type ApplyResult = Static<typeof applyResultSchema>

/** Tables that were written while an earlier message was on its way, recorded together: all of them or none. */
export const applyResultsSchema = Type.Object({
  results: Type.Array(applyResultSchema, { minItems: 1, maxItems: 256 }),
})
export type ApplyResults = Static<typeof applyResultsSchema>

export const applyResultsTakenSchema = Type.Object({
  /** Ids of units that somebody else holds now: nothing was recorded of what this worker says about them. */
  lost: Type.Array(Type.String()),
})
export type ApplyResultsTaken = Static<typeof applyResultsTakenSchema>
