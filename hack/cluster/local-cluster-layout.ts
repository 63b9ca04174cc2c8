import { join } from 'node:path'

/** Where the parts of a persistent local cluster are, below its state folder. */
export interface ClusterLayout {
  controlPlane: string
  kubeconfig: string
  clientCa: string
  clientCaKey: string
  nodeFolder: string
  nodeLog: string
  nodeRecords: string
  /** There while the process node takes pods. */
  nodeReady: string
  lock: string
}

export function clusterLayout(stateDir: string): ClusterLayout {
  const path = (...names: string[]) => join(stateDir, ...names)
  return {
    controlPlane: path('control-plane'),
    kubeconfig: path('control-plane', 'kubeconfig'),
    clientCa: path('control-plane', 'pki', 'ca.crt'),
    clientCaKey: path('control-plane', 'pki', 'ca.key'),
    nodeFolder: path('process-node'),
    nodeLog: path('process-node.log'),
    nodeRecords: path('process-node.pids'),
    nodeReady: path('process-node.ready'),
    lock: path('cluster.lock'),
  }
}
