import { type Static, Type } from 'typebox'
import { literals, nullable } from './primitives.ts'
import { modelSettingsSchema, postgresqlConnectionSchema } from './settings.ts'
import { callOutcomeSchema, callPurposes, errorReportSchema } from './worker-protocol.ts'

// `/worker/v1/test`: what the pods that test a DatabaseProfile or an LLMProfile say to the server. Such a pod is authenticated like
// any worker; the server maps pod -> Job -> profile. It has one credential: the reader's, the writer's or the model's key.
//
//   GET  /worker/v1/test/assignment                       -> ProfileTestAssignment
//   POST /worker/v1/test/report     ProfileTestReport     -> Accepted   (the first report counts)
//
// A test pod finds `AMX_SERVER_URL`, its token at `AMX_TOKEN_FILE`, the sign-in at `AMX_CREDENTIALS_DIR` in the folder `0` or the
// key at `AMX_MODEL_KEY_FILE`, and in `AMX_SECRETS`, as JSON, which Secrets it mounts as far as they exist.

/** What a test is about: the credentials that read, those that write, or the model. */
export const profileTestParts = ['Reader', 'Writer', 'Model'] as const
export type ProfileTestPart = (typeof profileTestParts)[number]

const databaseTestSchema = Type.Object({
  part: literals(['Reader', 'Writer'] as const),
  connection: postgresqlConnectionSchema,
  /** Whether the profile names the database; without, only the sign-in is tested. */
  pinned: Type.Boolean(),
})

const modelTestSchema = Type.Object({ part: Type.Literal('Model'), model: modelSettingsSchema })

/** What is to be tried, without a secret. */
export const profileTestSettingsSchema = Type.Union([databaseTestSchema, modelTestSchema])
export type ProfileTestSettings = Static<typeof profileTestSettingsSchema>
export type DatabaseTestSettings = Static<typeof databaseTestSchema>
export type ModelTestSettings = Static<typeof modelTestSchema>

export const profileTestAssignmentSchema = Type.Object({
  profile: Type.Object({
    kind: literals(['DatabaseProfile', 'LLMProfile'] as const),
    namespace: Type.String(),
    name: Type.String(),
  }),
  settings: profileTestSettingsSchema,
})
export type ProfileTestAssignment = Static<typeof profileTestAssignmentSchema>

const count = Type.Integer({ minimum: 0 })

/** What the reader sees of a database. */
export const readerFindingSchema = Type.Object({
  part: Type.Literal('Reader'),
  /** Null where only the sign-in was tested. */
  serverVersion: nullable(Type.String({ maxLength: 255 })),
  /** What the backend and the credentials allow, by name. */
  capabilities: Type.Record(Type.String({ maxLength: 64 }), Type.Boolean()),
  inventory: nullable(Type.Object({ schemas: count, tables: count, columns: count, documented: count })),
})
export type ReaderFinding = Static<typeof readerFindingSchema>

/** What the writer may comment on. */
export const writerFindingSchema = Type.Object({
  part: Type.Literal('Writer'),
  /** Null where only the sign-in was tested. */
  tables: nullable(Type.Object({ seen: count, writable: count })),
  /** The first of those it may not comment on. */
  refused: Type.Array(Type.String({ maxLength: 1024 }), { maxItems: 5 }),
})
export type WriterFinding = Static<typeof writerFindingSchema>

/** What the model's server was found to offer; a capability that nothing showed is left out. */
export const modelFindingSchema = Type.Object({
  part: Type.Literal('Model'),
  capabilities: Type.Object({
    structuredOutput: Type.Optional(Type.Boolean()),
    logprobs: Type.Optional(Type.Boolean()),
    reasoning: Type.Optional(Type.Boolean()),
    seed: Type.Optional(Type.Boolean()),
  }),
})
export type ModelFinding = Static<typeof modelFindingSchema>

export const profileFindingSchema = Type.Union([readerFindingSchema, writerFindingSchema, modelFindingSchema])
export type ProfileFinding = Static<typeof profileFindingSchema>

/** A call that a test made: it is paid for like any other. */
export const testCallSchema = Type.Object({
  callId: Type.String({ format: 'uuid' }),
  purpose: literals(callPurposes),
  provider: Type.String(),
  model: Type.String(),
  outcome: callOutcomeSchema,
})
export type TestCall = Static<typeof testCallSchema>

/** How a test ended: with a finding or with an error. */
export const profileTestReportSchema = Type.Object({
  finding: nullable(profileFindingSchema),
  error: nullable(errorReportSchema),
  calls: Type.Array(testCallSchema, { maxItems: 20 }),
})
export type ProfileTestReport = Static<typeof profileTestReportSchema>
