/** A port of this machine's loopback that leads to a port of the cluster's node. */
export interface PortMapping {
  nodePort: number
  hostPort: number
}

/** What `kind create cluster --config` reads: one node, with ways in from 127.0.0.1 alone. JSON is YAML, too. */
export function kindConfig(mappings: readonly PortMapping[]): string {
  const extraPortMappings = mappings.map(({ nodePort, hostPort }) => ({
    containerPort: nodePort,
    hostPort,
    listenAddress: '127.0.0.1',
    protocol: 'TCP',
  }))
  const config = {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [{ role: 'control-plane', extraPortMappings }],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

/** The mappings that a cluster lacks, by what `docker port` prints of its node: lines as `30443/tcp -> 127.0.0.1:23456`. */
export function missingMappings(wanted: readonly PortMapping[], dockerPorts: string): PortMapping[] {
  const lines = new Set(dockerPorts.split('\n').map((line) => line.trim()))
  return wanted.filter(({ nodePort, hostPort }) => !lines.has(`${nodePort}/tcp -> 127.0.0.1:${hostPort}`))
}
