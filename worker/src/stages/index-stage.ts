import { setTimeout as delay } from 'node:timers/promises'
import { AmxError, type ContextAssignment, type ContextDocument, contextChunksPerPost, encodeVector } from '@amx/api'
import { type IndexedDocument, indexSource, type OpenedSource, openSource, type SkippedFile } from '@amx/context'
import type { Logger } from 'pino'
import { readContextSecrets, type WorkerEnvironment } from '../environment.ts'
import type { IndexClient } from '../server-client.ts'

/** Characters of chunks in one post: well below the server's body limit, vectors included. */
const charactersPerPost = 1_000_000
const mostSkippedSent = 1_000
/** Waits before a source that did not answer is asked again. */
const retryWaitsMs = [2_000, 8_000, 20_000]

export interface IndexFigures {
  readonly revision: string
  readonly documents: number
  readonly chunks: number
  readonly skipped: number
  /** The source had the indexed revision still: nothing was read. */
  readonly unchanged: boolean
}

/** Reads a source and posts its chunks; the server puts the new index in place at the end. Throws catalogue errors. */
export async function indexContext(
  assignment: ContextAssignment,
  environment: WorkerEnvironment,
  server: IndexClient,
  logger: Logger,
  signal: AbortSignal,
): Promise<IndexFigures> {
  const { indexId, kind, spec, knownRevision } = assignment
  const options = {
    directory: environment.contextDir,
    secrets: readContextSecrets(environment),
    scratchDirectory: environment.scratchDir,
    signal,
  }
  const source = retrying(await tried(() => openSource({ ...spec, kind }, options), logger, signal), logger)
  try {
    const { revision } = source
    if (revision === knownRevision) {
      await server.finishContext({ indexId, revision, documents: 0, chunks: 0, skipped: [] }, signal)
      return { revision, documents: 0, chunks: 0, skipped: 0, unchanged: true }
    }
    const skipped: SkippedFile[] = []
    const onSkipped = (file: SkippedFile): void => {
      skipped.push(file)
      logger.info(file, 'file left out')
    }
    let documents = 0
    let chunks = 0
    for await (const batch of batched(indexSource(source, { kind, signal, onSkipped }))) {
      await server.postContextDocuments({ indexId, documents: batch.parts }, signal)
      documents += batch.documents
      chunks += batch.parts.reduce((sum, part) => sum + part.chunks.length, 0)
    }
    if (documents === 0) throw emptyError(assignment, skipped)
    const sent = skipped.slice(0, mostSkippedSent).map(({ path, reason }) => ({
      path: path.slice(0, 2_048),
      reason: reason.slice(0, 1_024),
    }))
    await server.finishContext({ indexId, revision, documents, chunks, skipped: sent }, signal)
    return { revision, documents, chunks, skipped: skipped.length, unchanged: false }
  } finally {
    await source.close()
  }
}

interface Batch {
  readonly parts: ContextDocument[]
  /** Documents that begin in this batch. */
  documents: number
}

/** Puts chunks together to posts of at most 200 and a million characters; a long document goes in parts. Exported for its test. */
export async function* batched(documents: AsyncIterable<IndexedDocument>): AsyncGenerator<Batch> {
  let batch: Batch = { parts: [], documents: 0 }
  let count = 0
  let characters = 0
  for await (const { path, digest, chunks } of documents) {
    let part: ContextDocument = { path, digest, chunks: [] }
    batch.parts.push(part)
    batch.documents += 1
    for (const chunk of chunks) {
      if (count >= contextChunksPerPost || characters + chunk.text.length > charactersPerPost) {
        if (part.chunks.length === 0) batch.parts.pop()
        const begun = part.chunks.length > 0
        if (!begun) batch.documents -= 1
        if (batch.parts.length > 0) yield batch
        part = { path, digest, chunks: [] }
        batch = { parts: [part], documents: begun ? 0 : 1 }
        count = 0
        characters = 0
      }
      part.chunks.push({ ...chunk, vector: encodeVector(chunk.vector) })
      count += 1
      characters += chunk.text.length
    }
  }
  if (batch.parts.length > 0) yield batch
}

/** The same source, with each of its requests tried again while nobody answers. */
function retrying(source: OpenedSource, logger: Logger): OpenedSource {
  return {
    ...source,
    async files(signal) {
      const { files, skipped } = await tried(() => source.files(signal), logger, signal)
      return {
        skipped,
        files: files.map((file) => ({
          path: file.path,
          read: (owner) => tried(() => file.read(owner), logger, owner),
        })),
      }
    },
  }
}

async function tried<Result>(work: () => Promise<Result>, logger: Logger, signal: AbortSignal): Promise<Result> {
  for (const waitMs of retryWaitsMs) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof AmxError) || error.code !== 'AMX-5001') throw error
      logger.warn({ code: error.code, error: error.message, waitMs }, 'the source does not answer; it is asked again')
      await delay(waitMs, undefined, { signal })
    }
  }
  return work()
}

function emptyError({ source }: ContextAssignment, skipped: readonly SkippedFile[]): AmxError {
  const [first] = skipped
  const detail = first === undefined ? '' : `; ${skipped.length} left out, such as ${first.path}: ${first.reason}`
  return new AmxError('AMX-5005', { source: `ContextSource "${source.name}"`, detail })
}
