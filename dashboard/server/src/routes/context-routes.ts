import {
  AmxError,
  type ContextDocuments,
  contextChunksPerPost,
  contextDocumentsSchema,
  contextFailureSchema,
  contextFinishSchema,
  contextSearchRequestSchema,
  decodeVector,
} from '@amx/api'
import type { IndexerIdentity, ServerStore, WorkerIdentity } from '@amx/store'
import { Router } from 'express'
import type { SearchContext } from '../context/search-context.ts'
import { storableDocuments } from '../context/storable-documents.ts'
import { answering, type PodHandler } from '../http/answering.ts'
import { knownError } from '../http/known-error.ts'
import { validator } from '../http/validate.ts'

export interface ContextRouteOptions {
  readonly store: () => ServerStore
  readonly authenticateIndexer: (token: string | null) => Promise<IndexerIdentity>
  readonly authenticateWorker: (token: string | null) => Promise<WorkerIdentity>
  readonly search: SearchContext
  readonly stopping: AbortSignal
}

const checks = {
  documents: validator(contextDocumentsSchema),
  finish: validator(contextFinishSchema),
  fail: validator(contextFailureSchema),
  search: validator(contextSearchRequestSchema),
}

/** `/worker/v1/context`: index pods fill the index their Job was made for, draft pods search the sources of their run. */
export function contextRoutes({ store, stopping, search, ...options }: ContextRouteOptions): Router {
  const router = Router()

  const asIndexer = (handler: PodHandler<IndexerIdentity>) => answering(options.authenticateIndexer, handler, stopping)
  const asWorker = (handler: PodHandler<WorkerIdentity>) => answering(options.authenticateWorker, handler, stopping)

  async function assignmentOf(indexer: IndexerIdentity, signal: AbortSignal) {
    const assignment = await store().readContextAssignment(indexer, signal)
    if (assignment === null)
      throw new AmxError('AMX-1009', { problem: 'this index was ended or replaced by a newer one' })
    return assignment
  }

  router.get(
    '/assignment',
    asIndexer((indexer, _request, signal) => assignmentOf(indexer, signal)),
  )
  router.post(
    '/documents',
    asIndexer(async (indexer, request, signal) => {
      const body = checks.documents(request.body)
      const { indexId } = await assignmentOf(indexer, signal)
      requireOwn(indexId, body)
      return store().recordContextDocuments(indexer, storableDocuments(body), signal)
    }),
  )
  router.post(
    '/finish',
    asIndexer((indexer, request, signal) => store().finishContextIndex(indexer, checks.finish(request.body), signal)),
  )
  router.post(
    '/fail',
    asIndexer((indexer, request, signal) => {
      const { error } = checks.fail(request.body)
      return store().failContextIndex(indexer.sourceUid, indexer.number, knownError(error), signal)
    }),
  )
  router.post(
    '/search',
    asWorker(async (worker, request, signal) => {
      const { queries, kind, limit } = checks.search(request.body)
      if (worker.stage !== 'draft')
        throw new AmxError('AMX-1010', { problem: 'only draft pods search documents and code' })
      const known = await store().readSettings(worker.runUid, signal)
      const uids = (known?.settings.context ?? []).flatMap((source) => (source.kind === kind ? [source.uid] : []))
      const indexes = await store().listSearchableIndexes(uids, signal)
      const asked = queries.map(({ text, vector }) => ({ text, vector: decodeVector(vector) }))
      return { results: await search(indexes, asked, limit, signal) }
    }),
  )
  return router
}

function requireOwn(indexId: string, { indexId: named, documents }: ContextDocuments): void {
  if (named !== indexId)
    throw new AmxError('AMX-1014', { problem: `/indexId: this pod fills index ${indexId}, not "${named}"` })
  const count = documents.reduce((sum, { chunks }) => sum + chunks.length, 0)
  if (count > contextChunksPerPost)
    throw new AmxError('AMX-1018', {
      what: 'the request',
      size: `${count} chunks`,
      limit: `${contextChunksPerPost} chunks`,
    })
  const stray = documents.find(({ path, chunks }) => chunks.some((chunk) => chunk.path !== path))
  if (stray !== undefined)
    throw new AmxError('AMX-1014', { problem: `a chunk of document "${stray.path}" names another path` })
}
