import { randomUUID } from 'node:crypto'
import { type ContextKind, contextChunksPerPost, contextKinds, encodeVector } from '@amx/api'
import { testDatabase } from '@amx/hack'
import { figuresOf, type LabelledChunk, rankOf, readLabelledChunks, readLabelledQuestions } from '@amx/hack/retrieval'
import { embedForSearch } from '@amx/retrieval'
import { migrate, type OperatorStore, openOperatorStore, openServerStore, type ServerStore } from '@amx/store'
import { expect, it, onTestFinished } from 'vitest'
import { createContextSearch } from './search-context.ts'
import { storableDocuments } from './storable-documents.ts'
import { createVectorCache } from './vector-cache.ts'

const signal = AbortSignal.timeout(50_000)

async function openStores(): Promise<{ operator: OperatorStore; server: ServerStore }> {
  const { url } = await testDatabase()
  await migrate(url)
  const operator = openOperatorStore({ url, poolSize: 2 })
  const server = openServerStore({ url, poolSize: 4 })
  onTestFinished(async () => {
    await Promise.all([operator.close(), server.close()])
  })
  return { operator, server }
}

/** Indexes chunks the way a pod's posts are taken in; gives the source's uid. */
async function indexChunks(
  { operator, server }: { operator: OperatorStore; server: ServerStore },
  kind: ContextKind,
  chunks: readonly LabelledChunk[],
): Promise<string> {
  const uid = randomUUID()
  const spec = { kind, volume: { claimName: 'evaluation' } }
  await operator.beginContextIndex({ uid, namespace: 'team', name: kind, kind, spec, specDigest: 'spec', number: 1 })
  const indexer = { sourceUid: uid, number: 1, holder: 'pod' }
  const byPath = Map.groupBy(chunks, ({ path }) => path)
  for (const [path, own] of byPath) {
    expect(own.length).toBeLessThanOrEqual(contextChunksPerPost)
    const posted = own.map((chunk) => ({ ...chunk, vector: encodeVector(chunk.vector) }))
    const documents = storableDocuments({ indexId: '', documents: [{ path, digest: 'sha256:0', chunks: posted }] })
    await server.recordContextDocuments(indexer, documents)
  }
  const finish = { indexId: '', revision: 'r1', documents: byPath.size, chunks: chunks.length, skipped: [] }
  await server.finishContextIndex(indexer, finish)
  return uid
}

it('finds what answers questions about columns: hit@3 0.85, hit@5 0.95, MRR 0.78', async () => {
  const stores = await openStores()
  const uids = new Map<ContextKind, string>()
  for (const kind of contextKinds)
    uids.set(kind, await indexChunks(stores, kind, await readLabelledChunks(kind, signal)))
  const cache = createVectorCache({ store: () => stores.server, capacityMiB: 64 })
  const search = createContextSearch(() => stores.server, cache)

  const questions = readLabelledQuestions()
  const ranks = await Promise.all(
    contextKinds.map(async (kind) => {
      const asked = questions.filter((question) => question.kind === kind)
      const indexes = await stores.server.listSearchableIndexes([uids.get(kind) ?? ''])
      const queries = asked.map(({ query }) => ({ text: query, vector: embedForSearch(query) }))
      const found = await search(indexes, queries, 5, signal)
      return asked.map((question, index) => ({ question, rank: rankOf(question, found[index] ?? []) }))
    }),
  )
  const { hitAt3, hitAt5, mrr, missed } = figuresOf(ranks.flat())
  console.log(
    `hit@3 ${hitAt3.toFixed(3)}, hit@5 ${hitAt5.toFixed(3)}, MRR ${mrr.toFixed(3)}; missed: ${missed.join(', ')}`,
  )
  expect(hitAt3).toBeGreaterThanOrEqual(0.85)
  expect(hitAt5).toBeGreaterThanOrEqual(0.95)
  expect(mrr).toBeGreaterThanOrEqual(0.78)
})
