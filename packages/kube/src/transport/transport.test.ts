import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeApiServer, startFakeApiServer } from '../fake-api-server/fake-api-server.ts'
import { createRuntimeMetrics } from '../metrics/runtime-metrics.ts'
import { isAlreadyExists, isConflict, isNotFound, KubeError } from './kube-error.ts'
import { MemoisedKubeConfig } from './memoised-kube-config.ts'
import { createTransport, type Transport } from './transport.ts'

let server: FakeApiServer
let transport: Transport
const path = '/api/v1/namespaces/default/configmaps'

beforeEach(async () => {
  server = await startFakeApiServer()
  transport = createTransport(server.kubeConfig, { random: () => 0 })
})

afterEach(async () => {
  await transport.close()
  await server.close()
})

async function failureOf(call: Promise<unknown>): Promise<KubeError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof KubeError) return error
  throw new Error(`a KubeError was expected, not ${String(error)}`)
}

describe('connections', () => {
  test('200 calls at once use at most 20 connections', async () => {
    await Promise.all(Array.from({ length: 200 }, () => transport.request({ path })))
    expect(server.requests).toHaveLength(200)
    expect(server.connections.total).toBeLessThanOrEqual(20)
  })

  test('200 calls of a client-node API object use at most 20 connections', async () => {
    const core = transport.client(CoreV1Api)
    await Promise.all(Array.from({ length: 200 }, () => core.listNamespacedConfigMap({ namespace: 'default' })))
    expect(server.requests).toHaveLength(200)
    expect(server.connections.total).toBeLessThanOrEqual(20)
  })

  test('200 calls of an API object made from the memoised configuration use at most 20 connections', async () => {
    const config = MemoisedKubeConfig.from(server.kubeConfig)
    const core = config.makeApiClient(CoreV1Api)
    await Promise.all(Array.from({ length: 200 }, () => core.listNamespacedConfigMap({ namespace: 'default' })))
    expect(server.connections.total).toBeLessThanOrEqual(20)
    await config.close()
  })

  test('calls one after the other do not need more than two connections', async () => {
    for (let i = 0; i < 30; i++) await transport.request({ path })
    expect(server.connections.total).toBeLessThanOrEqual(2)
  })

  test('many watches leave the calls their connections', async () => {
    const streams = await Promise.all(
      Array.from({ length: 30 }, () => transport.stream({ path, query: { watch: true, resourceVersion: '9990' } })),
    )
    await expect(transport.request({ path })).resolves.toBeDefined()
    for (const stream of streams) stream.close()
  })

  test('changed credentials open new connections and close the old', async () => {
    const config = MemoisedKubeConfig.from(server.kubeConfig)
    const first = await config.connection('calls')
    expect((await config.connection('calls')).dispatcher).toBe(first.dispatcher)
    const cluster = config.getCurrentCluster()
    if (cluster === null) throw new Error('no cluster')
    config.clusters = [{ ...cluster, tlsServerName: 'other' }]
    expect((await config.connection('calls')).dispatcher).not.toBe(first.dispatcher)
    await config.close()
    await expect(first.dispatcher.request({ origin: cluster.server, path: '/', method: 'GET' })).rejects.toThrow()
  })

  test('a new token is used without a new connection', async () => {
    const kubeConfig = new KubeConfig()
    kubeConfig.loadFromString(server.kubeConfigText)
    const [user] = kubeConfig.users
    if (user === undefined) throw new Error('no user')
    const config = MemoisedKubeConfig.from(kubeConfig)
    const first = await config.connection('calls')
    config.users = [{ ...user, token: 'renewed\n' }]
    const second = await config.connection('calls')
    expect(second.headers['Authorization']).toBe('Bearer renewed')
    expect(second.dispatcher).toBe(first.dispatcher)
    await config.close()
  })
})

describe('failures', () => {
  test('429 is tried again after the time the server asks for, also for writes', async () => {
    server.plan((request) => request.method === 'POST', { status: 429, headers: { 'retry-after': '0.05' } }, 2)
    const body = { metadata: { name: 'a', namespace: 'default' } }
    await transport.request({ method: 'POST', path, body })
    expect(server.requests).toHaveLength(3)
  })

  test('429 whose wait does not fit the time limit is given back with the wait', async () => {
    server.plan(() => true, { status: 429, headers: { 'retry-after': '120' } })
    const error = await failureOf(transport.request({ path }))
    expect(error).toMatchObject({ status: 429, retryAfterMs: 120_000 })
    expect(server.requests).toHaveLength(1)
  })

  test('a client-node API object waits out a 429 too', async () => {
    server.plan(() => true, { status: 429, headers: { 'retry-after': '0' } })
    await transport.client(CoreV1Api).listNamespacedConfigMap({ namespace: 'default' })
    expect(server.requests).toHaveLength(2)
  })

  test.each([{ status: 500 }, { status: 503 }, 'reset'] as const)('a read is repeated after %j', async (fault) => {
    server.plan(() => true, fault, 2)
    await expect(transport.request({ path })).resolves.toBeDefined()
    expect(server.requests).toHaveLength(3)
  })

  test('a write that may have been done is not repeated', async () => {
    server.plan(() => true, { status: 500 }, 2)
    const body = { metadata: { name: 'a' } }
    const error = await failureOf(transport.request({ method: 'POST', path, body }))
    expect(error.status).toBe(500)
    expect(server.requests).toHaveLength(1)
  })

  test('retries end', async () => {
    server.plan(() => true, { status: 500 }, 100)
    expect((await failureOf(transport.request({ path }))).status).toBe(500)
    expect(server.requests).toHaveLength(4)
  })

  test('a server that does not answer costs no more than the time limit', async () => {
    server.plan(() => true, 'silence', 10)
    const error = await failureOf(transport.request({ path, timeoutMs: 60 }))
    expect(error).toMatchObject({ status: 0, reason: 'Timeout' })
  })

  test('a watch that is not accepted costs no more than the time limit', async () => {
    server.plan(() => true, 'silence', 10)
    const error = await failureOf(transport.stream({ path, query: { watch: true }, timeoutMs: 60 }))
    expect(error).toMatchObject({ status: 0, reason: 'Timeout' })
  })

  test('a credential plugin that hangs costs no more than the time limit', async () => {
    const kubeConfig = new KubeConfig()
    kubeConfig.loadFromString(server.kubeConfigText)
    const exec = { command: process.execPath, args: ['-e', 'setTimeout(() => {}, 2_000)'] }
    kubeConfig.users = [{ name: 'fake', exec }]
    const plugged = createTransport(kubeConfig)
    expect(await failureOf(plugged.request({ path, timeoutMs: 60 }))).toMatchObject({ reason: 'Timeout' })
    expect(server.requests).toHaveLength(0)
    await plugged.close()
  })

  test('the caller can give a call up', async () => {
    server.plan(() => true, 'silence', 10)
    const giveUp = new AbortController()
    const call = failureOf(transport.request({ path, signal: giveUp.signal }))
    await server.until(() => server.requests.length > 0)
    giveUp.abort()
    expect(await call).toMatchObject({ reason: 'Aborted' })
  })

  test('what was given up before it began is not sent', async () => {
    const signal = AbortSignal.abort()
    expect(await failureOf(transport.request({ path, signal }))).toMatchObject({ reason: 'Aborted' })
    expect(await failureOf(transport.stream({ path, signal }))).toMatchObject({ reason: 'Aborted' })
    expect(server.requests).toHaveLength(0)
  })

  test('nothing can be sent after close', async () => {
    await transport.close()
    expect((await failureOf(transport.request({ path }))).message).toContain('closed')
    expect(server.requests).toHaveLength(0)
  })

  test('errors tell conflicts, missing and existing objects apart', async () => {
    const body = { metadata: { name: 'a', namespace: 'default' } }
    await transport.request({ method: 'POST', path, body })
    expect(isAlreadyExists(await failureOf(transport.request({ method: 'POST', path, body })))).toBe(true)
    expect(isNotFound(await failureOf(transport.request({ path: `${path}/b` })))).toBe(true)
    const stale = { metadata: { name: 'a', resourceVersion: '1' } }
    const conflict = await failureOf(transport.request({ method: 'PUT', path: `${path}/a`, body: stale }))
    expect(isConflict(conflict)).toBe(true)
    expect(isAlreadyExists(conflict)).toBe(false)
  })

  test('an answer that is not JSON is an error with the text', async () => {
    server.plan(() => true, { status: 502, body: 'x' }, 9)
    expect((await failureOf(transport.request({ path }))).message).toContain(
      'GET /api/v1/namespaces/default/configmaps',
    )
  })
})

test('every attempt is counted by code, method and host', async () => {
  const metrics = createRuntimeMetrics()
  const counting = createTransport(server.kubeConfig, { metrics, random: () => 0 })
  server.plan(() => true, { status: 500 })
  await counting.request({ path })
  const text = await metrics.scrape()
  const host = new URL(counting.server).host
  expect(text).toContain(`rest_client_requests_total{method="GET",host="${host}",code="500"} 1`)
  expect(text).toContain(`rest_client_requests_total{method="GET",host="${host}",code="200"} 1`)
  await counting.close()
})
