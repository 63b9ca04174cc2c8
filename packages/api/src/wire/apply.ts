import { type Static, Type } from 'typebox'
import { assetKinds } from '../vocabulary.ts'
import { literals, nullable } from './primitives.ts'
import { changeRowSchema } from './results.ts'
import { writeProblemSchema } from './write-problem.ts'

// What is to be written and what was, as people's programs read it.
//
//   GET  /api/v1/namespaces/{ns}/queue/preview        PreviewPage  (?run&uid&target&within&exclude&asset&kind&limit&after)
//   GET  /api/v1/namespaces/{ns}/changes              AuditPage    (?since&until&by&asset&outcome&target&unit&dryRun&limit&after)
//   GET  /api/v1/namespaces/{ns}/runs/{name}/changes  AuditPage    (the same filters over one run, in the order of writing)

const runName = Type.Object({ uid: Type.String(), name: Type.String() })

/** A database as people name it, with its queued rows. */
export const previewDatabaseSchema = Type.Object({
  /** `databaseKey`: the queue's key. */
  target: Type.String(),
  /** DatabaseProfile that the run which drafted the rows went through. */
  databaseProfile: Type.String(),
  database: nullable(Type.String()),
  rows: Type.Integer(),
})
export type PreviewDatabase = Static<typeof previewDatabaseSchema>

/** A queued row with the statement that would write it. */
export const previewRowSchema = Type.Object({
  /** Id of the row in the queue. */
  id: Type.String(),
  target: Type.String(),
  databaseProfile: Type.String(),
  path: Type.String(),
  kind: literals(assetKinds),
  /** The statement with the text as the parameter `:comment`; null when the row is skipped. */
  statement: nullable(Type.String()),
  text: Type.String(),
  /** The comment whoever decided had in view; null for none. */
  expected: nullable(Type.String()),
  /** Why the row is never written, such as `ClickHouse has no Schema comments`; null when it is. */
  skipped: nullable(Type.String()),
  run: runName,
  decidedBy: Type.String(),
  decidedAt: Type.String(),
  /** Why the last try to write it failed. */
  problem: nullable(writeProblemSchema),
})
export type PreviewRow = Static<typeof previewRowSchema>

/** All rows that match, counted. */
export const previewTotalsSchema = Type.Object({
  rows: Type.Integer(),
  columns: Type.Integer(),
  /** Descriptions of tables and views. */
  relations: Type.Integer(),
  /** Descriptions of schemas and databases. */
  containers: Type.Integer(),
  /** Tables that have a row, for themselves or for a column. */
  tables: Type.Integer(),
  /** The first of those, at most 20, in the order of their path. */
  firstTables: Type.Array(Type.String()),
  databases: Type.Array(previewDatabaseSchema),
  /** Rows that another run is writing, which are in none of the figures above. */
  beingWritten: Type.Integer(),
})
export type PreviewTotals = Static<typeof previewTotalsSchema>

export const previewPageSchema = Type.Object({
  rows: Type.Array(previewRowSchema),
  /** Opaque; pass as `after` for the next page; null on the last. */
  next: nullable(Type.String()),
  totals: previewTotalsSchema,
})
export type PreviewPage = Static<typeof previewPageSchema>

/** One entry of the audit. An empty `newText` is a comment that was removed. */
export const auditRowSchema = Type.Object({
  ...changeRowSchema.properties,
  run: Type.Object({ uid: Type.String(), name: Type.String(), type: Type.String() }),
  databaseProfile: Type.String(),
  /** Of a rollback: the run whose text was taken back. */
  undoes: nullable(runName),
  /** The rollback that took this entry back. */
  undoneBy: nullable(runName),
})
export type AuditRow = Static<typeof auditRowSchema>

export const auditPageSchema = Type.Object({ rows: Type.Array(auditRowSchema), next: nullable(Type.String()) })
export type AuditPage = Static<typeof auditPageSchema>
