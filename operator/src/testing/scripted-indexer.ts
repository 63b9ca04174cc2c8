import { contextVectorSize, digestOf, type ErrorReport, type WorkerSummary } from '@amx/api'
import type { IndexerIdentity, ServerStore } from '@amx/store'
import { WorkerExit } from './scripted-worker.ts'

/** What a scripted index pod finds in its imaginary source, and how it fares. */
export interface IndexScript {
  /** Documents with the texts of their chunks. */
  readonly documents: Readonly<Record<string, readonly string[]>>
  readonly revision: string
  /** Ends the index with this error. */
  readonly error?: ErrorReport
  /** Called first; what it throws ends the pod. */
  readonly before?: (indexer: IndexerIdentity) => Promise<void> | void
}

/** Reads a source as the real worker does; gives its termination message. */
export async function runScriptedIndex(
  store: ServerStore,
  indexer: IndexerIdentity,
  script: IndexScript,
): Promise<WorkerSummary> {
  await script.before?.(indexer)
  const assignment = await store.readContextAssignment(indexer)
  if (assignment === null) throw new WorkerExit(1, 'this index is over')
  if (script.error !== undefined) {
    await store.failContextIndex(indexer.sourceUid, indexer.number, script.error)
    throw new WorkerExit(3, script.error.message)
  }
  const isUnchanged = assignment.knownRevision === script.revision
  const documents = isUnchanged ? [] : Object.entries(script.documents)
  for (const [path, texts] of documents) {
    const chunks = texts.map((text, ordinal) => ({
      ...{ path, ordinal, startLine: ordinal + 1, endLine: ordinal + 1, title: null, text },
      ...{ vector: Buffer.alloc(contextVectorSize * 4), titleTerms: [], textTerms: text.split(' ') },
    }))
    await store.recordContextDocuments(indexer, [{ path, digest: digestOf(texts), chunks }])
  }
  await store.finishContextIndex(indexer, {
    indexId: assignment.indexId,
    revision: script.revision,
    documents: documents.length,
    chunks: documents.flatMap(([, texts]) => texts).length,
    skipped: isUnchanged ? [] : [{ path: 'logo.png', reason: 'it is no text' }],
  })
  const units = { done: 1, failed: 0 }
  return { stage: 'draft', outcome: 'Done', stop: null, units, statements: 0, calls: 0, durationMs: 1, error: null }
}
