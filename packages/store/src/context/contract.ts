import type {
  Accepted,
  ContextAssignment,
  ContextChunk,
  ContextFinish,
  ContextKind,
  ContextSkipped,
  ContextSourceSpec,
  ErrorReport,
} from '@amx/api'

/** An attempt at reading a source, as far as the operator decides from it. */
export interface ContextIndexView {
  /** From 1, one more with each attempt: the number in the Job's name. */
  readonly number: number
  /** Unchanged: the source had the indexed revision still. */
  readonly state: 'Building' | 'Finished' | 'Unchanged' | 'Failed'
  readonly specDigest: string
  readonly startedAt: string
  readonly endedAt: string | null
  readonly error: ErrorReport | null
}

/** What the store knows of a source. */
export interface ContextObservation {
  /** Time of the store, whose clock the other times are of, in milliseconds since the epoch. */
  readonly nowMs: number
  /** The index that searches use. */
  readonly current: {
    readonly revision: string
    readonly specDigest: string
    readonly documents: number
    readonly chunks: number
    /** What was left out, the first 1,000. */
    readonly skipped: readonly ContextSkipped[]
    /** When the source was last found to be as indexed. */
    readonly checkedAt: string
  } | null
  readonly newest: ContextIndexView | null
  /** Attempts that failed since the last one that did not, with the newest one's spec. */
  readonly failures: number
}

export interface BeginContextIndexRequest {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly kind: ContextKind
  /** Without the names of Secrets. */
  readonly spec: ContextSourceSpec
  readonly specDigest: string
  /** The number this attempt is to have; begun before under it: nothing is done. */
  readonly number: number
}

/** The operator's half of what the store does about sources. */
export interface ContextOperatorStore {
  observeContextSource(uid: string, signal?: AbortSignal): Promise<ContextObservation>
  /** Makes room for an index; what an earlier attempt left unfinished goes. */
  beginContextIndex(request: BeginContextIndexRequest, signal?: AbortSignal): Promise<void>
  /** Ends an attempt whose Job is over without having said so. No-op when it ended. */
  failContextIndex(uid: string, number: number, error: ErrorReport, signal?: AbortSignal): Promise<Accepted>
  /** Removes all rows of a source. */
  deleteContextSource(uid: string, signal?: AbortSignal): Promise<void>
}

/** Who a request of an index pod comes from, as the server established it. */
export interface IndexerIdentity {
  readonly sourceUid: string
  readonly number: number
  /** Pod name. */
  readonly holder: string
}

/** A chunk as it is kept: what was posted, with the stems it is found by. */
export interface StorableChunk extends ContextChunk {
  readonly vector: Buffer
  readonly titleTerms: readonly string[]
  readonly textTerms: readonly string[]
}

export interface StorableDocument {
  readonly path: string
  readonly digest: string
  readonly chunks: readonly StorableChunk[]
}

/** A finished index that a search may use. */
export interface SearchableIndex {
  readonly indexId: string
  readonly sourceUid: string
  readonly sourceName: string
  readonly kind: ContextKind
  readonly chunks: number
}

/** One query as its distinct stems. */
export type TermQuery = readonly string[]

export interface TermHit {
  readonly chunkId: string
  /** BM25; higher is better. */
  readonly score: number
  /** Share of the query's rarity that occurs in the chunk, 0..1. */
  readonly coverage: number
}

export interface StoredVector {
  readonly chunkId: string
  readonly vector: Buffer
}

export interface StoredChunk {
  readonly chunkId: string
  readonly indexId: string
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly title: string | null
  readonly text: string
  readonly provided: ContextChunk['provided'] | null
}

/** The server's half of what the store does about sources. */
export interface ContextServerStore {
  readContextAssignment(indexer: IndexerIdentity, signal?: AbortSignal): Promise<ContextAssignment | null>
  /** Idempotent per path and ordinal. Throws AMX-1009 when the attempt is over. */
  recordContextDocuments(
    indexer: IndexerIdentity,
    documents: readonly StorableDocument[],
    signal?: AbortSignal,
  ): Promise<Accepted>
  /** Puts the new index in the place of the old one. Throws AMX-1014 when the counts are not those that were posted. */
  finishContextIndex(indexer: IndexerIdentity, finish: ContextFinish, signal?: AbortSignal): Promise<Accepted>
  failContextIndex(uid: string, number: number, error: ErrorReport, signal?: AbortSignal): Promise<Accepted>
  /** The indexes in use of the sources with these uids. */
  listSearchableIndexes(sourceUids: readonly string[], signal?: AbortSignal): Promise<readonly SearchableIndex[]>
  /** The index in use of a source by its name; null when there is none. */
  findSearchableIndex(namespace: string, name: string, signal?: AbortSignal): Promise<SearchableIndex | null>
  /** The best chunks per query by their terms (BM25), best first, at most `limit` each. */
  searchContextTerms(
    indexIds: readonly string[],
    queries: readonly TermQuery[],
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly (readonly TermHit[])[]>
  /** Vectors of an index in the order of their chunks, page by page. */
  readContextVectors(
    indexId: string,
    afterChunkId: string | null,
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly StoredVector[]>
  readContextChunks(chunkIds: readonly string[], signal?: AbortSignal): Promise<readonly StoredChunk[]>
}
