import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ContextAssignment,
  type ContextDocuments,
  type ContextFailure,
  type ContextFinish,
  contextDocumentsSchema,
  contextFailureSchema,
  contextFinishSchema,
  decodeVector,
} from '@amx/api'
import { Value } from 'typebox/value'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runWorker } from './run-worker.ts'

let folder: string
let mount: string
let server: Server
let assignment: Partial<ContextAssignment>
let posts: ContextDocuments[]
let finish: ContextFinish | null
let failure: ContextFailure | null

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'amx-index-'))
  mount = join(folder, 'mount')
  mkdirSync(mount)
  writeFileSync(join(folder, 'token'), 'token')
  assignment = {}
  posts = []
  finish = null
  failure = null
  // The server's half of the protocol, as strict as its schemas.
  server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body: unknown = parts.length === 0 ? null : JSON.parse(Buffer.concat(parts).toString())
      response.end(JSON.stringify(answer(request.url ?? '', body)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

function answer(url: string, body: unknown): unknown {
  switch (url) {
    case '/worker/v1/context/assignment':
      return {
        indexId: 'source/1',
        source: { uid: 'source', namespace: 'team', name: 'handbook' },
        kind: 'Documents',
        spec: { kind: 'Documents', configMap: { name: 'handbook' } },
        knownRevision: null,
        ...assignment,
      } satisfies ContextAssignment
    case '/worker/v1/context/documents':
      posts.push(Value.Parse(contextDocumentsSchema, body))
      return { recorded: true }
    case '/worker/v1/context/finish':
      finish = Value.Parse(contextFinishSchema, body)
      return { recorded: true }
    case '/worker/v1/context/fail':
      failure = Value.Parse(contextFailureSchema, body)
      return { recorded: true }
  }
  throw new Error(`unexpected ${url}`)
}

async function index(draining = new AbortController().signal) {
  const terminationMessage = join(folder, 'termination')
  const code = await runWorker(
    ['index'],
    {
      AMX_SERVER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AMX_TOKEN_FILE: join(folder, 'token'),
      AMX_CONTEXT_DIR: mount,
      TERMINATION_MESSAGE_PATH: terminationMessage,
      AMX_LOG_LEVEL: 'silent',
    },
    draining,
  )
  const summary: unknown = JSON.parse(readFileSync(terminationMessage, 'utf8'))
  return { code, summary }
}

describe('the index stage', () => {
  it('posts every document with its chunks and vectors, and finishes with the counts', async () => {
    writeFileSync(
      join(mount, 'claims.md'),
      '# Claims\n\nA claim is open.\n\n## Status\n\nSettled claims have no reserve.\n',
    )
    writeFileSync(join(mount, 'terms.csv'), 'term,definition\nreserve,Money set aside for a claim\n')
    writeFileSync(join(mount, 'logo.bin'), Buffer.from([0, 1, 2, 3]))
    const { code, summary } = await index()
    expect(code).toBe(0)
    expect(summary).toMatchObject({ stage: 'index', outcome: 'Done', units: { done: 2, failed: 0 }, error: null })
    const documents = posts.flatMap((post) => post.documents)
    expect(documents.map(({ path, chunks }) => [path, chunks.length])).toEqual([
      ['claims.md', 2],
      ['terms.csv', 1],
    ])
    const [, status] = documents[0]?.chunks ?? []
    expect(status).toMatchObject({ title: 'Claims > Status', startLine: 7, endLine: 7 })
    expect(decodeVector(status?.vector ?? '').reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 4)
    expect(documents[1]?.chunks[0]?.provided).toEqual([
      { table: null, column: 'reserve', text: 'Money set aside for a claim' },
    ])
    expect(finish).toMatchObject({ indexId: 'source/1', documents: 2, chunks: 3 })
    expect(finish?.skipped).toEqual([{ path: 'logo.bin', reason: 'files of type .bin are not read' }])
  })

  it('reads nothing when the source has the revision that is indexed', async () => {
    writeFileSync(join(mount, 'claims.md'), '# Claims\n\nOpen.')
    await index()
    assignment = { knownRevision: finish?.revision ?? '' }
    posts = []
    expect((await index()).code).toBe(0)
    expect(posts).toEqual([])
    expect(finish).toMatchObject({ revision: assignment.knownRevision, documents: 0, chunks: 0 })
  })

  it('posts a long document in parts of 200 chunks', async () => {
    const sections = Array.from({ length: 450 }, (_, number) => `## Part ${number}\n\nText of part ${number}.\n`)
    writeFileSync(join(mount, 'long.md'), sections.join('\n'))
    writeFileSync(join(mount, 'short.md'), '# Short\n\nText.')
    expect((await index()).code).toBe(0)
    expect(posts.map(({ documents }) => documents.reduce((sum, { chunks }) => sum + chunks.length, 0))).toEqual([
      200, 200, 51,
    ])
    expect(finish).toMatchObject({ documents: 2, chunks: 451 })
    const ordinals = posts.flatMap(({ documents }) =>
      documents.flatMap(({ chunks }) => chunks.map(({ ordinal }) => ordinal)),
    )
    expect(ordinals.slice(0, 450)).toEqual(Array.from({ length: 450 }, (_, ordinal) => ordinal))
  })

  it('tells the server what is wrong, with a remedy, and does not ask for another try', async () => {
    writeFileSync(join(mount, 'only.bin'), Buffer.from([0, 1, 2, 3]))
    const { code, summary } = await index()
    expect(code).toBe(3)
    expect(failure).toMatchObject({ indexId: 'source/1', error: { code: 'AMX-5005' } })
    expect(failure?.error.message).toContain('only.bin')
    expect(failure?.error.remedy).not.toBe('')
    expect(summary).toMatchObject({ outcome: 'Failed', error: { code: 'AMX-5005' } })
    expect(finish).toBeNull()
  })

  it('stops when it is told to, without failing the source', async () => {
    writeFileSync(join(mount, 'claims.md'), '# Claims\n\nOpen.')
    const { code, summary } = await index(AbortSignal.abort())
    expect(code).toBe(143)
    expect(summary).toMatchObject({ outcome: 'Stopped', error: null })
    expect(failure).toBeNull()
    expect(finish).toBeNull()
  })
})
