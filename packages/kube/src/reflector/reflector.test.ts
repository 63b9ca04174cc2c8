import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeApiServer, type SeenRequest, startFakeApiServer } from '../fake-api-server/fake-api-server.ts'
import type { StoreEvent } from '../store/store.ts'
import { type ConfigMap, configMap, configMapPath, configMaps } from '../testing/config-map.ts'
import { eventually } from '../testing/eventually.ts'
import { createTransport, type Transport } from '../transport/transport.ts'
import { createReflector, type Reflector, type ReflectorOptions } from './reflector.ts'

let server: FakeApiServer
let transport: Transport
let stop: AbortController
let ended: Promise<void>

beforeEach(async () => {
  server = await startFakeApiServer()
  transport = createTransport(server.kubeConfig, { random: () => 0 })
  stop = new AbortController()
  ended = Promise.resolve()
})

afterEach(async () => {
  stop.abort()
  await ended
  await transport.close()
  await server.close()
})

function isWatch(request: SeenRequest): boolean {
  return request.query.get('watch') === 'true'
}

function isList(request: SeenRequest): boolean {
  return request.method === 'GET' && !isWatch(request)
}

function start(options: ReflectorOptions<ConfigMap> = {}): Reflector<ConfigMap> {
  // Delays are at their shortest: nobody else is there to come back at the same time.
  const reflector = createReflector<ConfigMap>(configMaps, { transport, random: () => 1 }, options)
  ended = reflector.run(stop.signal)
  return reflector
}

function put(...names: string[]): void {
  for (const name of names) server.storage.put(configMapPath, configMap(name))
}

function namesIn(reflector: Reflector<ConfigMap>): string[] {
  return reflector.store
    .list()
    .map((object) => object.metadata.name)
    .sort()
}

async function holds(reflector: Reflector<ConfigMap>, ...names: string[]): Promise<void> {
  await eventually(`the cache holds ${names.join(', ')}`, () => namesIn(reflector).join() === names.join())
}

async function watchedBy(reflector: Reflector<ConfigMap>, count = 1): Promise<void> {
  await reflector.store.whenSynced()
  await server.until(() => server.watches === count)
}

describe('listing', () => {
  test('reads in pages and shows nothing before the last', async () => {
    for (let i = 0; i < 23; i++) put(`m${String(i).padStart(2, '0')}`)
    const reflector = start({ pageSize: 5 })
    const sizes: number[] = []
    reflector.store.subscribe(() => sizes.push(server.requests.filter(isList).length))
    await watchedBy(reflector)
    expect(reflector.store.size).toBe(23)
    expect(new Set(sizes)).toEqual(new Set([5]))
    expect(reflector.store.get('default/m07')).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' })
  })

  test('asks for pages of 500 by default', async () => {
    await watchedBy(start())
    expect(server.requests[0]?.query.get('limit')).toBe('500')
  })

  test('a continue token that expires between two pages starts the list over', async () => {
    for (let i = 0; i < 8; i++) put(`m${i}`)
    const isNextPage = (request: SeenRequest): boolean => request.query.has('continue')
    server.plan(isNextPage, { status: 410, body: { kind: 'Status', code: 410, reason: 'Expired' } })
    const reflector = start({ pageSize: 5 })
    await watchedBy(reflector)
    expect(reflector.store.size).toBe(8)
    expect(server.requests.filter(isList)).toHaveLength(4)
  })

  test('failures of any kind are waited out', async () => {
    put('a')
    server.plan(isList, { status: 500 }, 4)
    server.plan(isList, { status: 403 })
    server.plan(isList, { status: 429, headers: { 'retry-after': '0' } }, 1)
    server.plan(isList, { status: 200, body: { items: 'what?' } })
    const reflector = start()
    await holds(reflector, 'a')
  })

  test('selectors and the namespace are the server’s to apply, in lists and watches', async () => {
    const reflector = start({ namespace: 'default', labelSelector: 'a=b', fieldSelector: 'metadata.name=x' })
    await watchedBy(reflector)
    for (const request of server.requests) {
      expect(request.path).toBe(configMapPath)
      expect(request.query.get('labelSelector')).toBe('a=b')
      expect(request.query.get('fieldSelector')).toBe('metadata.name=x')
    }
  })
})

describe('watching', () => {
  test('goes on from the list, with bookmarks and a time limit of 240 to 290 s', async () => {
    put('a')
    await watchedBy(start())
    const watch = server.requests.find(isWatch)
    expect(watch?.query.get('resourceVersion')).toBe(String(server.storage.resourceVersion))
    expect(watch?.query.get('allowWatchBookmarks')).toBe('true')
    const seconds = Number(watch?.query.get('timeoutSeconds'))
    expect(seconds).toBeGreaterThanOrEqual(240)
    expect(seconds).toBeLessThanOrEqual(290)
  })

  test('follows additions, changes and deletions, also of thousands', async () => {
    const reflector = start()
    await watchedBy(reflector)
    for (let i = 0; i < 2_000; i++) server.storage.put(configMapPath, configMap(`m${i % 500}`, { i: String(i) }))
    for (let i = 0; i < 400; i++) server.storage.remove(configMapPath, `m${i}`)
    await eventually('all events are in', () => {
      return reflector.store.resourceVersion === String(server.storage.resourceVersion)
    })
    expect(reflector.store.size).toBe(100)
    expect(reflector.store.get('default/m499')?.data).toEqual({ i: '1999' })
  })

  test.each(['dropWatches', 'endWatches'] as const)('after %s it resumes where it was, without a list', async (way) => {
    put('a')
    const reflector = start()
    await watchedBy(reflector)
    put('b')
    await holds(reflector, 'a', 'b')
    server[way]()
    put('c')
    server.storage.remove(configMapPath, 'a')
    await holds(reflector, 'b', 'c')
    expect(server.requests.filter(isList)).toHaveLength(1)
  })

  test('a silent watch is given up and resumed', async () => {
    server.plan(isWatch, 'black hole')
    const reflector = start({ idleLimitMs: 50 })
    await watchedBy(reflector)
    put('a')
    await holds(reflector, 'a')
    expect(server.requests.filter(isList)).toHaveLength(1)
  })

  test('a bookmark moves the version that a watch resumes from', async () => {
    put('a')
    const reflector = start()
    await watchedBy(reflector)
    server.storage.put('/api/v1/namespaces/default/secrets', configMap('elsewhere'))
    server.bookmark(configMapPath)
    const bookmarked = String(server.storage.resourceVersion)
    await eventually('the bookmark is in', () => reflector.store.resourceVersion === bookmarked)
    server.dropWatches()
    await eventually('it resumes', () => server.requests.filter(isWatch).length === 2)
    expect(server.requests.filter(isWatch)[1]?.query.get('resourceVersion')).toBe(bookmarked)
  })

  test.each(['in the watch', 'as the answer'] as const)(
    '410 %s lists again, and what is missing is deleted',
    async (where) => {
      put('a', 'b')
      const reflector = start()
      const events: StoreEvent<ConfigMap>[] = []
      await watchedBy(reflector)
      reflector.store.subscribe((event) => events.push(event))
      if (where === 'as the answer') server.plan(isWatch, { status: 410 })
      server.plan(isWatch, 'reset', where === 'as the answer' ? 0 : 1)
      server.endWatches()
      put('c')
      server.storage.remove(configMapPath, 'a')
      server.storage.compact()
      await holds(reflector, 'b', 'c')
      expect(events.map((event) => `${event.type} ${event.key}`)).toEqual(['Deleted default/a', 'Added default/c'])
      expect(server.requests.filter(isList)).toHaveLength(2)
    },
  )

  test('repeated and late events change nothing', async () => {
    put('a')
    const reflector = start()
    await watchedBy(reflector)
    const old = server.storage.get(configMapPath, 'a')
    put('a')
    const present = server.storage.get(configMapPath, 'a')
    const events: string[] = []
    await eventually('the change is in', () => {
      return reflector.store.get('default/a')?.metadata.resourceVersion === present?.metadata.resourceVersion
    })
    reflector.store.subscribe((event) => events.push(`${event.type} ${event.key}`))
    server.emit(configMapPath, { type: 'MODIFIED', object: present })
    server.emit(configMapPath, { type: 'MODIFIED', object: old })
    server.emit(configMapPath, { type: 'DELETED', object: old })
    put('b')
    await holds(reflector, 'a', 'b')
    expect(events).toEqual(['Added default/b'])
    expect(reflector.store.get('default/a')?.metadata.resourceVersion).toBe(present?.metadata.resourceVersion)
  })

  test('a late event of a deleted object does not bring it back', async () => {
    put('a')
    const reflector = start()
    await watchedBy(reflector)
    const old = server.storage.get(configMapPath, 'a')
    server.storage.remove(configMapPath, 'a')
    server.emit(configMapPath, { type: 'MODIFIED', object: old })
    put('b')
    await holds(reflector, 'b')
  })

  test('a history that lies behind ours (a restored backup) is listed again', async () => {
    put('a')
    const reflector = start()
    await watchedBy(reflector)
    server.bookmark(configMapPath, '5')
    await eventually('it lists again', () => server.requests.filter(isList).length === 2)
    await watchedBy(reflector)
    await holds(reflector, 'a')
  })

  test('rubbish in the watch ends the watch, not the reflector', async () => {
    const reflector = start()
    await watchedBy(reflector)
    server.emit(configMapPath, 'text')
    server.emit(configMapPath, { type: 'MODIFIED' })
    server.emit(configMapPath, { type: 'NEWS', object: { metadata: { name: 'x' } } })
    server.emit(configMapPath, null)
    put('a')
    await holds(reflector, 'a')
  })

  test('a watch that ends at once, again and again, is not asked for without a pause', async () => {
    server.plan(isWatch, { status: 200, body: {} }, 2)
    const reflector = start()
    await reflector.store.whenSynced()
    await eventually('it waits', () => reflector.phase === 'Waiting')
    put('a')
    await holds(reflector, 'a')
    expect(server.requests.filter(isWatch)).toHaveLength(3)
  })

  test('a listener, an index or a transform that throws does not stop the cache', async () => {
    const reflector = start({
      transform(object): ConfigMap {
        if (object.metadata.name === 'bad') throw new Error('bad transform')
        return object
      },
      indexes: {
        bad(): string[] {
          throw new Error('bad index')
        },
      },
    })
    reflector.store.subscribe(() => {
      throw new Error('bad listener')
    })
    await watchedBy(reflector)
    put('bad', 'good')
    await holds(reflector, 'bad', 'good')
  })
})

describe('stopping', () => {
  const situations: readonly (readonly [string, () => void])[] = [
    ['while it watches', () => undefined],
    ['while it waits', () => server.plan(isList, { status: 403 }, 100)],
    ['while it lists', () => server.plan(isList, 'silence', 100)],
    ['while its watch is silent', () => server.plan(isWatch, 'black hole', 100)],
  ]
  test.each(situations)('%s ends at once and leaves no watch', async (_when, script) => {
    script()
    const reflector = start()
    await eventually('a request has come', () => server.requests.length > 0)
    stop.abort()
    await ended
    expect(reflector.phase).toBe('Stopped')
    await server.until(() => server.watches === 0)
  })
})
