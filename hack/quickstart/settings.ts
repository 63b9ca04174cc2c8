import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { freePorts, isPortFree } from '../cluster/free-port.ts'

/** What a local system keeps from one start to the next: its ports and its passwords. */
export interface QuickstartSettings {
  readonly ports: {
    readonly server: number
    readonly serverTls: number
    readonly serverHealth: number
    readonly operatorHealth: number
    readonly store: number
    readonly warehouse: number
  }
  readonly readerPassword: string
  readonly writerPassword: string
}

/** The port that examples/quickstart names; another one is used, and written into the profile, when it is taken. */
export const exampleWarehousePort = 54_329

/** The settings in the file, or new ones that are kept there. */
export async function quickstartSettings(path: string): Promise<QuickstartSettings> {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as QuickstartSettings
  const [server = 0, serverTls = 0, serverHealth = 0, operatorHealth = 0, store = 0, spare = 0] = await freePorts(6)
  const warehouse = (await isPortFree(exampleWarehousePort)) ? exampleWarehousePort : spare
  const password = () => randomBytes(18).toString('base64url')
  const settings: QuickstartSettings = {
    ports: { server, serverTls, serverHealth, operatorHealth, store, warehouse },
    readerPassword: password(),
    writerPassword: password(),
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, JSON.stringify(settings, null, 2), { mode: 0o600 })
  return settings
}
