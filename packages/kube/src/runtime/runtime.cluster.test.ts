import { rigKubeConfigPath, testNamespace } from '@amx/hack'
import { KubeConfig } from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sourceOf } from '../controller/source.ts'
import type { KubeObject, ResourceKind } from '../object/kube-object.ts'
import { createResourceClient, type ResourceClient } from '../patch/resource-client.ts'
import { type ConfigMap, configMaps } from '../testing/config-map.ts'
import { eventually } from '../testing/eventually.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../transport/kube-error.ts'
import { createTransport, type Transport } from '../transport/transport.ts'
import { createRuntime, type Runtime, type RuntimeEnd } from './runtime.ts'

const events: ResourceKind = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
}
const pods: ResourceKind = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', scope: 'Namespaced' }

interface Pod extends KubeObject {
  spec?: object
  status?: { conditions?: { type: string; status: string; reason?: string }[]; message?: string }
}

let kubeConfig: KubeConfig
let namespace: string
let transport: Transport
let client: ResourceClient<ConfigMap>
let stop: AbortController
let ends: Promise<RuntimeEnd>[]

beforeEach(async () => {
  kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(rigKubeConfigPath())
  namespace = await testNamespace()
  transport = createTransport(kubeConfig)
  client = createResourceClient<ConfigMap>(transport, configMaps, 'test')
  stop = new AbortController()
  ends = []
})

afterEach(async () => {
  stop.abort()
  await Promise.all(ends)
  await transport.close()
})

function named(name: string, data: Record<string, string> = {}): ConfigMap {
  return { metadata: { name, namespace }, data }
}

function start(runtime: Runtime, signal: AbortSignal = stop.signal): Promise<RuntimeEnd> {
  const end = runtime.run(signal)
  ends.push(end)
  return end
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('the cache', () => {
  test('equals the server after hundreds of changes made while it listed and watched', async () => {
    const before = Array.from({ length: 60 }, (_, i) => client.create(named(`m${i}`, { round: '0' })))
    await Promise.all(before)
    const runtime = createRuntime({ kubeConfig, name: 'test' })
    const { store } = runtime.reflector<ConfigMap>(configMaps, {
      namespace,
      pageSize: 7,
      indexes: { round: (object) => [object.data?.['round'] ?? 'none'] },
    })
    start(runtime)
    for (let round = 1; round <= 4; round++) {
      await Promise.all(
        Array.from({ length: 60 }, async (_, i) => {
          const key = `${namespace}/m${i}`
          if ((i + round) % 5 === 0) await client.delete(key)
          else if ((i + round) % 5 === 1) await client.create(named(`m${i}`)).catch(() => undefined)
          await client.patch(key, { data: { round: String(round) } }).catch(() => undefined)
        }),
      )
    }
    const last = await client.create(named('last'))
    await eventually('the last change is in', () => store.get(`${namespace}/last`) !== undefined)
    const { items } = await transport.request<{ items: ConfigMap[] }>({
      path: `/api/v1/namespaces/${namespace}/configmaps`,
    })
    const versions = (objects: readonly ConfigMap[]): string[] =>
      objects.map(({ metadata }) => `${metadata.name}@${metadata.uid}@${metadata.resourceVersion}`).sort()
    expect(versions(store.list())).toEqual(versions(items))
    expect(BigInt(store.resourceVersion ?? 0)).toBeGreaterThanOrEqual(BigInt(last.object.metadata.resourceVersion ?? 0))
    const ofLastRound = items.filter((object) => object.data?.['round'] === '4').length
    expect(store.byIndex('round', '4')).toHaveLength(ofLastRound)
    expect(ofLastRound).toBeGreaterThan(0)
  })

  test('is filled by kinds that start to exist later', async () => {
    const group = `${namespace}.example.dev`
    const things: ResourceKind = { group, version: 'v1', kind: 'Thing', plural: 'things', scope: 'Namespaced' }
    const runtime = createRuntime({ kubeConfig, name: 'test' })
    const { store } = runtime.reflector(things, { namespace })
    start(runtime)
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
    await transport.request({
      method: 'POST',
      path: definitions,
      body: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `things.${group}` },
        spec: {
          group,
          scope: 'Namespaced',
          names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
          versions: [{ name: 'v1', served: true, storage: true, schema }],
        },
      },
    })
    try {
      const thing = createResourceClient(transport, things, 'test')
      await eventually('a thing can be made', async () => {
        const error = await failureOf(thing.create({ metadata: { name: 'one', namespace } }))
        return error === undefined || isAlreadyExists(error)
      })
      await eventually('it is in the cache', () => store.get(`${namespace}/one`) !== undefined, 40_000)
    } finally {
      await transport.request({ method: 'DELETE', path: `${definitions}/things.${group}` })
    }
  })
})

describe('writes', () => {
  test('creating what exists and is ours succeeds, what is not ours fails', async () => {
    const isOurs = (existing: ConfigMap): boolean => existing.data?.['owner'] === 'us'
    const first = await client.create(named('a', { owner: 'us' }), { isOurs })
    expect(first.created).toBe(true)
    const second = await client.create(named('a', { owner: 'us', more: 'x' }), { isOurs })
    expect(second.created).toBe(false)
    expect(second.object.metadata.uid).toBe(first.object.metadata.uid)
    await client.create(named('b', { owner: 'them' }))
    expect(isAlreadyExists(await failureOf(client.create(named('b'), { isOurs })))).toBe(true)
  })

  test('finalizers are only set on the object as it was read', async () => {
    const { object } = await client.create(named('a'))
    await client.patch(`${namespace}/a`, { data: { changed: 'yes' } })
    expect(isConflict(await failureOf(client.patchFinalizers(object, ['amx.dev/test'])))).toBe(true)
    const fresh = await client.get(`${namespace}/a`)
    const held = await client.patchFinalizers(fresh, ['amx.dev/test'])
    expect(held.metadata.finalizers).toEqual(['amx.dev/test'])
    expect(await client.delete(`${namespace}/a`)).toBe('deleted')
    const deleting = await client.get(`${namespace}/a`)
    expect(deleting.metadata.deletionTimestamp).toBeDefined()
    await client.patchFinalizers(deleting, [])
    expect(isNotFound(await failureOf(client.get(`${namespace}/a`)))).toBe(true)
    expect(await client.delete(`${namespace}/a`)).toBe('gone')
  })

  test('a delete meant for one object leaves another of the same name', async () => {
    await client.create(named('a'))
    expect(isConflict(await failureOf(client.delete(`${namespace}/a`, { uid: 'of-another' })))).toBe(true)
    expect((await client.get(`${namespace}/a`)).metadata.name).toBe('a')
  })

  test('a status patch changes the status and answers with the new version', async () => {
    const podClient = createResourceClient<Pod>(transport, pods, 'test')
    const pod = {
      metadata: { name: 'p', namespace },
      spec: { nodeName: 'nowhere', containers: [{ name: 'c', image: 'example.test/none' }] },
    }
    const { object } = await podClient.create(pod)
    const stored = await podClient.patchStatus(`${namespace}/p`, { message: 'from the test' })
    expect(stored.status?.message).toBe('from the test')
    expect(stored.metadata.resourceVersion).not.toBe(object.metadata.resourceVersion)
  })

  test('server-side apply takes its fields and leaves those of others', async () => {
    await client.apply(named('a', { ours: '1' }))
    await client.patch(`${namespace}/a`, { metadata: { labels: { theirs: 'yes' } } })
    const stored = await client.apply(named('a', { ours: '2' }))
    expect(stored.data).toEqual({ ours: '2' })
    expect(stored.metadata.labels).toEqual({ theirs: 'yes' })
  })
})

test('a controller that writes never decides on a cache older than its own write', async () => {
  const runtime = createRuntime({ kubeConfig, name: 'test' })
  const { store } = runtime.reflector<ConfigMap>(configMaps, { namespace })
  const written = new Map<string, number>()
  const stale: string[] = []
  runtime.controller({
    name: 'counter',
    workers: 8,
    sources: [sourceOf(store)],
    async reconcile({ key, name }, { signal, wrote }) {
      const object = store.get(key)
      if (object === undefined || !name.startsWith('count')) return
      const seen = Number(object.data?.['count'] ?? 0)
      if (seen !== (written.get(key) ?? 0)) stale.push(`${key} ${seen} ${written.get(key)}`)
      if (seen >= 10) return
      const stored = await client.patch(key, { data: { count: String(seen + 1) } }, { signal })
      written.set(key, seen + 1)
      wrote(store, stored.metadata.resourceVersion)
      return { requeueAfterMs: 1 }
    },
  })
  start(runtime)
  await Promise.all(Array.from({ length: 10 }, (_, i) => client.create(named(`count${i}`))))
  await eventually('all have counted to ten', () => {
    return store.list().filter((object) => object.data?.['count'] === '10').length === 10
  })
  expect(stale).toEqual([])
})

test('events are stored, counted in a series, and attached to their object', async () => {
  const { object } = await client.create(named('a'))
  const runtime = createRuntime({ kubeConfig, name: 'test.amx.dev/runtime', identity: 'test-0' })
  start(runtime)
  const facts = { regarding: object, type: 'Warning', reason: 'Odd', note: 'Something is odd.' } as const
  runtime.events.record(facts)
  await eventually('it is stored', async () => (await eventsOf('a')).length === 1)
  runtime.events.record(facts)
  const [event] = await eventually('it is counted', async () => {
    const found = await eventsOf('a')
    return found[0]?.series === undefined ? undefined : found
  })
  expect(event).toMatchObject({ note: facts.note, type: 'Warning', series: { count: 2 } })
})

interface EventBody {
  readonly note: string
  readonly regarding: { readonly name: string }
  readonly series?: { readonly count: number } | null
}

async function eventsOf(name: string): Promise<EventBody[]> {
  const path = `/apis/${events.group}/v1/namespaces/${namespace}/events`
  const { items } = await transport.request<{ items: EventBody[] }>({ path })
  return items.filter((event) => event.regarding.name === name)
}

test('leadership goes from one process to the next when the first stops, and back never while it is held', async () => {
  const leaderElection = { namespace, name: 'test', retryPeriodMs: 100 }
  const first = createRuntime({ kubeConfig, name: 'test', identity: 'first', leaderElection })
  const second = createRuntime({ kubeConfig, name: 'test', identity: 'second', leaderElection })
  const firstStop = new AbortController()
  const leaders: string[] = []
  for (const runtime of [first, second]) {
    runtime.whileLeading(async (signal) => {
      leaders.push(`${runtime.identity} starts`)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      leaders.push(`${runtime.identity} ends`)
    })
  }
  const firstEnd = start(first, firstStop.signal)
  await eventually('the first leads', () => first.isLeading)
  start(second)
  const lease = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/test`
  const renewTimeOf = async (): Promise<string> =>
    (await transport.request<{ spec: { renewTime: string } }>({ path: lease })).spec.renewTime
  const before = await renewTimeOf()
  await eventually('the lease is renewed', async () => (await renewTimeOf()) !== before)
  expect(second.isLeading).toBe(false)
  firstStop.abort()
  expect(await firstEnd).toEqual({ reason: 'Stopped' })
  await eventually('the second leads', () => second.isLeading)
  expect(leaders).toEqual(['first starts', 'first ends', 'second starts'])
})
