import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { freePorts, isPortFree } from '../cluster/free-port.ts'
import type { ClusterKind } from './choose-cluster.ts'

/** What a local system keeps from one start to the next: its ports and its passwords. */
export interface QuickstartSettings {
  readonly cluster: ClusterKind
  readonly ports: {
    readonly server: number
    readonly serverTls: number
    readonly serverHealth: number
    readonly operatorHealth: number
    readonly store: number
    readonly warehouse: number
  }
  /** Of the databases' superusers on kind. */
  readonly adminPassword: string
  readonly readerPassword: string
  readonly writerPassword: string
}

type KeptSettings = Omit<QuickstartSettings, 'cluster' | 'adminPassword'> & Partial<QuickstartSettings>

/** The port that examples/quickstart names; another one is used, and written into the profile, when it is taken. */
export const exampleWarehousePort = 54_329

/** The settings in a file that was kept; undefined when there is none. */
export function keptSettings(path: string): QuickstartSettings | undefined {
  if (!existsSync(path)) return undefined
  // Before there was a choice there was the bare control plane.
  const kept = JSON.parse(readFileSync(path, 'utf8')) as KeptSettings
  return { cluster: 'bare', adminPassword: '', ...kept }
}

/** New settings, kept in a file. */
export async function createSettings(path: string, cluster: ClusterKind): Promise<QuickstartSettings> {
  const [server = 0, serverTls = 0, serverHealth = 0, operatorHealth = 0, store = 0, spare = 0] = await freePorts(6)
  const warehouse = (await isPortFree(exampleWarehousePort)) ? exampleWarehousePort : spare
  const password = () => randomBytes(18).toString('base64url')
  const settings: QuickstartSettings = {
    cluster,
    ports: { server, serverTls, serverHealth, operatorHealth, store, warehouse },
    adminPassword: password(),
    readerPassword: password(),
    writerPassword: password(),
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, JSON.stringify(settings, null, 2), { mode: 0o600 })
  return settings
}

/** The file of the settings of a state folder. */
export function settingsPath(stateDir: string): string {
  return join(stateDir, 'quickstart.json')
}
