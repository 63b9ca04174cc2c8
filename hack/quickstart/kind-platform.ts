import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { checkoutDir } from '../cluster/folders.ts'
import { kindUp } from '../cluster/kind/index.ts'
import type { Progress } from '../cluster/progress.ts'
import { databaseManifests, postgresPort } from './database-manifests.ts'
import { kindLayout } from './kind-layout.ts'
import { createKubectl } from './kubectl.ts'
import type { LocalPlatform } from './local-platform.ts'
import { namespaceObject, systemNamespace } from './manifests.ts'
import { programDigest } from './program-digest.ts'
import type { QuickstartSettings } from './settings.ts'

/** A kind cluster with the databases on it, and ways in to them and to the server from 127.0.0.1. */
export async function startKindPlatform(options: {
  readonly stateDir: string
  readonly progress: Progress
  readonly settings: QuickstartSettings
}): Promise<LocalPlatform> {
  const { stateDir, progress, settings } = options
  const layout = kindLayout(settings)
  const { portMappings, addresses, storeUrl, warehouseAdminUrl } = layout
  const up = kindUp({ stateDir, progress, portMappings, programDigest: programDigest(checkoutDir) })
  const cluster = await up.catch((error: Error) => {
    const otherWay = 'To go on without kind: npm run quickstart:down, then AMX_CLUSTER=bare npm run quickstart'
    throw new Error(`${error.message}\n\n${otherWay}`, { cause: error })
  })
  await progress.step('starting the store and the demo warehouse', async () => {
    const kubectl = createKubectl(cluster.kubectlPath, cluster.kubeconfigPath)
    await kubectl.apply([namespaceObject()])
    const databases = [layout.store, layout.warehouse]
    await kubectl.apply(databases.flatMap(databaseManifests))
    for (const { name } of databases) {
      const args = ['rollout', 'status', `statefulset/${name}`, '-n', systemNamespace, '--timeout=600s']
      // The node pulls the image of PostgreSQL the first time.
      await kubectl.run(args, { timeoutMs: 610_000 })
    }
    await Promise.all([storeUrl, warehouseAdminUrl].map((url) => untilAnswering(url, 60_000)))
  })
  return {
    ...cluster,
    storeUrl,
    warehouseAdminUrl,
    warehouse: layout.warehouseAddress,
    warehouseItself: { host: '127.0.0.1', port: postgresPort },
    addresses,
  }
}

/** A pod that is ready can be reached from outside a moment later. Throws the last failure when `timeoutMs` is over. */
async function untilAnswering(url: string, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs
  while (true) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
    // A connection that breaks while it is made is told of by the promise, too.
    client.on('error', () => {})
    try {
      await client.connect()
      return
    } catch (error) {
      if (Date.now() > until) throw error
    } finally {
      await client.end().catch(() => {})
    }
    await delay(200)
  }
}
