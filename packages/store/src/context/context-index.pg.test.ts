import type { ContextFinish } from '@amx/api'
import { describe, expect, it } from 'vitest'
import { documentOf, indexerOf, sourceOf, wordsOf } from '../testing/context-fixture.ts'
import { openStores, type Stores } from '../testing/store-fixture.ts'
import type { BeginContextIndexRequest, StorableDocument } from './contract.ts'

const error = { code: 'AMX-5001', message: 'no answer', remedy: 'Check the address.' } as const

function finishOf(documents: readonly StorableDocument[], revision = 'r1'): ContextFinish {
  const chunks = documents.reduce((sum, document) => sum + document.chunks.length, 0)
  return { indexId: '', revision, documents: documents.length, chunks, skipped: [] }
}

async function index(
  { operator, server }: Stores,
  source: BeginContextIndexRequest,
  documents: readonly StorableDocument[],
  revision = 'r1',
): Promise<void> {
  await operator.beginContextIndex(source)
  await server.recordContextDocuments(indexerOf(source), documents)
  await server.finishContextIndex(indexerOf(source), finishOf(documents, revision))
}

async function search({ server }: Stores, { uid }: BeginContextIndexRequest, text: string): Promise<string[]> {
  const indexes = await server.listSearchableIndexes([uid])
  const ids = indexes.map(({ indexId }) => indexId)
  const [hits = []] = await server.searchContextTerms(ids, [wordsOf(text)], 10)
  const chunks = await server.readContextChunks(hits.map(({ chunkId }) => chunkId))
  return chunks.map((chunk) => chunk.text)
}

const orders = documentOf('orders.md', ['An order is open until it ships', 'Refunds take two weeks'], 'Orders')
const plants = documentOf('plants.md', ['A plant has a name and a price', "The grower's own code"], 'Plants')

describe('an index of a source', () => {
  it('is found by nobody until it is finished, then takes the place of the old one at once', async () => {
    const stores = await openStores()
    const source = sourceOf()
    await stores.operator.beginContextIndex(source)
    await stores.server.recordContextDocuments(indexerOf(source), [orders])
    expect(await stores.server.listSearchableIndexes([source.uid])).toEqual([])

    await stores.server.finishContextIndex(indexerOf(source), finishOf([orders]))
    expect(await search(stores, source, 'refunds')).toEqual(['Refunds take two weeks'])

    await index(stores, { ...source, number: 2 }, [plants], 'r2')
    expect(await search(stores, source, 'refunds')).toEqual([])
    expect(await search(stores, source, 'price')).toEqual(['A plant has a name and a price'])
    const observed = await stores.operator.observeContextSource(source.uid)
    expect(observed.current).toMatchObject({ revision: 'r2', documents: 1, chunks: 2 })
    const [rows] = await stores.query<{ chunks: number }>('select count(*)::integer as chunks from amx.context_chunks')
    expect(rows?.chunks).toBe(2)
  })

  it('counts a document that is posted twice once', async () => {
    const stores = await openStores()
    const source = sourceOf()
    await stores.operator.beginContextIndex(source)
    const indexer = indexerOf(source)
    expect(await stores.server.recordContextDocuments(indexer, [orders])).toEqual({ recorded: true })
    expect(await stores.server.recordContextDocuments(indexer, [orders])).toEqual({ recorded: false })
    expect(await stores.server.finishContextIndex(indexer, finishOf([orders]))).toEqual({ recorded: true })
    expect(await stores.server.finishContextIndex(indexer, finishOf([orders]))).toEqual({ recorded: false })
    await expect(stores.server.recordContextDocuments(indexer, [plants])).rejects.toMatchObject({ code: 'AMX-1009' })
  })

  it('is not put in place when something of it never arrived', async () => {
    const stores = await openStores()
    const source = sourceOf()
    await index(stores, source, [orders])
    const second = { ...source, number: 2 }
    await stores.operator.beginContextIndex(second)
    await stores.server.recordContextDocuments(indexerOf(second), [plants])
    const finish = { ...finishOf([plants, orders], 'r2') }
    await expect(stores.server.finishContextIndex(indexerOf(second), finish)).rejects.toMatchObject({
      code: 'AMX-1014',
      message: '2 documents and 4 chunks were announced, 1 and 2 were posted',
    })
    expect(await search(stores, source, 'refunds')).toHaveLength(1)
  })

  it('stays when the source has the indexed revision still', async () => {
    const stores = await openStores()
    const source = sourceOf()
    await index(stores, source, [orders])
    const second = { ...source, number: 2 }
    await stores.operator.beginContextIndex(second)
    const assignment = await stores.server.readContextAssignment(indexerOf(second))
    expect(assignment).toMatchObject({ knownRevision: 'r1', source: { name: 'handbook' } })
    await stores.server.finishContextIndex(indexerOf(second), finishOf([], 'r1'))
    expect(await search(stores, source, 'refunds')).toHaveLength(1)
    const observed = await stores.operator.observeContextSource(source.uid)
    expect(observed).toMatchObject({ current: { chunks: 2 }, newest: { number: 2, state: 'Unchanged' }, failures: 0 })
  })

  it('is read anew when the spec changed, whatever the revision', async () => {
    const stores = await openStores()
    const source = sourceOf()
    await index(stores, source, [orders])
    await stores.operator.beginContextIndex({ ...source, number: 2, specDigest: 'sha256:other' })
    const assignment = await stores.server.readContextAssignment(indexerOf({ ...source, number: 2 }))
    expect(assignment?.knownRevision).toBeNull()
  })

  it('that failed leaves the old one in use, its error, and no rows', async () => {
    const stores = await openStores()
    const source = sourceOf()
    await index(stores, source, [orders])
    for (const number of [2, 3]) {
      const attempt = { ...source, number }
      await stores.operator.beginContextIndex(attempt)
      await stores.server.recordContextDocuments(indexerOf(attempt), [plants])
      expect(await stores.server.failContextIndex(source.uid, number, error)).toEqual({ recorded: true })
      expect(await stores.operator.failContextIndex(source.uid, number, error)).toEqual({ recorded: false })
    }
    expect(await search(stores, source, 'refunds')).toHaveLength(1)
    expect(await stores.operator.observeContextSource(source.uid)).toMatchObject({
      current: { revision: 'r1' },
      newest: { number: 3, state: 'Failed', error },
      failures: 2,
    })
    const [rows] = await stores.query<{ chunks: number }>('select count(*)::integer as chunks from amx.context_chunks')
    expect(rows?.chunks).toBe(2)
  })

  it('that was begun gives way to a newer attempt; beginning it twice does nothing', async () => {
    const stores = await openStores()
    const source = sourceOf()
    await stores.operator.beginContextIndex(source)
    await stores.operator.beginContextIndex(source)
    await stores.operator.beginContextIndex({ ...source, number: 2 })
    await expect(stores.server.finishContextIndex(indexerOf(source), finishOf([]))).rejects.toMatchObject({
      code: 'AMX-1009',
    })
    expect(await stores.server.readContextAssignment(indexerOf(source))).toBeNull()
    expect(await stores.server.readContextAssignment(indexerOf({ ...source, number: 2 }))).not.toBeNull()
  })

  it('goes with its source, and one source never finds the rows of another', async () => {
    const stores = await openStores()
    const [one, two] = [sourceOf(), sourceOf({ name: 'catalog' })]
    await index(stores, one, [orders])
    await index(stores, two, [plants])
    expect(await search(stores, two, 'refunds price')).toEqual(['A plant has a name and a price'])
    await stores.operator.deleteContextSource(two.uid)
    expect(await stores.server.findSearchableIndex('team', 'catalog')).toBeNull()
    expect(await stores.server.findSearchableIndex('team', 'handbook')).toMatchObject({ sourceUid: one.uid })
    const left = await stores.query('select distinct index_id from amx.context_chunks')
    expect(left).toHaveLength(1)
  })
})

describe('the search by terms', () => {
  it('puts rare words above common ones, and a title above the text', async () => {
    const stores = await openStores()
    const source = sourceOf()
    const filler = Array.from({ length: 40 }, (_, n) => `the order number ${n} has a status`)
    const documents = [
      documentOf('filler.md', filler),
      documentOf('rare.md', ['status of a consignment note']),
      documentOf('title.md', ['how it works'], 'Consignment'),
    ]
    await index(stores, source, documents)
    expect((await search(stores, source, 'consignment status')).slice(0, 2)).toEqual([
      'how it works',
      'status of a consignment note',
    ])
    expect(await search(stores, source, 'status')).toHaveLength(10)
  })

  it('tells how much of a query a chunk covers', async () => {
    const stores = await openStores()
    const source = sourceOf()
    await index(stores, source, [orders, plants])
    const [found] = await stores.server.listSearchableIndexes([source.uid])
    const queries = ['refunds weeks', 'refunds zebra', 'zebra', ''].map(wordsOf)
    const [both, half, none, empty] = await stores.server.searchContextTerms([found?.indexId ?? ''], queries, 5)
    expect(both?.[0]?.coverage).toBeCloseTo(1)
    expect(half?.[0]?.coverage).toBeGreaterThan(0.3)
    expect(half?.[0]?.coverage).toBeLessThan(0.7)
    expect(none).toEqual([])
    expect(empty).toEqual([])
  })

  it('takes words that would be syntax for what they are', async () => {
    const stores = await openStores()
    const source = sourceOf()
    await index(stores, source, [plants])
    expect(await search(stores, source, "grower's | & ! 'x")).toEqual(["The grower's own code"])
  })
})
