import type { SystemAddresses } from './manifests.ts'

/** A server's host and port. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** A cluster that runs with two databases beside it or on it, and where everything is. All that is installed on it is alike. */
export interface LocalPlatform {
  readonly kubeconfigPath: string
  readonly kubectlPath: string
  /** The PEM certificate authority of the cluster and of its client certificates, and its key. */
  readonly clientCa: string
  readonly clientCaKey: string
  /** The store, for a superuser on this machine. */
  readonly storeUrl: string
  /** The server of the demo warehouse, for a superuser on this machine. */
  readonly warehouseAdminUrl: string
  /** The server of the demo warehouse, as pods reach it. */
  readonly warehouse: Address
  /** The server of the demo warehouse, as it reaches itself. */
  readonly warehouseItself: Address
  /** Where the parts of AMX listen and find each other. */
  readonly addresses: SystemAddresses
}
