import { rigKubeConfigPath, testNamespace } from '@amx/hack'
import { KubeConfig } from '@kubernetes/client-node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createResourceClient, type ResourceClient } from '../patch/resource-client.ts'
import { type BrokenNetwork, type NetworkState, startBrokenNetwork } from '../testing/broken-network.ts'
import { type ConfigMap, configMaps } from '../testing/config-map.ts'
import { eventually } from '../testing/eventually.ts'
import { createTransport, type Transport } from '../transport/transport.ts'
import { createReflector, type Reflector, type ReflectorOptions } from './reflector.ts'

let namespace: string
let network: BrokenNetwork
let direct: Transport
let broken: Transport
let client: ResourceClient<ConfigMap>
let stop: AbortController
let ended: Promise<void>

beforeEach(async () => {
  namespace = await testNamespace()
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(rigKubeConfigPath())
  network = await startBrokenNetwork(kubeConfig)
  direct = createTransport(kubeConfig)
  broken = createTransport(network.kubeConfig, { timeoutMs: 1_000 })
  client = createResourceClient<ConfigMap>(direct, configMaps, 'test')
  stop = new AbortController()
  ended = Promise.resolve()
})

afterEach(async () => {
  stop.abort()
  await ended
  await broken.close()
  await direct.close()
  await network.close()
})

function start(options: ReflectorOptions<ConfigMap> = {}): Reflector<ConfigMap> {
  const reflector = createReflector<ConfigMap>(
    configMaps,
    { transport: broken, random: () => 1 },
    { namespace, ...options },
  )
  ended = reflector.run(stop.signal)
  return reflector
}

async function create(name: string): Promise<void> {
  await client.create({ metadata: { name, namespace } })
}

async function sees(reflector: Reflector<ConfigMap>, name: string): Promise<void> {
  await eventually(`${name} is in the cache`, () => reflector.store.get(`${namespace}/${name}`) !== undefined, 40_000)
}

test.each(['black hole', 'refusing'] as const)(
  'a cache heals after the network was %s',
  async (state: NetworkState) => {
    const reflector = start({ idleLimitMs: 1_500 })
    await create('before')
    await sees(reflector, 'before')
    network.become(state)
    await create('meanwhile')
    await client.delete(`${namespace}/before`)
    await eventually('it has noticed', () => reflector.phase === 'Waiting')
    expect(reflector.store.get(`${namespace}/before`)).toBeDefined()
    network.become('open')
    await create('after')
    await sees(reflector, 'after')
    await sees(reflector, 'meanwhile')
    expect(reflector.store.get(`${namespace}/before`)).toBeUndefined()
  },
)

test('a cache that starts while the API server is away fills once it is there', async () => {
  network.become('refusing')
  const reflector = start()
  await eventually('it waits', () => reflector.phase === 'Waiting')
  await create('a')
  network.become('open')
  await sees(reflector, 'a')
})

test('a quiet watch gets a bookmark or an event within the idle limit, so that it need not be given up', async () => {
  const reflector = start()
  await create('a')
  await sees(reflector, 'a')
  const position = reflector.store.resourceVersion
  // Something else of the same kind moves the server's history, as any cluster does all the time.
  const elsewhere = await testNamespace()
  await client.create({ metadata: { name: 'other', namespace: elsewhere } })
  await eventually('a bookmark moves the position', () => reflector.store.resourceVersion !== position, 85_000)
  expect(reflector.phase).toBe('Watching')
}, 150_000)
