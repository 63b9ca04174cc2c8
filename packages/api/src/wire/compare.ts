import { type Static, Type } from 'typebox'
import { assetKinds, confidenceBands, reviewStates } from '../vocabulary.ts'
import { literals, nullable } from './primitives.ts'
import { runSummarySchema } from './results.ts'

// Two to four runs side by side.
//
//   GET  /api/v1/namespaces/{ns}/compare  RunComparison  (?run=a&run=b[@uid] &limit&after&search&schema&table&column&kind&only=all|different|same&by=)

export const comparedRunsMost = 4

export const comparisonUnits = ['asset', 'table', 'schema', 'kind'] as const
export type ComparisonUnit = (typeof comparisonUnits)[number]

/** Which rows of a comparison: all, those whose texts differ or are missing in a run, or those all runs agree on. */
export const comparisonRows = ['all', 'different', 'same'] as const
export type ComparisonRows = (typeof comparisonRows)[number]

export const runMetricSchema = Type.Object({
  name: Type.String(),
  /** What counts: more or less of it is better, or neither. */
  better: literals(['more', 'less', 'neither'] as const),
  unit: literals(['count', 'share', 'score', 'dollars', 'tokens', 'milliseconds'] as const),
  /** One per run, in the order asked for; null where it is not known. Dollars as decimal text would lose their order: they are numbers here. */
  values: Type.Array(nullable(Type.Number())),
  /** Indexes of the runs that are best: several where they tie, none where all are alike or the figures do not compare. */
  winners: Type.Array(Type.Integer()),
  /** Why there is no winner although figures differ; null else. */
  notCompared: nullable(Type.String()),
})
export type RunMetric = Static<typeof runMetricSchema>

const comparedCellSchema = Type.Object({
  rowId: Type.String(),
  version: Type.Integer(),
  /** The chosen text, else the first alternative; null where nothing was drafted. */
  text: nullable(Type.String()),
  state: literals(reviewStates),
  edited: Type.Boolean(),
  score: nullable(Type.Number()),
  band: nullable(literals(confidenceBands)),
  tokenProbability: nullable(Type.Number()),
  signal: nullable(Type.String()),
  reason: nullable(Type.String()),
})
export type ComparedCell = Static<typeof comparedCellSchema>

export const comparedRowSchema = Type.Object({
  path: Type.String(),
  kind: literals(assetKinds),
  /** Database of the row, where the runs cover several; null where the path says enough. */
  target: nullable(Type.String()),
  /** One per run; null where the run does not have the asset. */
  cells: Type.Array(nullable(comparedCellSchema)),
  same: Type.Boolean(),
  /** Indexes of the runs whose text was most probable to its own model, or else scored best by the same signal. */
  winners: Type.Array(Type.Integer()),
})
export type ComparedRow = Static<typeof comparedRowSchema>

export const comparedGroupSchema = Type.Object({
  place: Type.String(),
  /** One per run. */
  figures: Type.Array(
    Type.Object({
      rows: Type.Integer(),
      high: Type.Integer(),
      medium: Type.Integer(),
      low: Type.Integer(),
      mean: nullable(Type.Number()),
      accepted: Type.Integer(),
      rejected: Type.Integer(),
    }),
  ),
})
export type ComparedGroup = Static<typeof comparedGroupSchema>

export const runComparisonSchema = Type.Object({
  runs: Type.Array(runSummarySchema),
  metrics: Type.Array(runMetricSchema),
  /** What a reader must know before comparing: other databases, other scopes, a run that goes on. */
  remarks: Type.Array(Type.String()),
  /** Assets of any run; with text in all; whose texts are equal in all. Null on later pages. */
  overlap: nullable(Type.Object({ assets: Type.Integer(), inAll: Type.Integer(), same: Type.Integer() })),
  rows: Type.Array(comparedRowSchema),
  next: nullable(Type.String()),
  /** Where `by` asks for them, instead of rows. */
  groups: Type.Optional(Type.Array(comparedGroupSchema)),
})
export type RunComparison = Static<typeof runComparisonSchema>
