import { type Static, Type } from 'typebox'
import { nullable } from './primitives.ts'

// Who asks, how the server fares, and what the pods of a run wrote: for people's programs.
//
//   GET    /api/v1/whoami                                  WhoAmI
//   POST   /api/v1/session/codes                           SignInCode     (a one-time code for a browser, for whoever asks)
//   POST   /api/v1/session                                 SessionRequest -> WhoAmI, and the cookie of a session
//   DELETE /api/v1/session                                 ends the session of the cookie
//   GET    /api/v1/diagnostics                             Diagnostics
//   GET    /api/v1/namespaces/{ns}/runs/{name}/logs        LogPage        (?uid&limit&after&stage&level&since&wait)

/** Response header with the server's version, on every answer. */
export const versionHeader = 'AMX-Version'

/** Request header that a write signed in by cookie must carry: no form and no image of another site can set it. */
export const writeHeader = 'AMX-Request'

/** Levels of log lines, the least first. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type LogLevel = (typeof logLevels)[number]

export const whoAmISchema = Type.Object({
  username: Type.String(),
  groups: Type.Array(Type.String()),
  /** Who acts as this user; null when nobody does. */
  impersonatedBy: nullable(Type.String()),
  /** When the browser's session ends, RFC 3339; null without a session. */
  sessionUntil: nullable(Type.String()),
})
export type WhoAmI = Static<typeof whoAmISchema>

export const signInCodeSchema = Type.Object({ code: Type.String(), expiresAt: Type.String() })
export type SignInCode = Static<typeof signInCodeSchema>

export const sessionRequestSchema = Type.Object(
  { code: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: false },
)

export const logLineSchema = Type.Object({
  id: Type.String(),
  /** RFC 3339. */
  time: Type.String(),
  stage: Type.String(),
  level: Type.String(),
  message: Type.String(),
  /** Name of the pod. */
  pod: Type.String(),
  facts: Type.Unknown(),
})
export type LogLine = Static<typeof logLineSchema>

export const logPageSchema = Type.Object({
  lines: Type.Array(logLineSchema),
  /** Pass as `after` for what comes behind; null when nothing was there yet and no `after` was given. */
  next: nullable(Type.String()),
  /** Whether more lines are there now. */
  more: Type.Boolean(),
  /** Whether the run is over, so that no line will follow. */
  finished: Type.Boolean(),
})
export type LogPage = Static<typeof logPageSchema>

export const diagnosticsSchema = Type.Object({
  version: Type.String(),
  store: Type.Union([
    Type.Object({
      /** Version of the schema that the store has. */
      schema: Type.Integer(),
      /** One question and its answer, in milliseconds. */
      latencyMs: Type.Number(),
      /** Units of work of all namespaces. */
      units: Type.Object({ waiting: Type.Integer(), leased: Type.Integer(), overdue: Type.Integer() }),
      unfinishedRuns: Type.Integer(),
      sizeBytes: Type.Integer(),
    }),
    Type.Object({ error: Type.String() }),
  ]),
})
export type Diagnostics = Static<typeof diagnosticsSchema>
