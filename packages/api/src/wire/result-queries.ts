import { type Static, Type } from 'typebox'
import {
  type ApplyOutcome,
  type AssetKind,
  applyOutcomes,
  assetKinds,
  type ConfidenceBand,
  confidenceBands,
  type DraftSource,
  draftSources,
  type ReviewState,
  reviewStates,
  verdicts,
} from '../vocabulary.ts'
import { literals, nullable } from './primitives.ts'
import { queueRowSchema, resultRowSchema, versionRowSchema } from './results.ts'

// `/api/v1`: how the rows of a run, and the queue, are filtered, counted, grouped and sorted.
//
//   GET  /api/v1/namespaces/{ns}/runs/{name}/results           ResultPage    (ResultFilter; ?uid&limit&after&sort&order)
//   GET  /api/v1/namespaces/{ns}/runs/{name}/results/facets    ResultFacets  (ResultFilter; ?uid&facet&top)
//   GET  /api/v1/namespaces/{ns}/runs/{name}/results/groups    ResultGroups  (ResultFilter; ?uid&by&limit&after)
//   GET  /api/v1/namespaces/{ns}/runs/{name}/results/{rowId}   ResultDetail
//   GET  /api/v1/namespaces/{ns}/queue                         QueuePage     (QueueFilter; ?limit&after&sort&order)
//   GET  /api/v1/namespaces/{ns}/queue/facets                  QueueFacets   (QueueFilter)
// A filter that takes several values is repeated: `state=Unreviewed&state=Skipped`. Rows match one value of every filter given.

/** A value of a filter that means rows without one. */
export const noValue = 'None'
type NoValue = typeof noValue

/** What became of the drafting of a row. */
export const draftStatuses = ['Drafted', 'Skipped', 'Failed'] as const
export type DraftStatus = (typeof draftStatuses)[number]

/** Which rows of a run. Of a list, rows that match any of it; of the fields, rows that match all. */
export interface ResultFilter {
  readonly status?: readonly DraftStatus[]
  readonly state?: readonly ReviewState[]
  readonly band?: readonly (ConfidenceBand | NoValue)[]
  readonly kind?: readonly AssetKind[]
  readonly source?: readonly DraftSource[]
  readonly applyOutcome?: readonly (ApplyOutcome | NoValue)[]
  /** `databaseKey`, or DatabaseProfile (`profile/database`) of a target. */
  readonly target?: readonly string[]
  /** Asset path of a schema: it, and everything in it. */
  readonly schema?: readonly string[]
  /** Asset path of a table or view: it, and its columns. */
  readonly table?: readonly string[]
  /** Names of columns and, with it, their data types: groups of the same name and type. */
  readonly columnName?: readonly string[]
  readonly dataType?: readonly string[]
  readonly version?: readonly number[]
  /** Part of the path, of any alternative, of the chosen text or of the comment in the database; letters in any case. */
  readonly search?: string
  /** Asset path with `*` for any characters and `?` for one; letters in any case. */
  readonly path?: string
  /** 0..1; rows without a score match neither. */
  readonly minimumScore?: number
  readonly maximumScore?: number
  /** Files that the texts stand on. */
  readonly hasCitations?: boolean
  /** A comment in the database. */
  readonly hasComment?: boolean
  readonly hasWarnings?: boolean
}

/** Filters of {@link ResultFilter} that may be repeated, with the words they take; null takes any. */
export const resultListFilters = {
  status: draftStatuses,
  state: reviewStates,
  band: [...confidenceBands, noValue],
  kind: assetKinds,
  source: draftSources,
  applyOutcome: [...applyOutcomes, noValue],
  target: null,
  schema: null,
  table: null,
  columnName: null,
  dataType: null,
} as const

/** Names of all filters, as they stand in a query. */
export const resultFilterNames = [
  ...(Object.keys(resultListFilters) as (keyof typeof resultListFilters)[]),
  'version',
  'search',
  'path',
  'minimumScore',
  'maximumScore',
  'hasCitations',
  'hasComment',
  'hasWarnings',
] as const satisfies readonly (keyof ResultFilter)[]

/**
 * `catalog`: tables by path, columns in their table's order. `unreviewed`: undecided rows before decided ones. `length`: of the
 * chosen text, else of the first alternative. Rows with equal keys follow as in the catalog; rows without a figure come last.
 */
export const resultSorts = [
  'path',
  'catalog',
  'name',
  'kind',
  'unreviewed',
  'confidence',
  'tokenProbability',
  'alternatives',
  'length',
] as const
export type ResultSort = (typeof resultSorts)[number]

export const sortOrders = ['ascending', 'descending'] as const
export type SortOrder = (typeof sortOrders)[number]

/** The order a sort has when none is asked for: figures begin with the highest. */
export function usualOrder(sort: ResultSort): SortOrder {
  const isFigure = sort === 'confidence' || sort === 'tokenProbability' || sort === 'alternatives' || sort === 'length'
  return isFigure ? 'descending' : 'ascending'
}

/** What all rows of a run are counted by. The order is that of the stored counts: it never changes. */
export const resultDimensions = [
  'status',
  'state',
  'band',
  'kind',
  'source',
  'applyOutcome',
  'hasCitations',
  'hasComment',
  'hasWarnings',
] as const
export type ResultDimension = (typeof resultDimensions)[number]

export const resultFacets = [...resultDimensions, 'schema', 'table'] as const
export type ResultFacet = (typeof resultFacets)[number]

const facetCountSchema = Type.Object({
  /** What the filter of the same name takes. */
  value: Type.String(),
  rows: Type.Integer(),
})
export type FacetCount = Static<typeof facetCountSchema>

/**
 * Rows per value of each dimension, the most frequent first, vocabularies in their own order. Each dimension is counted under all
 * filters but its own: what choosing another value of it would show.
 */
export const resultFacetsSchema = Type.Object({
  /** Rows that match all filters. */
  total: Type.Integer(),
  facets: Type.Object({
    status: Type.Array(facetCountSchema),
    state: Type.Array(facetCountSchema),
    band: Type.Array(facetCountSchema),
    kind: Type.Array(facetCountSchema),
    source: Type.Array(facetCountSchema),
    applyOutcome: Type.Array(facetCountSchema),
    hasCitations: Type.Array(facetCountSchema),
    hasComment: Type.Array(facetCountSchema),
    hasWarnings: Type.Array(facetCountSchema),
    /** The first of `top` (20). */
    schema: Type.Array(facetCountSchema),
    table: Type.Array(facetCountSchema),
  }),
})
export type ResultFacets = Static<typeof resultFacetsSchema>

/** `name`: columns of the same name and data type, of any table. */
export const resultGroupings = ['schema', 'table', 'band', 'kind', 'name'] as const
export type ResultGrouping = (typeof resultGroupings)[number]

export const resultGroupSchema = Type.Object({
  /** What the group is called: a path, a band, a kind, or the name of the columns. */
  key: Type.String(),
  /** Filters that give the group's rows, besides those the groups were asked for with. */
  filter: Type.Object({
    schema: Type.Optional(Type.String()),
    table: Type.Optional(Type.String()),
    band: Type.Optional(Type.String()),
    kind: Type.Optional(Type.String()),
    columnName: Type.Optional(Type.String()),
    dataType: Type.Optional(Type.String()),
  }),
  rows: Type.Integer(),
  unreviewed: Type.Integer(),
  accepted: Type.Integer(),
  skipped: Type.Integer(),
  rejected: Type.Integer(),
  /** Of the rows that have a score. */
  meanScore: nullable(Type.Number()),
  /** Different first alternatives in the group; only of `name`. */
  texts: Type.Optional(Type.Integer()),
})
export type ResultGroup = Static<typeof resultGroupSchema>

export const resultGroupsSchema = Type.Object({
  groups: Type.Array(resultGroupSchema),
  /** Opaque; pass as `after` for the next page; null on the last. */
  next: nullable(Type.String()),
})
export type ResultGroups = Static<typeof resultGroupsSchema>

/** What somebody, or the policy of a run, once decided about a row. */
export const rowDecisionSchema = Type.Object({
  /** Name of the ReviewDecision. */
  decision: Type.String(),
  verdict: literals(verdicts),
  /** Counted from 1; null for an own text and for verdicts without a text. */
  alternative: nullable(Type.Integer()),
  text: nullable(Type.String()),
  previousState: literals(reviewStates),
  previousText: nullable(Type.String()),
  decidedBy: Type.String(),
  decidedAt: Type.String(),
  comment: Type.String(),
})
export type RowDecision = Static<typeof rowDecisionSchema>

/** Everything about one row. */
export const resultDetailSchema = Type.Object({
  row: resultRowSchema,
  /** Null for tables, schemas and databases. */
  dataType: nullable(Type.String()),
  run: Type.Object({ uid: Type.String(), name: Type.String() }),
  draftDigest: nullable(Type.String()),
  /** The first one first. */
  versionList: Type.Array(versionRowSchema),
  /** The newest one first. */
  decisions: Type.Array(rowDecisionSchema),
})
export type ResultDetail = Static<typeof resultDetailSchema>

export const queueStates = ['Queued', 'Applying', 'Failed'] as const
export type QueueState = (typeof queueStates)[number]

/** Which entries of the queue. */
export interface QueueFilter {
  readonly runUid?: string
  /** `databaseKey`, or the name of a DatabaseProfile of the run that an entry is from. */
  readonly target?: readonly string[]
  readonly state?: readonly QueueState[]
  readonly kind?: readonly AssetKind[]
  readonly schema?: readonly string[]
  readonly table?: readonly string[]
  readonly decidedBy?: readonly string[]
  /** Part of the path or the text; letters in any case. */
  readonly search?: string
}

export const queueFilterNames = [
  'runUid',
  'target',
  'state',
  'kind',
  'schema',
  'table',
  'decidedBy',
  'search',
] as const satisfies readonly (keyof QueueFilter)[]

/** `queued`: in the order in which they were first accepted. `decided`: by the time of the last decision. */
export const queueSorts = ['queued', 'path', 'decided'] as const
export type QueueSort = (typeof queueSorts)[number]

export const queuePageSchema = Type.Object({
  rows: Type.Array(queueRowSchema),
  next: nullable(Type.String()),
  /** Entries that match, when the first page was read. */
  total: Type.Integer(),
})
export type QueuePage = Static<typeof queuePageSchema>

/** Entries per value, each under all filters but its own. */
export const queueFacetsSchema = Type.Object({
  total: Type.Integer(),
  facets: Type.Object({
    target: Type.Array(facetCountSchema),
    state: Type.Array(facetCountSchema),
    kind: Type.Array(facetCountSchema),
    decidedBy: Type.Array(facetCountSchema),
  }),
})
export type QueueFacets = Static<typeof queueFacetsSchema>
