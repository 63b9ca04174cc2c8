import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { checkoutDir } from '../cluster/folders.ts'
import { createServingCertificate } from '../cluster/index.ts'
import { kindFacts } from '../cluster/kind/index.ts'
import type { Progress } from '../cluster/progress.ts'
import { createDemoWarehouse } from '../demo-warehouse/index.ts'
import { startBarePlatform } from './bare-platform.ts'
import { type ClusterKind, chooseCluster, wantedCluster } from './choose-cluster.ts'
import { readManifests } from './example-objects.ts'
import { startKindPlatform } from './kind-platform.ts'
import { createKubectl, type Kubectl } from './kubectl.ts'
import type { Address } from './local-platform.ts'
import { namespaceObject, systemManifests, systemNamespace, warehouseSecrets } from './manifests.ts'
import { programDigest } from './program-digest.ts'
import { roleObjects } from './role-objects.ts'
import { createSettings, keptSettings, type QuickstartSettings, settingsPath } from './settings.ts'

/** A whole system on this machine: cluster, store, demo warehouse, server and operator. */
export interface LocalSystem {
  readonly stateDir: string
  readonly kubectl: Kubectl
  readonly kubectlPath: string
  readonly kubeconfigPath: string
  readonly settings: QuickstartSettings
  readonly storeUrl: string
  /** A superuser's connection to the server of the demo warehouse. */
  readonly warehouseAdminUrl: string
  /** The server of the demo warehouse, as runs reach it. */
  readonly warehouse: Address
  readonly demo: { readonly tables: number; readonly columns: number; readonly rows: number }
}

export interface BringUpOptions {
  readonly stateDir: string
  readonly progress: Progress
  /** The namespace that gets the Secrets of the demo warehouse. */
  readonly namespace: string
  /** @default what AMX_CLUSTER says, else kind where it can be used */
  readonly cluster?: ClusterKind
}

/** Starts what does not run yet and installs AMX; everything goes on running after this process ended. */
export async function bringUp(options: BringUpOptions): Promise<LocalSystem> {
  const { stateDir, progress, namespace } = options
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const settings = await settingsOf(options)
  const start = settings.cluster === 'kind' ? startKindPlatform : startBarePlatform
  const platform = await start({ stateDir, progress, settings })
  const { kubectlPath, kubeconfigPath, storeUrl, warehouseAdminUrl, warehouse, addresses, clientCa } = platform
  const demo = await progress.step('filling the demo warehouse', () =>
    createDemoWarehouse({
      adminUrl: warehouseAdminUrl,
      itself: platform.warehouseItself,
      database: 'amx_demo',
      readerPassword: settings.readerPassword,
      writerPassword: settings.writerPassword,
    }),
  )
  const kubectl = createKubectl(kubectlPath, kubeconfigPath)
  await progress.step('installing AMX', async () => {
    await installDefinitions(kubectl)
    const authority = { certificate: clientCa, key: platform.clientCaKey }
    // By this name the server is checked behind a forwarded port.
    const serving = await createServingCertificate(authority, [`amx-server.${systemNamespace}.svc`])
    const tls = { certificate: serving.certificate, key: serving.key, clientCa }
    await kubectl.apply([
      ...systemManifests({ addresses, tls, programDigest: programDigest(checkoutDir) }),
      ...warehouseSecrets(settings, namespace),
    ])
  })
  await progress.step('starting server and operator', async () => {
    for (const part of ['server', 'operator'])
      await kubectl.run(['rollout', 'status', `deployment/amx-${part}`, '-n', systemNamespace, '--timeout=90s'])
  })
  return {
    stateDir,
    kubectl,
    kubectlPath,
    kubeconfigPath,
    settings,
    storeUrl,
    warehouseAdminUrl,
    warehouse,
    demo,
  }
}

/** The settings of the last time; the first time, of a cluster that suits the machine and the wish for one. */
async function settingsOf({ stateDir, progress, cluster }: BringUpOptions): Promise<QuickstartSettings> {
  const path = settingsPath(stateDir)
  const kept = keptSettings(path)
  const wanted = cluster ?? wantedCluster()
  const choice = await chooseCluster({ wanted, kept: kept?.cluster, facts: kindFacts })
  if (choice.remark !== undefined) progress.say(choice.remark)
  return kept ?? (await createSettings(path, choice.cluster))
}

async function installDefinitions(kubectl: Kubectl): Promise<void> {
  const definitions = join(checkoutDir, 'crds')
  await kubectl.run(['apply', '--server-side', '--force-conflicts', '-f', definitions])
  const kinds = readManifests(definitions).filter(({ kind }) => kind === 'CustomResourceDefinition')
  await kubectl.run([
    'wait',
    '--for=condition=Established',
    '--timeout=60s',
    ...kinds.map(({ metadata }) => `customresourcedefinition/${metadata.name}`),
  ])
  await kubectl.apply([namespaceObject()])
  await kubectl.apply(roleObjects())
}
