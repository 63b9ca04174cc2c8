import type { PortMapping } from '../cluster/kind/index.ts'
import { type DatabaseOnCluster, postgresPort } from './database-manifests.ts'
import type { Address } from './local-platform.ts'
import { type SystemAddresses, systemNamespace } from './manifests.ts'
import type { QuickstartSettings } from './settings.ts'

/** Everything about a system on kind that follows from its settings. */
export interface KindLayout {
  readonly portMappings: readonly PortMapping[]
  readonly store: DatabaseOnCluster
  readonly warehouse: DatabaseOnCluster
  readonly addresses: SystemAddresses
  readonly warehouseAddress: Address
  /** A superuser's URLs on this machine. */
  readonly storeUrl: string
  readonly warehouseAdminUrl: string
}

// Any three of the range that Kubernetes has for them: nothing else is on the cluster.
const nodePorts = { serverTls: 30_443, store: 30_432, warehouse: 30_433 }

export function kindLayout({ ports, adminPassword }: QuickstartSettings): KindLayout {
  const url = ({ host, port }: Address) => `postgres://postgres:${adminPassword}@${host}:${port}/postgres`
  const here = (port: number): Address => ({ host: '127.0.0.1', port })
  const inside = ({ name }: DatabaseOnCluster): Address => ({ host: `${name}.${systemNamespace}`, port: postgresPort })
  const store = { name: 'amx-store', password: adminPassword, nodePort: nodePorts.store }
  const warehouse = { name: 'demo-warehouse', password: adminPassword, nodePort: nodePorts.warehouse }
  return {
    portMappings: [
      { nodePort: nodePorts.serverTls, hostPort: ports.serverTls },
      { nodePort: nodePorts.store, hostPort: ports.store },
      { nodePort: nodePorts.warehouse, hostPort: ports.warehouse },
    ],
    store,
    warehouse,
    addresses: {
      // A pod has a network of its own, and the kubelet and the Services come from outside of it.
      listenHost: '0.0.0.0',
      serverPort: 8080,
      serverTlsPort: 8443,
      serverHealthPort: 8081,
      operatorHealthPort: 8082,
      serverUrl: `http://amx-server.${systemNamespace}`,
      publicUrl: `https://127.0.0.1:${ports.serverTls}`,
      serverNodePort: nodePorts.serverTls,
      storeUrl: url(inside(store)),
    },
    warehouseAddress: inside(warehouse),
    storeUrl: url(here(ports.store)),
    warehouseAdminUrl: url(here(ports.warehouse)),
  }
}
