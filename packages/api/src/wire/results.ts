import { type Static, Type } from 'typebox'
import {
  applyOutcomes,
  assetKinds,
  confidenceBands,
  confidenceSignals,
  draftSources,
  reviewStates,
  rowOutcomes,
  runTypes,
} from '../vocabulary.ts'
import { literals, nullable } from './primitives.ts'
import { alternativeSchema, citationSchema } from './worker-protocol.ts'
import { writeProblemSchema } from './write-problem.ts'

// `/api/v1`: what people's programs (plugin, Studio) read.
//
//   GET  /api/v1/namespaces/{ns}/runs                        RunList      (see history.ts)
//   GET  /api/v1/namespaces/{ns}/runs/{name}                 RunSummary   (?uid= for an older run of the same name)
//   GET  /api/v1/namespaces/{ns}/runs/{name}/results         ResultPage   (filters, facets, groups: result-queries.ts)
//   GET  /api/v1/namespaces/{ns}/runs/{name}/results/{rowId}/versions  VersionList  (all versions of one row, oldest first)
//   GET  /api/v1/namespaces/{ns}/results                     NewestRows   (each asset once, over all runs: newest-rows.ts)
//   GET  /api/v1/namespaces/{ns}/runs/{name}/events          text/event-stream of RunEvent, Last-Event-ID resumes
//   GET  /api/v1/namespaces/{ns}/queue                       QueuePage
//   POST /api/v1/namespaces/{ns}/decisions                   DecisionRequest -> the created ReviewDecision (made as the caller)
//   GET  /api/v1/namespaces/{ns}/runs/{name}/changes         AuditPage    (what the run wrote: apply.ts)
//   GET  /api/v1/namespaces/{ns}/changes                     AuditPage    (what was written in the namespace: apply.ts)
//   GET  /api/v1/namespaces/{ns}/queue/preview               PreviewPage  (statements of queued rows: apply.ts)
//   GET  /api/v1/version                                     ServerVersion
// Errors are RFC 9457 problems: {type, title, status, detail, code, remedy}.

/** Why a run is where it is, in the words of its condition or of the error that stopped it. */
export const runExplanationSchema = Type.Object({
  reason: Type.String(),
  message: Type.String(),
  /** Of the error catalogue; null where no error stopped the run. */
  code: nullable(Type.String()),
  remedy: nullable(Type.String()),
})
export type RunExplanation = Static<typeof runExplanationSchema>

export const runSummarySchema = Type.Object({
  uid: Type.String(),
  namespace: Type.String(),
  name: Type.String(),
  type: Type.String(),
  phase: Type.String(),
  scope: Type.String(),
  model: nullable(Type.String()),
  databaseProfiles: Type.Array(Type.String()),
  startedAt: Type.String(),
  finishedAt: nullable(Type.String()),
  /** Who made the run: a schedule, the plugin, Studio, …; null where its object does not say. */
  origin: Type.Optional(nullable(Type.String())),
  /** Since when its object is gone from the cluster; null while it is there. */
  archivedAt: Type.Optional(nullable(Type.String())),
  /** Why it failed, stopped or waits for more than a review, or what went wrong last; null when nothing did. */
  explanation: Type.Optional(nullable(runExplanationSchema)),
  tables: Type.Object({ total: Type.Integer(), settled: Type.Integer() }),
  columns: Type.Object({
    planned: Type.Integer(),
    profiled: Type.Integer(),
    drafted: Type.Integer(),
    skipped: Type.Integer(),
    failed: Type.Integer(),
  }),
  confidence: Type.Object({
    high: Type.Integer(),
    medium: Type.Integer(),
    low: Type.Integer(),
    none: Type.Integer(),
    mean: nullable(Type.Number()),
    /** Rows by score in tenths, 0 to 0.1 first; a score of 1 is in the last. */
    histogram: Type.Optional(Type.Array(Type.Integer(), { minItems: 10, maxItems: 10 })),
  }),
  /** What `generation.deduplicate` saved: columns whose text was copied from an equal one, and calls not made for them. */
  deduplicated: Type.Optional(Type.Object({ columns: Type.Integer(), calls: Type.Integer() })),
  review: Type.Object({
    unreviewed: Type.Integer(),
    accepted: Type.Integer(),
    skipped: Type.Integer(),
    rejected: Type.Integer(),
    queued: Type.Integer(),
  }),
  apply: Type.Object({
    applied: Type.Integer(),
    failed: Type.Integer(),
    refused: Type.Integer(),
    unsupported: Type.Integer(),
  }),
  cost: Type.Object({
    /** US dollars as decimal text, "0" without a call; null when there were calls and none could be priced. */
    amount: nullable(Type.String()),
    inputTokens: Type.Integer(),
    cachedInputTokens: Type.Integer(),
    outputTokens: Type.Integer(),
    reasoningTokens: Type.Integer(),
    calls: Type.Integer(),
    cachedReplies: Type.Integer(),
    /** Calls that were begun and whose outcome nobody knows: the process died in between. */
    unknownCalls: Type.Integer(),
    /** Calls of models without a known price. */
    unpricedCalls: Type.Integer(),
    priceTable: nullable(Type.String()),
  }),
  draftDigest: nullable(Type.String()),
  settingsDigest: nullable(Type.String()),
})
export type RunSummary = Static<typeof runSummarySchema>

/** The alternative that Variations were made of. */
export const seedSchema = Type.Object({
  rowId: Type.String(),
  /** Counted from 1. */
  index: Type.Integer(),
  text: Type.String(),
})
export type Seed = Static<typeof seedSchema>

/** The accepted version of the same asset that keeps this one from being accepted until it is restored or written. */
export const versionLockSchema = Type.Object({
  rowId: Type.String(),
  version: Type.Integer(),
  run: Type.String(),
})
export type VersionLock = Static<typeof versionLockSchema>

export const resultRowSchema = Type.Object({
  id: Type.String(),
  /** `databaseKey` of the target. */
  target: Type.String(),
  /** DatabaseProfile of the target; `profile/database` where the run goes through it to several databases. */
  databaseProfile: Type.Optional(Type.String()),
  /** 1 for a first draft; reruns and variations of it count on, whichever version they were made of. */
  version: Type.Optional(Type.Integer()),
  /** How many versions there are. */
  versions: Type.Optional(Type.Integer()),
  seed: Type.Optional(nullable(seedSchema)),
  lock: Type.Optional(nullable(versionLockSchema)),
  path: Type.String(),
  kind: literals(assetKinds),
  source: literals(draftSources),
  signal: literals(confidenceSignals),
  score: nullable(Type.Number()),
  band: nullable(literals(confidenceBands)),
  /**
   * How often rows with such a score were accepted unchanged in this database, by this signal and model, 0..1; null while
   * fewer than 200 such rows are decided.
   */
  calibrated: Type.Optional(nullable(Type.Number())),
  /** How probable the first alternative was to the model that wrote it, 0..1, where the route tells. */
  tokenProbability: Type.Optional(nullable(Type.Number())),
  alternatives: Type.Array(alternativeSchema),
  existingComment: nullable(Type.String()),
  reasoning: nullable(Type.String()),
  /** What the alternatives stand on. */
  citations: Type.Array(citationSchema),
  evidence: Type.String(),
  warnings: Type.Array(Type.String()),
  /** Path of the equal column this row's text was copied from. */
  copiedFrom: Type.Optional(nullable(Type.String())),
  skippedReason: nullable(Type.String()),
  state: literals(reviewStates),
  /** The row of another run whose accepted text took this one's place in the queue. */
  supersededBy: Type.Optional(
    nullable(
      Type.Object({
        run: Type.String(),
        rowId: Type.String(),
        version: Type.Integer(),
        decidedBy: nullable(Type.String()),
        decidedAt: nullable(Type.String()),
      }),
    ),
  ),
  /** Counted up by every decision that changes the row: what a decision about it names as seen. */
  revision: Type.Optional(Type.Integer()),
  chosenText: nullable(Type.String()),
  chosenAlternative: nullable(Type.Integer()),
  decidedBy: nullable(Type.String()),
  decidedAt: nullable(Type.String()),
  applyOutcome: nullable(literals(rowOutcomes)),
  applyError: nullable(Type.String()),
})
export type ResultRow = Static<typeof resultRowSchema>

export const resultPageSchema = Type.Object({
  rows: Type.Array(resultRowSchema),
  /** Opaque; pass as `after` for the next page; null on the last. */
  next: nullable(Type.String()),
  draftDigest: nullable(Type.String()),
  total: Type.Integer(),
})
export type ResultPage = Static<typeof resultPageSchema>

/** One version of an asset's description. */
export const versionRowSchema = Type.Object({
  rowId: Type.String(),
  version: Type.Integer(),
  run: Type.Object({ uid: Type.String(), name: Type.String(), type: literals(runTypes) }),
  /** The row this one was made of; null for the first version. */
  parentId: nullable(Type.String()),
  seed: nullable(seedSchema),
  status: literals(['Planned', 'Drafted', 'Skipped', 'Failed'] as const),
  state: literals(reviewStates),
  score: nullable(Type.Number()),
  band: nullable(literals(confidenceBands)),
  alternatives: Type.Array(alternativeSchema),
  chosenText: nullable(Type.String()),
  applyOutcome: nullable(literals(rowOutcomes)),
  model: nullable(Type.String()),
  instructions: Type.String(),
  draftedAt: nullable(Type.String()),
  /** Whether this is the accepted version that locks the others. */
  locks: Type.Boolean(),
})
export type VersionRow = Static<typeof versionRowSchema>

export const versionListSchema = Type.Object({ versions: Type.Array(versionRowSchema) })
export type VersionList = Static<typeof versionListSchema>

export const queueRowSchema = Type.Object({
  id: Type.String(),
  target: Type.String(),
  path: Type.String(),
  kind: literals(assetKinds),
  text: Type.String(),
  run: Type.Object({ uid: Type.String(), name: Type.String() }),
  decidedBy: Type.String(),
  decidedAt: Type.String(),
  state: literals(['Queued', 'Applying', 'Failed'] as const),
  error: nullable(Type.String()),
  /** The same with its remedy and the words of the database; null unless the last try to write it failed. */
  problem: Type.Optional(nullable(writeProblemSchema)),
  /** DatabaseProfile of the target, as a decision about the row names it. */
  databaseProfile: Type.Optional(Type.String()),
  /** Drafts of the run, as a decision about the row names them. */
  draftDigest: Type.Optional(nullable(Type.String())),
  /** Revision of the row behind it: what a decision that edits or drops the entry names as seen. */
  revision: Type.Optional(Type.Integer()),
})
export type QueueRow = Static<typeof queueRowSchema>

export const changeRowSchema = Type.Object({
  id: Type.String(),
  target: Type.String(),
  path: Type.String(),
  kind: literals(assetKinds),
  outcome: literals(applyOutcomes),
  /** The statement was only shown: `outcome` says what would have become of it. */
  dryRun: Type.Boolean(),
  oldText: nullable(Type.String()),
  newText: Type.String(),
  statement: nullable(Type.String()),
  error: nullable(Type.String()),
  /** The same with its remedy and the words of the database. */
  problem: Type.Optional(nullable(writeProblemSchema)),
  decidedBy: Type.String(),
  appliedBy: Type.String(),
  appliedAt: Type.String(),
})
export type ChangeRow = Static<typeof changeRowSchema>

/** One line of a run's history; `data` depends on `type`. */
export const runEventSchema = Type.Object({
  id: Type.String(),
  time: Type.String(),
  type: literals([
    'RunStarted',
    'ScopeResolved',
    'TableProfiled',
    'BatchDrafted',
    'Drafted',
    'Decided',
    'ApplyStarted',
    'TableApplied',
    'RunFinished',
    'Warning',
    'Log',
  ] as const),
  data: Type.Record(Type.String(), Type.Unknown()),
})
export type RunEvent = Static<typeof runEventSchema>

export const serverVersionSchema = Type.Object({ version: Type.String(), api: Type.String() })
export type ServerVersion = Static<typeof serverVersionSchema>
