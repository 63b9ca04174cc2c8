import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkoutDir } from '../cluster/folders.ts'
import { clusterUp, createServingCertificate } from '../cluster/index.ts'
import type { Progress } from '../cluster/progress.ts'
import { createDemoWarehouse } from '../demo-warehouse/index.ts'
import { runningPostgresUrl, startPostgres } from '../rig/start-postgres.ts'
import { parseManifests, readManifests } from './example-objects.ts'
import { createKubectl, type Kubectl } from './kubectl.ts'
import { secret, systemManifests, systemNamespace } from './manifests.ts'
import { programDigest } from './program-digest.ts'
import { type QuickstartSettings, quickstartSettings } from './settings.ts'

/** A whole system on this machine: cluster, store, demo warehouse, server and operator. */
export interface LocalSystem {
  readonly stateDir: string
  readonly kubectl: Kubectl
  readonly kubectlPath: string
  readonly kubeconfigPath: string
  readonly settings: QuickstartSettings
  readonly serverUrl: string
  readonly storeUrl: string
  /** A superuser's connection to the server of the demo warehouse. */
  readonly warehouseAdminUrl: string
  readonly demo: { readonly tables: number; readonly columns: number; readonly rows: number }
}

export interface BringUpOptions {
  readonly stateDir: string
  readonly progress: Progress
  /** The namespace that gets the Secrets of the demo warehouse. */
  readonly namespace: string
}

/** Starts what does not run yet and installs AMX; everything goes on running after this process ended. */
export async function bringUp({ stateDir, progress, namespace }: BringUpOptions): Promise<LocalSystem> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const settings = await quickstartSettings(join(stateDir, 'quickstart.json'))
  const { ports } = settings
  const [cluster, databases] = await Promise.all([
    clusterUp({ stateDir, progress }),
    startDatabases(stateDir, settings),
  ])
  const demo = await progress.step('filling the demo warehouse', () =>
    createDemoWarehouse({
      adminUrl: databases.warehouseAdminUrl,
      database: 'amx_demo',
      readerPassword: settings.readerPassword,
      writerPassword: settings.writerPassword,
    }),
  )
  const kubectl = createKubectl(cluster.kubectlPath, cluster.kubeconfigPath)
  await progress.step('installing AMX', async () => {
    await installDefinitions(kubectl)
    const serving = await createServingCertificate({ certificate: cluster.clientCa, key: cluster.clientCaKey })
    const addresses = {
      serverPort: ports.server,
      serverTlsPort: ports.serverTls,
      serverHealthPort: ports.serverHealth,
      operatorHealthPort: ports.operatorHealth,
      storeUrl: databases.storeUrl,
    }
    const tls = { certificate: serving.certificate, key: serving.key, clientCa: cluster.clientCa }
    await kubectl.apply([
      ...systemManifests({ addresses, tls, programDigest: programDigest(checkoutDir) }),
      secret('demo-warehouse-reader', { username: 'amx_reader', password: settings.readerPassword }, namespace),
      secret('demo-warehouse-writer', { username: 'amx_owner', password: settings.writerPassword }, namespace),
    ])
  })
  await progress.step('starting server and operator', async () => {
    for (const part of ['server', 'operator'])
      await kubectl.run(['rollout', 'status', `deployment/amx-${part}`, '-n', systemNamespace, '--timeout=90s'])
  })
  return {
    stateDir,
    kubectl,
    kubectlPath: cluster.kubectlPath,
    kubeconfigPath: cluster.kubeconfigPath,
    settings,
    serverUrl: `http://127.0.0.1:${ports.server}`,
    ...databases,
    demo,
  }
}

/** Two servers, so that either can be away without the other. */
export async function startDatabases(stateDir: string, { ports }: QuickstartSettings) {
  const start = async (name: string, port: number) => {
    const dataDir = join(stateDir, name)
    return runningPostgresUrl(dataDir) ?? (await startPostgres({ dataDir, port, lifetime: 'detached' })).url
  }
  const [storeUrl, warehouseAdminUrl] = await Promise.all([
    start('store', ports.store),
    start('warehouse', ports.warehouse),
  ])
  return { storeUrl, warehouseAdminUrl }
}

async function installDefinitions(kubectl: Kubectl): Promise<void> {
  const read = (path: string) => parseManifests(readFileSync(join(checkoutDir, path), 'utf8'))
  const definitions = join(checkoutDir, 'crds')
  const systemObjects = [...read('operator/deploy/rbac.yaml'), ...read('dashboard/server/deploy/rbac.yaml')]
  await kubectl.run(['apply', '--server-side', '--force-conflicts', '-f', definitions])
  const kinds = readManifests(definitions).filter(({ kind }) => kind === 'CustomResourceDefinition')
  await kubectl.run([
    'wait',
    '--for=condition=Established',
    '--timeout=60s',
    ...kinds.map(({ metadata }) => `customresourcedefinition/${metadata.name}`),
  ])
  const namespaces = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: systemNamespace } }]
  await kubectl.apply(namespaces)
  await kubectl.apply(systemObjects.filter(({ kind }) => kind !== 'Namespace'))
}
