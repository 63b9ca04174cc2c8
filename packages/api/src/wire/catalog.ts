import { type Static, Type } from 'typebox'
import { assetKinds } from '../vocabulary.ts'
import { literals, nullable } from './primitives.ts'

// What is known of a database: as runs read it last, with the comments written since.
//
//   GET /api/v1/namespaces/{ns}/catalog    CatalogList  (?database= key of the database, &within= &kind= &commented= &limit &after)

const catalogColumnSchema = Type.Object({
  name: Type.String(),
  type: Type.String(),
  comment: Type.Optional(Type.String()),
})

/** A schema, a table with its columns, or the database. */
export const catalogEntrySchema = Type.Object({
  /** `databaseKey` of its database. */
  target: Type.String(),
  path: Type.String(),
  schemaPath: Type.String(),
  kind: literals(assetKinds),
  comment: nullable(Type.String()),
  columns: Type.Array(catalogColumnSchema),
  columnsCommented: Type.Integer(),
  /** The database's own estimate; null where it has none. */
  rowEstimate: nullable(Type.Number()),
  /** RFC 3339. */
  readAt: Type.String(),
})
export type CatalogEntry = Static<typeof catalogEntrySchema>

export const catalogListSchema = Type.Object({
  entries: Type.Array(catalogEntrySchema),
  next: nullable(Type.String()),
})
export type CatalogList = Static<typeof catalogListSchema>
