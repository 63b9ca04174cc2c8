import { mkdtempSync, rmSync } from 'node:fs'
import { get, type RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type RunningPostgres, rigClientCa, startPostgres, stopPostgres } from '@amx/hack'
import { createClientCertificate, createServingCertificate } from '@amx/hack/cluster'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningServer } from './start-server.ts'
import { startTestServer } from './testing/test-server.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'amx-server-test-'))
let postgres: RunningPostgres
let server: RunningServer

beforeAll(async () => {
  postgres = await startPostgres({ dataDir })
  const serving = await createServingCertificate(rigClientCa())
  server = await startTestServer(postgres.url, {
    tls: { port: 0, certificate: serving.certificate, key: serving.key, clientCa: rigClientCa().certificate },
  })
})

afterAll(async () => {
  await server.stop()
  await postgres.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function problemAt(path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(`${server.url}${path}`, init)
  expect(response.headers.get('content-type')).toMatch('application/problem+json')
  return response.json()
}

/** Asks with a client certificate of the cluster, or without one. */
async function overTls(
  path: string,
  identity?: { certificate: string; key: string },
): Promise<{ status: number; body: string }> {
  const certificate = identity === undefined ? {} : { cert: identity.certificate, key: identity.key }
  const options: RequestOptions = { ca: rigClientCa().certificate, agent: false, ...certificate }
  return new Promise((resolve, reject) => {
    get(`${server.tlsUrl}${path}`, options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
    }).once('error', reject)
  })
}

test('answers a browser with a page that says what is there, and a program with an OpenAPI document', async () => {
  const page = await (await fetch(server.url)).text()
  expect(page).toMatch('Studio')
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: object }
  expect(document).toMatchObject({ openapi: '3.1.0' })
  expect(Object.keys(document.paths)).toContain('/api/v1/namespaces/{namespace}/runs/{name}/results')
})

test('is alive, ready and measured', async () => {
  expect(await (await fetch(`${server.healthUrl}/healthz`)).text()).toBe('ok\n')
  expect((await fetch(`${server.healthUrl}/readyz`)).status).toBe(200)
  expect(await (await fetch(`${server.healthUrl}/metrics`)).text()).toMatch('amx_http_request_duration_seconds')
})

test('refuses with a code and a remedy', async () => {
  expect(await problemAt('/nowhere')).toMatchObject({ status: 404, code: 'AMX-1091' })
  expect(await problemAt('/worker/v1/assignment')).toMatchObject({ status: 401, code: 'AMX-1010' })
  expect(await problemAt('/api/v1/namespaces/default/runs')).toMatchObject({ status: 401, code: 'AMX-1010' })
  const nonsense = { method: 'POST', body: '{"a":', headers: { 'content-type': 'application/json' } }
  expect(await problemAt('/worker/v1/claim', nonsense)).toMatchObject({ status: 400, code: 'AMX-1014' })
})

test('knows a person by the client certificate of the cluster, and lets in nobody else', async () => {
  const admin = await createClientCertificate(rigClientCa(), { user: 'chief', group: 'system:masters' })
  expect(await overTls('/api/v1/namespaces/default/runs', admin)).toMatchObject({
    status: 200,
    body: '{"runs":[],"next":null}',
  })
  const stranger = await createClientCertificate(rigClientCa(), { user: 'stranger', group: undefined })
  expect((await overTls('/api/v1/namespaces/default/runs', stranger)).status).toBe(403)
  expect((await overTls('/api/v1/namespaces/default/runs')).status).toBe(401)
  const missing = await overTls('/api/v1/namespaces/default/runs/none/results', admin)
  expect(missing.status).toBe(404)
  expect((await overTls('/api/v1/namespaces/default/runs?limit=0', admin)).status).toBe(400)
  expect((await overTls('/api/v1/namespaces/default/queue?after=%00', admin)).status).toBe(400)
})

test('says that the store is away, and is there again with it', async () => {
  const admin = await createClientCertificate(rigClientCa(), { user: 'chief', group: 'system:masters' })
  const port = Number(new URL(postgres.url).port)
  await stopPostgres(dataDir)
  const away = await overTls('/api/v1/namespaces/default/runs', admin)
  expect(away.status).toBe(503)
  expect(JSON.parse(away.body)).toMatchObject({ code: 'AMX-9002' })
  expect((await fetch(`${server.healthUrl}/readyz`)).status).toBe(503)
  expect((await fetch(`${server.healthUrl}/healthz`)).status).toBe(200)
  postgres = await startPostgres({ dataDir, port })
  await expect
    .poll(async () => (await overTls('/api/v1/namespaces/default/runs', admin)).status, { timeout: 20_000 })
    .toBe(200)
})
