import { afterEach, beforeEach, expect, test } from 'vitest'
import { sourceOf } from '../controller/source.ts'
import { type FakeApiServer, startFakeApiServer } from '../fake-api-server/fake-api-server.ts'
import { type ConfigMap, configMap, configMapPath, configMaps } from '../testing/config-map.ts'
import { eventually } from '../testing/eventually.ts'
import { createRuntime, type Runtime, type RuntimeEnd } from './runtime.ts'

let server: FakeApiServer
let stop: AbortController
let ends: Promise<RuntimeEnd>[]
const leasePath = '/apis/coordination.k8s.io/v1/namespaces/default/leases'

beforeEach(async () => {
  server = await startFakeApiServer()
  stop = new AbortController()
  ends = []
})

afterEach(async () => {
  stop.abort()
  await Promise.all(ends)
  await server.close()
})

function start(runtime: Runtime, signal: AbortSignal = stop.signal): Promise<RuntimeEnd> {
  const end = runtime.run(signal)
  ends.push(end)
  return end
}

function healthOf(runtime: Runtime, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${runtime.healthPort}${path}`)
}

test('a controller sees what was there and what comes, and its writes reach the server', async () => {
  server.storage.put(configMapPath, configMap('first'))
  const runtime = createRuntime({ kubeConfig: server.kubeConfig, name: 'test', health: { port: 0, host: '127.0.0.1' } })
  const { store } = runtime.reflector<ConfigMap>(configMaps)
  const client = runtime.resource<ConfigMap>(configMaps)
  runtime.controller({
    name: 'marker',
    sources: [sourceOf(store)],
    async reconcile({ key }, { signal, wrote }) {
      const object = store.get(key)
      if (object === undefined || object.data?.['seen'] === 'yes') return
      const stored = await client.patch(key, { data: { seen: 'yes' } }, { signal })
      wrote(store, stored.metadata.resourceVersion)
    },
  })
  start(runtime)
  await eventually(
    'the first is marked',
    () => server.storage.list(configMapPath)[0]?.metadata.resourceVersion === '9992',
  )
  server.storage.put(configMapPath, configMap('second'))
  await eventually('both are marked', () =>
    server.storage.list(configMapPath).every((object) => (object as ConfigMap).data?.['seen'] === 'yes'),
  )
  expect(server.requests.filter((request) => request.method === 'PATCH')).toHaveLength(2)
  expect((await healthOf(runtime, '/healthz')).status).toBe(200)
  expect((await healthOf(runtime, '/readyz')).status).toBe(200)
  const text = await (await healthOf(runtime, '/metrics')).text()
  expect(text).toMatch(/controller_runtime_reconcile_total\{controller="marker",result="success"\} [1-9]/)
  expect(text).toMatch(/workqueue_adds_total\{name="marker",controller="marker"\} [1-9]/)
})

test('a stop ends the run, gives the lease back and leaves no connection open', async () => {
  const runtime = createRuntime({
    kubeConfig: server.kubeConfig,
    name: 'test',
    leaderElection: { namespace: 'default', name: 'test', retryPeriodMs: 20 },
  })
  runtime.reflector(configMaps)
  const end = start(runtime)
  await eventually('it leads', () => runtime.isLeading)
  stop.abort()
  expect(await end).toEqual({ reason: 'Stopped' })
  const lease = server.storage.list(leasePath)[0] as unknown as { spec: { holderIdentity: string } }
  expect(lease.spec.holderIdentity).toBe('')
  await server.until(() => server.connections.open === 0)
})

test('a follower fills its caches but does not reconcile, and takes over when the leader leaves', async () => {
  server.storage.put(configMapPath, configMap('one'))
  const reconciledBy: string[] = []
  const leaderStop = new AbortController()
  function candidate(identity: string): { runtime: Runtime; synced: () => boolean } {
    const runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      name: 'test',
      identity,
      leaderElection: { namespace: 'default', name: 'test', retryPeriodMs: 20 },
    })
    const { store } = runtime.reflector<ConfigMap>(configMaps)
    runtime.controller({
      name: 'noter',
      sources: [sourceOf(store)],
      async reconcile() {
        reconciledBy.push(identity)
      },
    })
    return { runtime, synced: () => store.synced }
  }
  const a = candidate('a')
  start(a.runtime, leaderStop.signal)
  await eventually('a reconciles', () => reconciledBy.includes('a'))
  const b = candidate('b')
  start(b.runtime)
  await eventually('b is warm', b.synced)
  expect(reconciledBy).not.toContain('b')
  leaderStop.abort()
  await eventually('b takes over', () => reconciledBy.includes('b'))
})

test('a lease that somebody else took ends the run with the reason', async () => {
  const runtime = createRuntime({
    kubeConfig: server.kubeConfig,
    name: 'test',
    leaderElection: { namespace: 'default', name: 'test', retryPeriodMs: 20 },
  })
  const end = start(runtime)
  await eventually('it leads', () => runtime.isLeading)
  const lease = server.storage.get(leasePath, 'test')
  if (lease === undefined) throw new Error('no lease')
  const spec = { holderIdentity: 'thief', leaseDurationSeconds: 15 }
  server.storage.put(leasePath, { ...lease, spec } as typeof lease)
  expect(await end).toEqual({ reason: 'LeaseLost', message: 'the lease is held by thief' })
})

test('a lease that cannot be renewed in time ends the run with the reason', async () => {
  const runtime = createRuntime({
    kubeConfig: server.kubeConfig,
    name: 'test',
    leaderElection: { namespace: 'default', name: 'test', retryPeriodMs: 20, renewDeadlineMs: 200 },
  })
  const end = start(runtime)
  await eventually('it leads', () => runtime.isLeading)
  server.plan((request) => request.path.startsWith(leasePath), { status: 500 }, 10_000)
  expect(await end).toMatchObject({ reason: 'LeaseLost' })
})

test('readiness names the caches that are not filled, liveness a stuck reconcile', async () => {
  server.storage.put(configMapPath, configMap('one'))
  server.plan((request) => request.query.get('limit') !== null, { status: 500 }, 4)
  const runtime = createRuntime({ kubeConfig: server.kubeConfig, name: 'test', health: { port: 0, host: '127.0.0.1' } })
  const { store } = runtime.reflector<ConfigMap>(configMaps)
  let release = (): void => {}
  runtime.controller({
    name: 'deaf',
    timeoutMs: 20,
    graceMs: 20,
    sources: [sourceOf(store)],
    reconcile: () =>
      new Promise<void>((resolve) => {
        release = resolve
      }),
  })
  start(runtime)
  await eventually('health is served', () => runtime.healthPort !== undefined)
  const ready = await healthOf(runtime, '/readyz')
  expect(ready.status).toBe(503)
  expect(await ready.text()).toContain('configmaps: not listed yet')
  const live = await eventually('the stuck reconcile is reported', async () => {
    const response = await healthOf(runtime, '/healthz')
    return response.status === 503 ? response.text() : undefined
  })
  expect(live).toContain('deaf: default/one is stuck')
  release()
})

test('liveness fails once the API server was not heard of for five minutes', async () => {
  let nowMs = 0
  const clock = { now: () => nowMs, after: () => () => undefined }
  const runtime = createRuntime({
    kubeConfig: server.kubeConfig,
    name: 'test',
    clock,
    health: { port: 0, host: '127.0.0.1' },
  })
  server.plan((request) => request.query.get('watch') === 'true', 'silence')
  const { store } = runtime.reflector<ConfigMap>(configMaps)
  start(runtime)
  await eventually('it is listed', () => store.synced)
  nowMs = 299_000
  expect((await healthOf(runtime, '/healthz')).status).toBe(200)
  nowMs = 301_000
  const response = await healthOf(runtime, '/healthz')
  expect(response.status).toBe(503)
  expect(await response.text()).toContain('configmaps: no contact')
})
