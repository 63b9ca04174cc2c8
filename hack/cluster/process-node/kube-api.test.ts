import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { isGone, type KubeApi, openKubeApi } from './kube-api.ts'

let folder: string
let server: Server
let api: KubeApi
let requests: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amx-api-'))
  requests = []
  const certificate = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  server = createServer({ key: certificate.private, cert: certificate.cert })
  server.on('request', (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    if (request.url === '/refuse') {
      response
        .writeHead(409)
        .end(JSON.stringify({ reason: 'Conflict', message: 'Precondition failed: UID in precondition: a' }))
    } else if (request.url === '/watch') {
      const [event, rest] = ['{"type":"ADDED","object":{"a":"ü"}}\n', '{"type":"DELETED","object":{}}\n']
      const bytes = Buffer.from(event + rest)
      for (const byte of bytes) response.write(Buffer.from([byte]))
      response.end()
    } else {
      response.end(JSON.stringify({ authorization: request.headers.authorization }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await writeFile(join(folder, 'ca.crt'), certificate.cert)
  const path = join(folder, 'kubeconfig')
  await writeFile(
    path,
    stringify({
      'current-context': 'one',
      contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': 'ca.crt' } }],
      users: [{ name: 'u', user: { token: 'word' } }],
    }),
  )
  api = await openKubeApi(path)
})

afterEach(async () => {
  api.close()
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

test('a call is made as the kubeconfig says', async () => {
  expect(await api.call('GET', '/')).toEqual({ authorization: 'Bearer word' })
})

test('a refusal is an error with its status and words', async () => {
  const refused = api.call('DELETE', '/refuse')
  await expect(refused).rejects.toMatchObject({ status: 409, reason: 'Conflict' })
  expect(isGone(await refused.catch((error: unknown) => error))).toBe(true)
})

test('the events of a watch come whole, however they were cut', async () => {
  const events: unknown[] = []
  for await (const event of api.watch('/watch', new AbortController().signal)) events.push(event)
  expect(events).toEqual([
    { type: 'ADDED', object: { a: 'ü' } },
    { type: 'DELETED', object: {} },
  ])
})

test('a kept connection that the server has closed is replaced', async () => {
  await api.call('GET', '/one')
  server.prependOnceListener('request', (request) => request.socket.destroy())
  await api.call('GET', '/two')
  expect(requests).toEqual(['GET /one', 'GET /two', 'GET /two'])
})
