import { type Static, Type } from 'typebox'
import { applyOutcomes, assetKinds, confidenceBands, confidenceSignals, draftSources, stages } from '../vocabulary.ts'
import { tableCatalogSchema, tableProfileSchema } from './evidence.ts'
import { literals, nullable } from './primitives.ts'
import { runSettingsSchema } from './settings.ts'
import { writeProblemSchema } from './write-problem.ts'

// `/worker/v1`: what a Job's pod and the server say to each other. Every path below takes and gives JSON; the caller is
// authenticated by its projected token (audience `amx-server`), which the server maps pod -> Job -> run and stage.
//
//   GET  /worker/v1/assignment          -> Assignment
//   POST /worker/v1/claim               ClaimRequest -> ClaimResponse      (long poll up to waitMs)
//   POST /worker/v1/heartbeat           HeartbeatRequest -> HeartbeatResponse
//   POST /worker/v1/catalog             CatalogPage -> Accepted            (scope unit, pages)
//   POST /worker/v1/results             UnitResult -> Accepted             (idempotent per unit and attempt)
//   POST /worker/v1/results/tables      ApplyResults -> ApplyResultsTaken  (of several tables at once; ./apply-results.ts)
//   GET  /worker/v1/tables/{tableId}    -> TableProfile
//   POST /worker/v1/calls               CallIntent -> CallPermit           (before every model call)
//   POST /worker/v1/calls/{callId}      CallOutcome -> Accepted            (after it, before anything is made of it)
//   POST /worker/v1/calls/{callId}/retries  CallRetry -> RetryPermit       (after every try that failed for a passing cause)
//   POST /worker/v1/fail                FailReport -> Accepted             (stops the run: a fault no retry can mend)
//   POST /worker/v1/logs                LogLines -> Accepted
//   GET  /worker/v1/style               -> StyleAnswer                     (comments of the table whose style is matched)
//   POST /worker/v1/route-memory        RouteMemory -> Accepted            (what the model's server was found to take)

export const errorReportSchema = Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() })

/**
 * What the server behind an LLMProfile was found to take. Kept per profile and model, so that the next pod does not ask again
 * for what was refused.
 */
export const routeMemorySchema = Type.Object({
  /** How many of the route's reply formats, best first, were refused. */
  formatsRefused: Type.Integer({ minimum: 0, maximum: 10 }),
  /** Settings that were refused and are left out. */
  refused: Type.Array(literals(['temperature', 'logprobs', 'reasoning', 'thoughts'] as const)),
  tokenField: literals(['max_tokens', 'max_completion_tokens'] as const),
  /** Most output tokens the server takes; null where it named no limit. */
  outputCap: nullable(Type.Integer({ minimum: 1 })),
  /** What replies were seen to have; null for what was not asked for yet. */
  seen: Type.Object({
    structuredOutput: nullable(Type.Boolean()),
    logprobs: nullable(Type.Boolean()),
    reasoning: nullable(Type.Boolean()),
  }),
})
export type RouteMemory = Static<typeof routeMemorySchema>

export const assignmentSchema = Type.Object({
  run: Type.Object({ uid: Type.String(), namespace: Type.String(), name: Type.String() }),
  stage: literals(stages),
  settings: runSettingsSchema,
  /** Interval at which held units must be renewed. */
  heartbeatMs: Type.Integer(),
  /** What earlier pods learnt of the model's server; null where nothing is known, or none is asked. */
  routeMemory: Type.Optional(nullable(routeMemorySchema)),
})
export type Assignment = Static<typeof assignmentSchema>

// --- units -----------------------------------------------------------------------------------------------------------------

const unitHead = { id: Type.String(), attempt: Type.Integer() }

/** Resolve the scope of one target against the live catalog and post the tables found. */
export const scopeUnitSchema = Type.Object({ ...unitHead, kind: Type.Literal('scope'), targetIndex: Type.Integer() })

export const profileUnitSchema = Type.Object({
  ...unitHead,
  kind: Type.Literal('profile'),
  targetIndex: Type.Integer(),
  tableId: Type.String(),
  catalog: tableCatalogSchema,
})

/** The earlier version that a draft is made of. */
export const descentSchema = Type.Object({
  type: literals(['Rerun', 'Variations'] as const),
  rows: Type.Array(
    Type.Object({
      /** Null for the table itself. */
      column: nullable(Type.String()),
      /** The texts of the earlier version, its placeholders left out. */
      texts: Type.Array(Type.String()),
      /** Of Variations: the text to vary. */
      seed: nullable(Type.String()),
    }),
  ),
})
export type Descent = Static<typeof descentSchema>

export const draftUnitSchema = Type.Object({
  ...unitHead,
  kind: Type.Literal('draft'),
  targetIndex: Type.Integer(),
  tableId: Type.String(),
  tablePath: Type.String(),
  columns: Type.Array(Type.String()),
  /** Whether this batch also describes the table. */
  includeTable: Type.Boolean(),
  /** 1-based batch of the table. */
  batch: Type.Integer(),
  batches: Type.Integer(),
  /** What the assets of this unit go on from; absent for first drafts. */
  descent: Type.Optional(descentSchema),
})

/** What is known of one table of a schema, or of one schema of a database, when the text about the whole is settled. */
export const containerMemberSchema = Type.Object({
  path: Type.String(),
  kind: literals(assetKinds),
  /** The best text there is: drafted in this run, accepted and not written yet, or the existing comment; null = none. */
  text: nullable(Type.String()),
  origin: nullable(literals(['drafted', 'accepted', 'existing'] as const)),
  /** Tables of a member that is a schema; 0 for others. */
  tables: Type.Integer(),
})
export type ContainerMember = Static<typeof containerMemberSchema>

/** A schema or a database, as far as a text about it can stand on what its tables or schemas say. */
export const containerBriefSchema = Type.Object({
  /** Canonical path: the schema's, or `*`. */
  path: Type.String(),
  kind: literals(['Schema', 'Database'] as const),
  /** The name people know it by. */
  name: Type.String(),
  comment: nullable(Type.String()),
  /** A sample when there are more than fit; `memberCount` counts all. */
  members: Type.Array(containerMemberSchema),
  memberCount: Type.Integer(),
  /** Of all members, those with a text. */
  describedCount: Type.Integer(),
})
export type ContainerBrief = Static<typeof containerBriefSchema>

/** Describe a schema or a database from what is below it, once all of that is settled. Work of the draft stage. */
export const settleUnitSchema = Type.Object({
  ...unitHead,
  kind: Type.Literal('settle'),
  targetIndex: Type.Integer(),
  brief: containerBriefSchema,
})

export const applyRowSchema = Type.Object({
  rowId: Type.String(),
  path: Type.String(),
  kind: literals(assetKinds),
  text: Type.String(),
  /** The comment the decider had in view; null = none. */
  expected: nullable(Type.String()),
  /** Whether an earlier attempt may have written this row already. */
  intended: Type.Boolean(),
})
export type ApplyRow = Static<typeof applyRowSchema>

/** All rows of one table, at most 2,000; claiming it records the intent to write them. */
export const applyUnitSchema = Type.Object({
  ...unitHead,
  kind: Type.Literal('apply'),
  targetIndex: Type.Integer(),
  tablePath: Type.String(),
  rows: Type.Array(applyRowSchema),
})

export const workUnitSchema = Type.Union([
  scopeUnitSchema,
  profileUnitSchema,
  draftUnitSchema,
  settleUnitSchema,
  applyUnitSchema,
])
export type WorkUnit = Static<typeof workUnitSchema>
export type ScopeUnit = Static<typeof scopeUnitSchema>
export type ProfileUnit = Static<typeof profileUnitSchema>
export type DraftUnit = Static<typeof draftUnitSchema>
export type SettleUnit = Static<typeof settleUnitSchema>
export type ApplyUnit = Static<typeof applyUnitSchema>

export const claimRequestSchema = Type.Object({
  /** How many more units the worker can take now. */
  capacity: Type.Integer({ minimum: 1, maximum: 256 }),
  /** How long the server may hold the request until something is ready, at most 20,000. */
  waitMs: Type.Integer({ minimum: 0, maximum: 20_000 }),
})
export type ClaimRequest = Static<typeof claimRequestSchema>

export const stopReasons = ['Cancel', 'Suspend', 'Failed', 'Budget'] as const
export type StopReason = (typeof stopReasons)[number]

export const claimResponseSchema = Type.Object({
  units: Type.Array(workUnitSchema),
  /** No unit of this stage is left and none can come: the worker may exit. */
  done: Type.Boolean(),
  /** The run does not go on for now: finish what is held and exit. */
  stop: nullable(literals(stopReasons)),
})
export type ClaimResponse = Static<typeof claimResponseSchema>

const heldUnit = Type.Object(unitHead)

export const heartbeatRequestSchema = Type.Object({ held: Type.Array(heldUnit, { maxItems: 1024 }) })
export type HeartbeatRequest = Static<typeof heartbeatRequestSchema>

export const heartbeatResponseSchema = Type.Object({
  /** Ids of held units that were handed to somebody else: drop them. */
  lost: Type.Array(Type.String()),
  stop: nullable(literals(stopReasons)),
})
export type HeartbeatResponse = Static<typeof heartbeatResponseSchema>

export const acceptedSchema = Type.Object({
  /** False when the same was already recorded: nothing was done twice. */
  recorded: Type.Boolean(),
})
export type Accepted = Static<typeof acceptedSchema>

// --- scope and profile -----------------------------------------------------------------------------------------------------

/** A table in scope; `planned` names what of it is to be described. */
export const scopedTableSchema = Type.Object({
  catalog: tableCatalogSchema,
  planned: Type.Object({ table: Type.Boolean(), columns: Type.Array(Type.String()) }),
  /** Assets of this table left out, with the reason in words, such as "has a comment". */
  skipped: Type.Array(Type.Object({ path: Type.String(), reason: Type.String() })),
})
export type ScopedTable = Static<typeof scopedTableSchema>

/** A schema or the database in scope, with what lies in it whether that is in scope or not. */
export const scopedContainerSchema = Type.Object({
  path: Type.String(),
  kind: literals(['Schema', 'Database'] as const),
  comment: nullable(Type.String()),
  /** Why it is left out, such as "has a comment"; null when it is to be described. */
  skipped: nullable(Type.String()),
  members: Type.Array(
    Type.Object({
      path: Type.String(),
      kind: literals(assetKinds),
      comment: nullable(Type.String()),
      tables: Type.Integer(),
    }),
    { maxItems: 5_000 },
  ),
  memberCount: Type.Integer(),
})
export type ScopedContainer = Static<typeof scopedContainerSchema>

export const catalogPageSchema = Type.Object({
  unitId: Type.String(),
  attempt: Type.Integer(),
  /** 0-based; a page posted twice counts once. */
  page: Type.Integer({ minimum: 0 }),
  tables: Type.Array(scopedTableSchema, { maxItems: 500 }),
  containers: Type.Optional(Type.Array(scopedContainerSchema, { maxItems: 500 })),
})
export type CatalogPage = Static<typeof catalogPageSchema>

/** A comment that shows the style to match. */
export const styleExampleSchema = Type.Object({
  kind: literals(['Table', 'Column'] as const),
  text: Type.String({ maxLength: 4_000 }),
})
export type StyleExample = Static<typeof styleExampleSchema>

/** Empty when no target of the run has the table. */
export const styleAnswerSchema = Type.Object({ examples: Type.Array(styleExampleSchema) })
export type StyleAnswer = Static<typeof styleAnswerSchema>

// --- drafts ----------------------------------------------------------------------------------------------------------------

export const alternativeSchema = Type.Object({
  text: Type.String({ maxLength: 16_384 }),
  /** 0..1, or null with the reason among the row's warnings. */
  score: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  /** A placeholder that fills up the requested number; it can never be accepted as it is or written. */
  fallback: Type.Boolean(),
})
export type Alternative = Static<typeof alternativeSchema>

/** What a text stands on, quoted from where it was found. */
export const citationSchema = Type.Object({
  /** `profile` for the evidence of the database itself, `comment` for the comment that is already there, else a ContextSource. */
  source: Type.String(),
  /** The file within the source. */
  path: Type.Optional(Type.String()),
  /** 1-based, both included. */
  startLine: Type.Optional(Type.Integer({ minimum: 1 })),
  endLine: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Stands in the source to the letter, white space folded. */
  snippet: Type.String(),
})
export type Citation = Static<typeof citationSchema>

export const draftRowSchema = Type.Object({
  path: Type.String(),
  kind: literals(assetKinds),
  source: literals(draftSources),
  alternatives: Type.Array(alternativeSchema, { maxItems: 5 }),
  signal: literals(confidenceSignals),
  /** The score of the top alternative. */
  score: nullable(Type.Number()),
  band: nullable(literals(confidenceBands)),
  reasoning: nullable(Type.String()),
  citations: Type.Array(citationSchema),
  warnings: Type.Array(Type.String()),
  /** Why there is nothing to review, such as a refusal; alternatives is empty then. */
  skippedReason: nullable(Type.String()),
  /** The calls this row came from. */
  callIds: Type.Array(Type.String()),
  /** The evidence block about this asset exactly as the model saw it. */
  evidence: Type.String(),
  /** How probable the first alternative was to the model that wrote it, 0..1, where the route tells; whatever the signal. */
  tokenProbability: Type.Optional(nullable(Type.Number({ minimum: 0, maximum: 1 }))),
})
export type DraftRow = Static<typeof draftRowSchema>

// --- results ---------------------------------------------------------------------------------------------------------------

const resultHead = { unitId: Type.String(), attempt: Type.Integer() }

export const applyRowOutcomeSchema = Type.Object({
  rowId: Type.String(),
  outcome: literals(applyOutcomes),
  /** The comment found before the write. */
  oldText: nullable(Type.String()),
  /** The statement with the text as a parameter, as the audit shows it. */
  statement: nullable(Type.String()),
  error: nullable(writeProblemSchema),
})
export type ApplyRowOutcome = Static<typeof applyRowOutcomeSchema>

export const unitResultSchema = Type.Union([
  Type.Object({
    ...resultHead,
    kind: Type.Literal('scope'),
    /** Pages posted before; the unit is complete only when all of them arrived. */
    pages: Type.Integer(),
    serverVersion: Type.String(),
    statements: Type.Integer(),
    /** Comments of the table whose style is to be matched, where this target has it. */
    style: Type.Optional(Type.Array(styleExampleSchema, { maxItems: 20 })),
  }),
  Type.Object({ ...resultHead, kind: Type.Literal('profile'), tableId: Type.String(), profile: tableProfileSchema }),
  Type.Object({ ...resultHead, kind: Type.Literal('draft'), tableId: Type.String(), rows: Type.Array(draftRowSchema) }),
  Type.Object({ ...resultHead, kind: Type.Literal('settle'), row: draftRowSchema }),
  Type.Object({
    ...resultHead,
    kind: Type.Literal('apply'),
    rows: Type.Array(applyRowOutcomeSchema),
    statements: Type.Integer(),
    durationMs: Type.Number(),
  }),
  /** The unit could not be done. `retry` puts it back in the queue after a delay, until its attempts are used up. */
  Type.Object({ ...resultHead, kind: Type.Literal('failed'), error: errorReportSchema, retry: Type.Boolean() }),
  /** Handed back untouched, by a worker that was told to stop. */
  Type.Object({ ...resultHead, kind: Type.Literal('released') }),
])
export type UnitResult = Static<typeof unitResultSchema>

// --- model calls -----------------------------------------------------------------------------------------------------------

export const usageSchema = Type.Object({
  inputTokens: Type.Integer(),
  cachedInputTokens: Type.Integer(),
  outputTokens: Type.Integer(),
  reasoningTokens: Type.Integer(),
})
export type Usage = Static<typeof usageSchema>

export const callPurposes = [
  'draft',
  'continuation',
  'missing-columns',
  'split',
  'judge',
  'embedding',
  'documents',
  'code',
  'merge',
  'schema',
  'database',
  'variation',
  'test',
] as const

export const callIntentSchema = Type.Object({
  callId: Type.String({ format: 'uuid' }),
  unitId: Type.String(),
  attempt: Type.Integer(),
  purpose: literals(callPurposes),
  provider: Type.String(),
  model: Type.String(),
  /** SHA-256 of the request as it will be sent: the key of the reply cache together with provider and model. */
  requestDigest: Type.String(),
  /** The messages, kept so that a reviewer can see exactly what the model saw. */
  messages: Type.Array(Type.Object({ role: Type.String(), content: Type.String() })),
})
export type CallIntent = Static<typeof callIntentSchema>

const tokenLogprobSchema = Type.Object({
  token: Type.String(),
  /** UTF-8 bytes, where the token does not spell them: it may end inside a character. */
  bytes: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 255 }))),
  logprob: Type.Number(),
})

/** A reply as far as a later reader needs it: what a stored one says is scored like a fresh one. */
export const keptReplySchema = Type.Object({
  content: Type.String(),
  finishReason: Type.String(),
  /** The model's reasoning as the route shows it. */
  reasoning: Type.Optional(Type.String()),
  /** Log-probabilities of the tokens of `content`, where the route gives them. */
  logprobs: Type.Optional(Type.Array(tokenLogprobSchema)),
})
export type KeptReply = Static<typeof keptReplySchema>

export const callPermitSchema = Type.Object({
  /** A stored reply to the very same request: use it, do not call. */
  cachedReply: nullable(keptReplySchema),
  /** Milliseconds before the call has room under the limits of the profile; absent: now. */
  waitMs: Type.Optional(Type.Number({ minimum: 0 })),
})
export type CallPermit = Static<typeof callPermitSchema>

export const callRetrySchema = Type.Object({
  /** `RateLimited`: the provider answered that it is asked too much. */
  cause: literals(['RateLimited', 'Fault'] as const),
  /** The wait the provider asked for; null when it named none. */
  retryAfterMs: nullable(Type.Number({ minimum: 0 })),
  /** Whether the call is tried again; the last try is told as well. */
  again: Type.Boolean(),
})
export type CallRetry = Static<typeof callRetrySchema>

export const retryPermitSchema = Type.Object({
  /** Milliseconds before the next try has room under the limits of the profile. */
  waitMs: Type.Number({ minimum: 0 }),
})
export type RetryPermit = Static<typeof retryPermitSchema>

export const callOutcomeSchema = Type.Object({
  outcome: literals(['Succeeded', 'Failed', 'Refused', 'Truncated'] as const),
  /** The reply as received; kept in the reply cache when the call succeeded. */
  reply: nullable(keptReplySchema),
  usage: nullable(usageSchema),
  /** US dollars as decimal text, frozen at call time; null = price unknown (never 0). */
  costUsd: nullable(Type.String()),
  priceTable: nullable(Type.String()),
  /** Whether it went through the provider's batch API, at its rates. Default: it did not. */
  batch: Type.Optional(Type.Boolean()),
  requestId: nullable(Type.String()),
  latencyMs: Type.Number(),
  /** HTTP tries behind this call, 1 when the first succeeded. */
  tries: Type.Integer(),
  error: nullable(errorReportSchema),
})
export type CallOutcome = Static<typeof callOutcomeSchema>

export const failReportSchema = Type.Object({ error: errorReportSchema })
export type FailReport = Static<typeof failReportSchema>

export const logLinesSchema = Type.Object({
  lines: Type.Array(
    Type.Object({ time: Type.String(), level: Type.String(), message: Type.String(), facts: Type.Unknown() }),
    { maxItems: 500 },
  ),
})
export type LogLines = Static<typeof logLinesSchema>

/** What a worker leaves as its termination message (below 4,096 bytes). */
export interface WorkerSummary {
  /** `index`: it read a ContextSource; `units.done` counts its documents then. `test`: it tested a profile. */
  readonly stage: (typeof stages)[number] | 'index' | 'test'
  readonly outcome: 'Done' | 'Stopped' | 'Failed'
  readonly stop: StopReason | null
  readonly units: { readonly done: number; readonly failed: number }
  readonly statements: number
  readonly calls: number
  readonly durationMs: number
  /** The most memory the process held at once: its resident set. */
  readonly peakMemoryMiB?: number
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | null
}

/** Exit codes of the worker. A retryable failure is started again by the operator, a fatal one ends the run. */
export const workerExitCodes = { done: 0, retryable: 1, fatal: 3, interrupted: 143 } as const
