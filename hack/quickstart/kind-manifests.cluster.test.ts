import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkoutDir, createServingCertificate } from '../cluster/index.ts'
import { rigClientCa, rigKubeConfigPath, rigKubectlPath, testNamespace } from '../rig/index.ts'
import { databaseManifests } from './database-manifests.ts'
import { readManifests, withWarehouse } from './example-objects.ts'
import { kindLayout } from './kind-layout.ts'
import { namespaceObject, systemManifests, systemNamespace, warehouseSecrets } from './manifests.ts'
import { roleObjects } from './role-objects.ts'
import type { QuickstartSettings } from './settings.ts'

// There is no kind in a test run; what it would be given is put before a real API server, which says what it thinks of it.

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

interface AnyObject {
  kind: string
  metadata: { name: string; namespace?: string }
}

const namespace = await testNamespace({ prefix: 'kind-manifests' })

/** Objects as kubectl gives them after a server-side apply that changes nothing. */
function dryRun(objects: readonly object[]): { names: string[]; complaint: string } {
  // Forced as in the quick start: another test may have given the same roles to this API server.
  const args = ['--kubeconfig', rigKubeConfigPath(), 'apply', '--server-side', '--force-conflicts']
  args.push('--dry-run=server', '--validate=strict')
  const list = { apiVersion: 'v1', kind: 'List', items: objects }
  const done = spawnSync(rigKubectlPath(), [...args, '-o', 'name', '-f', '-'], {
    input: JSON.stringify(list),
    encoding: 'utf8',
  })
  return { names: done.stdout.split('\n').filter((line) => line !== ''), complaint: done.stderr }
}

/** The namespaces of the quick start need not be on the API server of the test run. */
function moved(objects: readonly object[]): AnyObject[] {
  return (objects as readonly AnyObject[]).map((object) =>
    object.metadata.namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } },
  )
}

async function everything(): Promise<object[]> {
  const layout = kindLayout(settings)
  const { certificate, key } = await createServingCertificate(rigClientCa())
  const tls = { certificate, key, clientCa: rigClientCa().certificate }
  const examples = withWarehouse(readManifests(join(checkoutDir, 'examples/quickstart')), layout.warehouseAddress)
  return [
    namespaceObject(),
    ...[layout.store, layout.warehouse].flatMap(databaseManifests),
    ...roleObjects(),
    ...systemManifests({ addresses: layout.addresses, tls, programDigest: '0123456789abcdef' }),
    ...warehouseSecrets(settings, 'default'),
    ...examples.map((object) => ({ ...object, metadata: { ...object.metadata, namespace: 'default' } })),
  ]
}

test('the API server accepts every object that the quick start gives to a kind cluster, without a warning', async () => {
  const objects = moved(await everything())
  const { names, complaint } = dryRun(objects)
  expect(complaint).toBe('')
  expect(names).toHaveLength(objects.length)
  const name = (kind: string, object: string) => expect.stringMatching(new RegExp(`^${kind}[.a-z0-9]*/${object}$`))
  expect(names).toEqual(
    expect.arrayContaining([
      name('namespace', systemNamespace),
      name('statefulset', 'amx-store'),
      name('statefulset', 'demo-warehouse'),
      name('deployment', 'amx-server'),
      name('deployment', 'amx-operator'),
      name('service', 'amx-server'),
      name('databaseprofile', 'demo-warehouse'),
      name('metadatarun', 'first-run'),
    ]),
  )
})

test('the API server would say so if a field or a value were wrong', () => {
  const [, service, statefulSet] = moved(databaseManifests({ name: 'wrong_name', password: 'p', nodePort: 30_500 }))
  expect(dryRun([{ ...service }]).complaint).toMatch(/metadata.name: Invalid value: "wrong_name"/)
  expect(dryRun([{ ...statefulSet, sepc: {} }]).complaint).toMatch(/sepc/)
})
