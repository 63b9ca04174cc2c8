import { type Static, Type } from 'typebox'
import { contextSourceSpecSchema } from '../resources/context-source.ts'
import { literals, nullable } from './primitives.ts'

// `/worker/v1/context`: what the pods that index a ContextSource, and those that draft, say to the server about documents and
// code. An index pod is authenticated like any worker; the server maps pod -> Job -> ContextSource.
//
//   GET  /worker/v1/context/assignment                        -> ContextAssignment
//   POST /worker/v1/context/documents  ContextDocuments       -> Accepted   (idempotent per path)
//   POST /worker/v1/context/finish     ContextFinish          -> Accepted   (swaps the new index in, all at once)
//   POST /worker/v1/context/fail       ContextFailure         -> Accepted
//   POST /worker/v1/context/search     ContextSearchRequest   -> ContextSearchResponse   (draft pods: the sources of their run)
//
// An index pod finds `AMX_SERVER_URL`, its token at `AMX_TOKEN_FILE`, the ConfigMap or volume at `AMX_CONTEXT_DIR` (for those
// kinds), and the files of the source's Secret in `AMX_CONTEXT_SECRET_DIR` (where it names one).

export const contextKinds = ['Documents', 'Code'] as const
export type ContextKind = (typeof contextKinds)[number]

/**
 * Version of how texts are cut, made into stems and vectors. It is part of what an index is known by: with another version every
 * source is read again, since chunks and queries of two versions do not meet.
 */
export const contextIndexVersion = 1

/** Chunks in one post of documents at most. */
export const contextChunksPerPost = 200
/** Numbers of a chunk's vector. */
export const contextVectorSize = 512

const vectorBytes = contextVectorSize * 4
const vectorTextLength = Math.ceil(vectorBytes / 3) * 4
/** A vector as base64 of 512 Float32 numbers, little-endian. */
export const contextVectorSchema = Type.String({
  minLength: vectorTextLength,
  maxLength: vectorTextLength,
  pattern: '^[A-Za-z0-9+/]+={0,2}$',
})

const path = Type.String({ minLength: 1, maxLength: 1024 })
const lines = { startLine: Type.Integer({ minimum: 1 }), endLine: Type.Integer({ minimum: 1 }) }
const title = nullable(Type.String({ maxLength: 512 }))

/** A description somebody wrote already, as a dbt `schema.yml` or a glossary has it: offered to the letter, before any invention. */
export const providedDescriptionSchema = Type.Object({
  /** The table or model as the source names it; null for a term of no table in particular. */
  table: nullable(Type.String({ maxLength: 512 })),
  /** The column or the term; null for a description of the table itself. */
  column: nullable(Type.String({ maxLength: 512 })),
  text: Type.String({ minLength: 1, maxLength: 16_384 }),
})
export type ProvidedDescription = Static<typeof providedDescriptionSchema>

const provided = Type.Optional(Type.Array(providedDescriptionSchema, { maxItems: 500 }))

export const contextChunkSchema = Type.Object({
  path,
  /** 0-based within its document. */
  ordinal: Type.Integer({ minimum: 0 }),
  ...lines,
  /** Heading path ("Orders > Status") or symbol; null where there is neither. */
  title,
  text: Type.String({ minLength: 1, maxLength: 16_384 }),
  /** Descriptions the chunk holds, where its format tells them apart. */
  provided,
})
export type ContextChunk = Static<typeof contextChunkSchema>

export const contextAssignmentSchema = Type.Object({
  indexId: Type.String(),
  source: Type.Object({ uid: Type.String(), namespace: Type.String(), name: Type.String() }),
  kind: literals(contextKinds),
  /** The spec, without the names of Secrets. */
  spec: contextSourceSpecSchema,
  /** Revision that is indexed now; a finish with the same revision and no documents keeps that index. */
  knownRevision: nullable(Type.String()),
})
export type ContextAssignment = Static<typeof contextAssignmentSchema>

export const contextDocumentSchema = Type.Object({
  path,
  /** SHA-256 of the document's text, as `sha256:<hex>`. */
  digest: Type.String({ maxLength: 128 }),
  chunks: Type.Array(Type.Object({ ...contextChunkSchema.properties, vector: contextVectorSchema }), {
    maxItems: contextChunksPerPost,
  }),
})
export type ContextDocument = Static<typeof contextDocumentSchema>

/**
 * Documents of an index, at most 200 chunks in all. A document with more is posted in parts: chunks are known by (path, ordinal),
 * so the same part posted twice counts once.
 */
export const contextDocumentsSchema = Type.Object({
  indexId: Type.String(),
  documents: Type.Array(contextDocumentSchema, { maxItems: contextChunksPerPost }),
})
export type ContextDocuments = Static<typeof contextDocumentsSchema>

export const contextSkippedSchema = Type.Object({
  path: Type.String({ maxLength: 2048 }),
  reason: Type.String({ maxLength: 1024 }),
})
export type ContextSkipped = Static<typeof contextSkippedSchema>

/**
 * Everything was posted: the new index takes the place of the old one. The counts must be those that were posted, unless the
 * revision is the known one and nothing was posted (the source did not change).
 */
export const contextFinishSchema = Type.Object({
  indexId: Type.String(),
  /** Commit, resourceVersion, ETag digest: whatever tells two states of the source apart. */
  revision: Type.String({ minLength: 1, maxLength: 255 }),
  documents: Type.Integer({ minimum: 0 }),
  chunks: Type.Integer({ minimum: 0 }),
  /** What was left out; the first 1,000. */
  skipped: Type.Array(contextSkippedSchema, { maxItems: 1000 }),
})
export type ContextFinish = Static<typeof contextFinishSchema>

export const contextFailureSchema = Type.Object({
  indexId: Type.String(),
  error: Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() }),
})
export type ContextFailure = Static<typeof contextFailureSchema>

export const contextSearchRequestSchema = Type.Object({
  queries: Type.Array(Type.Object({ text: Type.String({ maxLength: 4096 }), vector: contextVectorSchema }), {
    minItems: 1,
    maxItems: 100,
  }),
  kind: literals(contextKinds),
  limit: Type.Integer({ minimum: 1, maximum: 50 }),
})
export type ContextSearchRequest = Static<typeof contextSearchRequestSchema>

export const foundChunkSchema = Type.Object({
  /** Name of the ContextSource. */
  source: Type.String(),
  kind: literals(contextKinds),
  path,
  ...lines,
  title,
  text: Type.String(),
  provided,
  /** Fused rank, 0..1; 1 = first by every ranking. It orders; it does not say how well the first one fits. */
  score: Type.Number(),
  /** Cosine of the vectors of query and chunk. */
  similarity: Type.Optional(Type.Number()),
  /** Share of the query's words that occur in the chunk, rare words counting more, 0..1. */
  coverage: Type.Optional(Type.Number()),
})
export type FoundChunk = Static<typeof foundChunkSchema>

export const contextSearchResponseSchema = Type.Object({
  /** One list per query, best first. */
  results: Type.Array(Type.Array(foundChunkSchema)),
})
export type ContextSearchResponse = Static<typeof contextSearchResponseSchema>

/** GET /api/v1/namespaces/{ns}/contextsources/{name}/search?q=&limit= */
export const contextSourceSearchResultSchema = Type.Object({
  /** Best first. */
  results: Type.Array(foundChunkSchema),
})
export type ContextSourceSearchResult = Static<typeof contextSourceSearchResultSchema>

/** A vector as the wire carries it. */
export function encodeVector(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}

/** The vector that {@link encodeVector} wrote. */
export function decodeVector(text: string): Float32Array {
  return vectorOfBytes(Buffer.from(text, 'base64'))
}

/** A vector of little-endian Float32 bytes. */
export function vectorOfBytes(bytes: Buffer): Float32Array {
  const vector = new Float32Array(Math.floor(bytes.length / 4))
  for (let index = 0; index < vector.length; index += 1) vector[index] = bytes.readFloatLE(index * 4)
  return vector
}
