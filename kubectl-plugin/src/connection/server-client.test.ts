import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resultRow } from '../results/result-row-fixture.ts'
import { type ResultsServer, serveResults } from '../results-server-fixture.ts'
import type { Identity } from './identity.ts'
import { createServerClient } from './server-client.ts'

const digest = `sha256:${'a'.repeat(64)}`
const event = { id: '1', time: '2026-11-21T08:00:00Z', type: 'Warning', data: { message: 'größer' } } as const
let server: ResultsServer

beforeAll(async () => {
  server = await serveResults({ rows: [resultRow('a')], draftDigest: digest, events: [event] })
})
afterAll(() => server.stop())

const signal = new AbortController().signal
const withToken: Identity = {
  apiServer: new URL('https://127.0.0.1:6443/'),
  namespace: 'default',
  security: { headers: { Authorization: 'Bearer secret' } },
  impersonation: {},
}
const client = (url = server.url) =>
  createServerClient({ place: { url, found: 'by hand' }, identity: withToken, timeoutMs: 5_000, signal })

test('results are asked for with the filters that were given', async () => {
  const page = await client().results('team a', 'first', { band: ['High'], limit: 10 })
  expect(page.rows.map(({ path }) => path)).toEqual(['a'])
  expect(server.asked).toContain('GET /api/v1/namespaces/team%20a/runs/first/results?band=High&limit=10')
})

test("the server's own error comes back with its code and words", async () => {
  await expect(client(`${server.url}/elsewhere`).version()).rejects.toMatchObject({
    code: 'AMX-1013',
    message: '/elsewhere/api/v1/version does not exist',
  })
})

test('events come as they are sent, comments left out', async () => {
  const done = new AbortController()
  for await (const received of client().events('default', 'first', done.signal)) {
    expect(received).toEqual(event)
    break
  }
  done.abort()
})

test('a server that does not answer is named', async () => {
  const closed = await serveResults({ rows: [], draftDigest: digest })
  await closed.stop()
  await expect(client(closed.url).version()).rejects.toMatchObject({ code: 'AMX-4006' })
})

describe('a token', () => {
  test('is never sent over plain HTTP to another machine', () => {
    expect(() => client('http://amx.example.com')).toThrowError(
      'your token is not sent over plain HTTP to amx.example.com',
    )
  })

  test.each(['ftp://amx.example.com', 'amx.example.com', ''])('%s is no address of a server', (url) => {
    expect(() => client(url)).toThrowError('begins with http:// or https://')
  })
})
