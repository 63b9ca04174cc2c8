import { type Static, Type } from 'typebox'
import { nullable } from './primitives.ts'
import type { ResultFilter } from './result-queries.ts'
import { resultRowSchema } from './results.ts'

// `/api/v1`: what is known of the assets of a namespace, over all of its runs.
//
//   GET  /api/v1/namespaces/{ns}/results    NewestRows  (?database= DatabaseProfile &within=… &state=… &applyOutcome=… &limit &after)

/** Which assets. */
export interface NewestRowFilter extends Pick<ResultFilter, 'state' | 'applyOutcome'> {
  /** DatabaseProfile of the rows, or `profile/database`. */
  readonly database?: string
  /** Asset paths: they, and everything in them. */
  readonly within?: readonly string[]
}

const newestRowSchema = Type.Object({
  ...resultRowSchema.properties,
  run: Type.Object({ uid: Type.String(), name: Type.String() }),
})
export type NewestRow = Static<typeof newestRowSchema>

/** Each asset once: the row of the newest run whose row of it matches. By path; a page may hold a few rows more than its limit. */
export const newestRowsSchema = Type.Object({
  rows: Type.Array(newestRowSchema),
  /** Opaque; pass as `after` for the next page; null on the last. */
  next: nullable(Type.String()),
})
export type NewestRows = Static<typeof newestRowsSchema>
