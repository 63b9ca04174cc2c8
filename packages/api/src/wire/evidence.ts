import { type Static, Type } from 'typebox'
import { patternClasses, profilingModes, relationKinds } from '../vocabulary.ts'
import { literals, nullable } from './primitives.ts'

// What the profile stage learns about a database. Sent by the profile pod, kept in the store, read by the draft pod.

const names = Type.Array(Type.String())

export const columnCatalogSchema = Type.Object({
  name: Type.String(),
  /** 1-based position in the relation. */
  ordinal: Type.Integer(),
  /** The backend's own words, such as `numeric(12,2)`. */
  type: Type.String(),
  nullable: Type.Boolean(),
  default: nullable(Type.String()),
  comment: nullable(Type.String()),
  generated: Type.Optional(Type.Boolean()),
  identity: Type.Optional(Type.Boolean()),
  /** Labels of an enumerated type, in order. */
  enumValues: Type.Optional(names),
})
export type ColumnCatalog = Static<typeof columnCatalogSchema>

export const foreignKeySchema = Type.Object({
  name: Type.String(),
  columns: names,
  /** Canonical path of the relation at the other end. */
  otherTable: Type.String(),
  otherColumns: names,
  /** Comment of the relation at the other end. */
  otherComment: nullable(Type.String()),
})
export type ForeignKey = Static<typeof foreignKeySchema>

export const tableCatalogSchema = Type.Object({
  /** Canonical asset path, `schema.table`. */
  path: Type.String(),
  kind: literals(relationKinds),
  comment: nullable(Type.String()),
  schemaComment: nullable(Type.String()),
  databaseComment: nullable(Type.String()),
  columns: Type.Array(columnCatalogSchema),
  primaryKey: names,
  foreignKeysOut: Type.Array(foreignKeySchema),
  foreignKeysIn: Type.Array(foreignKeySchema),
  uniqueKeys: Type.Array(names),
  checks: Type.Array(Type.Object({ name: Type.String(), expression: Type.String() })),
  indexes: Type.Array(
    Type.Object({ name: Type.String(), columns: names, unique: Type.Boolean(), method: Type.String() }),
  ),
  partitioning: nullable(Type.Object({ strategy: Type.String(), columns: names, partitions: Type.Integer() })),
  viewDefinition: nullable(Type.String()),
  /** The planner's estimate; null where it has none. */
  rowEstimate: nullable(Type.Number()),
  sizeBytes: nullable(Type.Number()),
  usage: nullable(
    Type.Object({
      sequentialScans: Type.Number(),
      indexScans: Type.Number(),
      liveRows: Type.Number(),
      /** RFC 3339. */
      lastAnalyze: nullable(Type.String()),
    }),
  ),
  /** Why its rows cannot be read; null when they can. */
  unreadable: nullable(Type.String()),
  /** SHA-256 over names, types and keys: equal digests mean the structure did not change. */
  structureDigest: Type.String(),
  /** RFC 3339 time of the backend's statistics or last change where it tells, part of the profile cache's key. */
  statisticsTime: nullable(Type.String()),
})
export type TableCatalog = Static<typeof tableCatalogSchema>

export const columnProfileSchema = Type.Object({
  name: Type.String(),
  /** 0..1. */
  nullFraction: nullable(Type.Number()),
  distinct: nullable(Type.Number()),
  distinctIsExact: Type.Boolean(),
  /** As text, masked like the samples. */
  minimum: nullable(Type.String()),
  maximum: nullable(Type.String()),
  minimumLength: nullable(Type.Number()),
  maximumLength: nullable(Type.Number()),
  /** At most 5 distinct values, masked or absent as the privacy setting says. */
  samples: names,
  /** At most 30 values of a column of low cardinality with the number of rows (of those read) that hold them. */
  frequencies: Type.Array(Type.Object({ value: Type.String(), rows: Type.Number() })),
  pattern: nullable(literals(patternClasses)),
  /** Why its values were held back: matched as personal data, or excluded by the profile. */
  heldBack: nullable(Type.Union([Type.Literal('Personal'), Type.Literal('Excluded'), Type.Literal('Disclosure')])),
})
export type ColumnProfile = Static<typeof columnProfileSchema>

export const tableProfileSchema = Type.Object({
  catalog: tableCatalogSchema,
  /** The mode that was used. */
  mode: literals(profilingModes),
  /** Why the mode differs from the one asked for. */
  modeReason: nullable(Type.String()),
  rowCount: nullable(Type.Number()),
  rowCountIsExact: Type.Boolean(),
  /** Rows the figures stand on; 0 in mode Metadata. */
  rowsRead: Type.Number(),
  columns: Type.Array(columnProfileSchema),
  /** What could not be read, in words. */
  warnings: names,
  /** Statements sent to the warehouse for this table. */
  statements: Type.Integer(),
  durationMs: Type.Number(),
})
export type TableProfile = Static<typeof tableProfileSchema>
