import { type Static, Type } from 'typebox'
import { literals, nullable } from './primitives.ts'
import { runSummarySchema } from './results.ts'
import { runSettingsSchema } from './settings.ts'

// Looking back: runs as the store keeps them, also those that left the cluster.
//
//   GET  /api/v1/namespaces/{ns}/runs                   RunList    (?limit&continue&phase=A,B&type=A,B&search&since&until&origin&sort&order)
//   GET  /api/v1/namespaces/{ns}/runs/{name}/detail     RunDetail  (?uid=)
//   GET  /api/v1/namespaces/{ns}/runs/{name}/event-list  {events: RunEvent[], next}  (?uid&limit&after)
//   GET  /api/v1/namespaces/{ns}/run-statistics         RunStatistics  (?window&since&until&by)

export const runSorts = ['started', 'finished', 'duration', 'cost', 'columns', 'confidence', 'name'] as const
export type RunSort = (typeof runSorts)[number]

const decisionSchema = Type.Object({
  name: Type.String(),
  reviewer: Type.String(),
  comment: Type.String(),
  recordedAt: Type.String(),
  accepted: Type.Integer(),
  skipped: Type.Integer(),
  rejected: Type.Integer(),
  restored: Type.Integer(),
  /** Why it was refused as a whole; null when it was recorded. */
  refused: nullable(Type.String()),
})

const relatedRunSchema = Type.Object({
  uid: Type.String(),
  name: Type.String(),
  type: Type.String(),
  phase: Type.String(),
  startedAt: Type.String(),
  /** Rows it left with their new text in the warehouse. */
  applied: Type.Integer(),
  failed: Type.Integer(),
})

/** What became of rows that a run wrote, by outcome; those without one are left out. */
const outcomeCounts = Type.Record(Type.String(), Type.Integer())

export const runDetailSchema = Type.Object({
  summary: runSummarySchema,
  /** As they were frozen when the run began. */
  settings: runSettingsSchema,
  /** When all drafts were there; null before. */
  draftedAt: nullable(Type.String()),
  /** Accepted in the reviewer's own words. */
  edited: Type.Integer(),
  /** The tokens at the prices of now, US dollars as decimal text; null when no price is known. */
  costToday: nullable(Type.String()),
  /** The oldest first. */
  decisions: Type.Array(decisionSchema),
  /** The run this one goes on from, or whose rows it writes. */
  source: nullable(relatedRunSchema),
  /** Runs that go on from this one, or write its rows; the oldest first. */
  descendants: Type.Array(relatedRunSchema),
  /** What this run wrote, or only showed. */
  written: Type.Object({ outcomes: outcomeCounts, dryRun: outcomeCounts, appliedBy: Type.Array(Type.String()) }),
})
export type RunDetail = Static<typeof runDetailSchema>

export const statisticsUnits = ['model', 'profile', 'database', 'type', 'origin', 'day', 'week', 'month'] as const
export type StatisticsUnit = (typeof statisticsUnits)[number]

export const statisticsRowSchema = Type.Object({
  group: Type.String(),
  runs: Type.Integer(),
  failedRuns: Type.Integer(),
  columnsPlanned: Type.Integer(),
  columnsDrafted: Type.Integer(),
  /** Rows with drafts: columns, tables, schemas. */
  rows: Type.Integer(),
  accepted: Type.Integer(),
  /** Part of accepted: by a run's own policy, without a person. */
  acceptedByPolicy: Type.Integer(),
  /** Part of accepted: in the reviewer's own words. */
  edited: Type.Integer(),
  rejected: Type.Integer(),
  written: Type.Integer(),
  /** Accepted, of what was accepted or rejected, 0..1; null while nothing was. */
  acceptanceRate: nullable(Type.Number()),
  /** Edited, of what was accepted, 0..1; null while nothing was. */
  editRate: nullable(Type.Number()),
  meanConfidence: nullable(Type.Number()),
  calls: Type.Integer(),
  inputTokens: Type.Integer(),
  outputTokens: Type.Integer(),
  /** US dollars as decimal text: what is known of it; null when no call was priced. */
  cost: nullable(Type.String()),
  costPerAccepted: nullable(Type.String()),
  unpricedCalls: Type.Integer(),
})
export type StatisticsRow = Static<typeof statisticsRowSchema>

export const runStatisticsSchema = Type.Object({
  since: Type.String(),
  until: Type.String(),
  by: literals(statisticsUnits),
  groups: Type.Array(statisticsRowSchema),
  total: statisticsRowSchema,
})
export type RunStatistics = Static<typeof runStatisticsSchema>
