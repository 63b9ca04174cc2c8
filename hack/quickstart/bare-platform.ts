import { join } from 'node:path'
import { clusterUp } from '../cluster/index.ts'
import type { Progress } from '../cluster/progress.ts'
import { runningPostgresUrl, startPostgres } from '../rig/start-postgres.ts'
import type { LocalPlatform } from './local-platform.ts'
import type { QuickstartSettings } from './settings.ts'

/** The bare control plane with the process node; its pods and the databases are processes of this machine. */
export async function startBarePlatform(options: {
  readonly stateDir: string
  readonly progress: Progress
  readonly settings: QuickstartSettings
}): Promise<LocalPlatform> {
  const { stateDir, progress, settings } = options
  const { ports } = settings
  const [{ kubeconfigPath, kubectlPath, clientCa, clientCaKey }, databases] = await Promise.all([
    clusterUp({ stateDir, progress }),
    startDatabases(stateDir, settings),
  ])
  const warehouse = { host: '127.0.0.1', port: ports.warehouse }
  return {
    kubeconfigPath,
    kubectlPath,
    clientCa,
    clientCaKey,
    ...databases,
    warehouse,
    warehouseItself: warehouse,
    addresses: {
      listenHost: '127.0.0.1',
      serverPort: ports.server,
      serverTlsPort: ports.serverTls,
      serverHealthPort: ports.serverHealth,
      operatorHealthPort: ports.operatorHealth,
      serverUrl: `http://127.0.0.1:${ports.server}`,
      publicUrl: `https://127.0.0.1:${ports.serverTls}`,
      storeUrl: databases.storeUrl,
    },
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
