import { type Static, Type } from 'typebox'
import { nullable } from './primitives.ts'

/** Why a row was not written: the catalogue's words with what to do about it, and the database's own. */
export const writeProblemSchema = Type.Object({
  code: Type.String(),
  message: Type.String(),
  remedy: Type.String(),
  /** As the driver reported it, SQLSTATE included; null where the database was not asked or said nothing. */
  driverMessage: nullable(Type.String()),
})
export type WriteProblem = Static<typeof writeProblemSchema>
