import { expect, test } from 'vitest'
import { components } from '../cluster/component-images.ts'
import { databaseManifests } from './database-manifests.ts'
import { withWarehouse } from './example-objects.ts'
import { kindLayout } from './kind-layout.ts'
import { systemManifests } from './manifests.ts'
import type { QuickstartSettings } from './settings.ts'

const settings: QuickstartSettings = {
  cluster: 'kind',
  ports: {
    server: 21001,
    serverTls: 21002,
    serverHealth: 21003,
    operatorHealth: 21004,
    store: 21005,
    warehouse: 54329,
  },
  adminPassword: 'admin-password',
  readerPassword: 'reader-password',
  writerPassword: 'writer-password',
}

interface Port {
  name: string
  port?: number
  nodePort?: number
  targetPort?: number | string
  containerPort?: number
}

interface Container {
  image: string
  env: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[]
  ports?: Port[]
  volumeMounts: { name: string; mountPath: string }[]
  readinessProbe: { httpGet?: { port: number; host?: string } }
}

interface Loose {
  kind: string
  metadata: { name: string; namespace: string; annotations?: Record<string, string> }
  data?: Record<string, string>
  spec?: {
    type?: string
    selector?: Record<string, string>
    ports?: Port[]
    volumeClaimTemplates?: { metadata: { name: string } }[]
    template?: {
      metadata: { labels: Record<string, string> }
      spec: { containers: [Container]; volumes: { name: string; secret?: { secretName: string } }[] }
    }
  }
}

const layout = kindLayout(settings)
const tls = { certificate: 'certificate', key: 'key', clientCa: 'ca' }
const objects = [
  ...[layout.store, layout.warehouse].flatMap(databaseManifests),
  ...systemManifests({ addresses: layout.addresses, tls, programDigest: 'digest' }),
] as Loose[]

function find(kind: string, name: string): Loose {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name)
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`)
  return found
}

const services = objects.filter(({ kind }) => kind === 'Service')
const workloads = objects.flatMap(({ kind, metadata, spec }) =>
  spec?.template === undefined
    ? []
    : [{ kind, name: metadata.name, ...spec.template, ...spec, pod: spec.template.spec }],
)

function variables(container: Container): Record<string, string | undefined> {
  return Object.fromEntries(container.env.map(({ name, value }) => [name, value]))
}

test('what runs on the cluster is two databases, a server and an operator', () => {
  expect(workloads.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'StatefulSet amx-store',
    'StatefulSet demo-warehouse',
    'Deployment amx-server',
    'Deployment amx-operator',
  ])
})

test('every way in from this machine leads to a Service, and every Service with one has a way in', () => {
  const opened = services.flatMap(({ spec }) => spec?.ports ?? []).flatMap(({ nodePort }) => nodePort ?? [])
  expect(opened.toSorted()).toEqual(layout.portMappings.map(({ nodePort }) => nodePort).toSorted())
  expect(layout.portMappings.map(({ hostPort }) => hostPort)).toEqual([21002, 21005, 54329])
  // A dry run does not look at the range that Kubernetes has for them.
  expect(opened.filter((port) => port < 30_000 || port > 32_767)).toEqual([])
  expect(new Set(opened).size).toBe(3)
})

test.each(services.map(({ metadata }) => metadata.name))('the Service %s finds one workload and its port', (name) => {
  const { selector = {}, ports = [] } = find('Service', name).spec ?? {}
  const found = workloads.filter(({ metadata }) =>
    Object.entries(selector).every(([key, value]) => metadata.labels[key] === value),
  )
  expect(found.map((workload) => workload.name)).toEqual([name])
  const container = found[0]?.pod.containers[0]
  const { AMX_LISTEN = '', AMX_TLS_PORT } = container === undefined ? {} : variables(container)
  const listening = [Number(AMX_LISTEN.split(':')[1]), Number(AMX_TLS_PORT)]
  for (const { targetPort } of ports) {
    if (typeof targetPort === 'string') expect(container?.ports?.map((port) => port.name)).toContain(targetPort)
    else expect(listening).toContain(targetPort)
  }
})

test('nothing in a pod listens on or looks for the loopback of its own, but PostgreSQL asking itself', () => {
  for (const name of ['amx-server', 'amx-operator']) {
    const container = find('Deployment', name).spec?.template?.spec.containers[0]
    if (container === undefined) throw new Error(`${name} has no container`)
    expect(JSON.stringify(container)).not.toContain('127.0.0.1')
    const { AMX_HEALTH_PORT, AMX_HEALTH_HOST, AMX_LISTEN } = variables(container)
    expect(AMX_HEALTH_HOST ?? AMX_LISTEN?.split(':')[0]).toBe('0.0.0.0')
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: Number(AMX_HEALTH_PORT) })
  }
})

test('pods find the server and the store by the names of their Services', () => {
  const operator = find('Deployment', 'amx-operator').spec?.template?.spec.containers[0]
  const { AMX_SERVER_URL } = operator === undefined ? {} : variables(operator)
  expect(AMX_SERVER_URL).toBe('http://amx-server.amx-system')
  expect(find('Service', 'amx-server').spec?.ports?.find(({ name }) => name === 'http')?.port).toBe(80)
  const url = Buffer.from(find('Secret', 'amx-store').data?.['url'] ?? '', 'base64').toString()
  expect(url).toBe('postgres://postgres:admin-password@amx-store.amx-system:5432/postgres')
  expect(find('Service', 'amx-store').spec?.ports?.[0]?.port).toBe(5432)
})

test('people find everything on the loopback of this machine', () => {
  expect(find('Service', 'amx-server').metadata.annotations?.['amx.dev/url']).toBe('https://127.0.0.1:21002')
  expect(layout.storeUrl).toBe('postgres://postgres:admin-password@127.0.0.1:21005/postgres')
  expect(layout.warehouseAdminUrl).toBe('postgres://postgres:admin-password@127.0.0.1:54329/postgres')
})

test('every Secret, key and volume that a pod names is there', () => {
  for (const { pod, volumeClaimTemplates = [] } of workloads) {
    const volumes = [
      ...pod.volumes.map(({ name }) => name),
      ...volumeClaimTemplates.map(({ metadata }) => metadata.name),
    ]
    expect(pod.containers[0].volumeMounts.map(({ name }) => name).toSorted()).toEqual(volumes.toSorted())
    for (const { secret } of pod.volumes) if (secret !== undefined) find('Secret', secret.secretName)
    for (const { valueFrom } of pod.containers[0].env) {
      if (valueFrom === undefined) continue
      const { name, key } = valueFrom.secretKeyRef
      const password = Buffer.from(find('Secret', name).data?.[key] ?? '', 'base64').toString()
      expect(password).toBe('admin-password')
    }
  }
})

test('every image is one that is built and loaded, or the official one of PostgreSQL', () => {
  const built = Object.values(components).map(({ image }) => `${image}:dev`)
  const images = workloads.map(({ pod }) => pod.containers[0].image)
  expect(images.filter((image) => !built.includes(image))).toEqual(['postgres:18', 'postgres:18'])
})

test('the example points to the warehouse as pods reach it', () => {
  const profile = {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'DatabaseProfile',
    metadata: { name: 'demo' },
    spec: { backend: 'PostgreSQL', postgresql: { host: '127.0.0.1', port: 54329, database: 'amx_demo' } },
  }
  const run = { ...profile, kind: 'MetadataRun' }
  const [changed, untouched] = withWarehouse([profile, run], layout.warehouseAddress)
  expect(changed?.spec?.['postgresql']).toEqual({
    host: 'demo-warehouse.amx-system',
    port: 5432,
    database: 'amx_demo',
  })
  expect(untouched).toBe(run)
})
