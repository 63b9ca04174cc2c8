import { setTimeout as delay } from 'node:timers/promises'
import { nodeCapacity } from './downward-api.ts'
import { type KubeApi, KubeApiError } from './kube-api.ts'
import { podIp } from './pod-status.ts'

export interface NodeObjectOptions {
  name: string
  /** Where the logs are served. */
  port: number
  labels: Readonly<Record<string, string>>
  taints: readonly NodeTaint[]
}

/** Keeps pods away that do not tolerate it. */
export interface NodeTaint {
  key: string
  value?: string
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
}

const architecture = process.arch === 'x64' ? 'amd64' : process.arch
const heartbeatMs = 10_000
const mergePatch = 'application/merge-patch+json'

/**
 * Makes the Node object, or takes over the one of an earlier agent, and says that it is ready. The taint with which a new
 * node is made is taken away at once, so that the scheduler can use the node without waiting for the controllers.
 */
export async function registerNode(api: KubeApi, options: NodeObjectOptions, signal: AbortSignal): Promise<void> {
  const { name, labels, taints } = options
  const metadata = {
    name,
    labels: {
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': architecture,
      'amx.dev/node': 'process-node',
      ...labels,
    },
  }
  await api
    .call('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata, spec: { taints } }, signal })
    .catch((error: unknown) => {
      if (!(error instanceof KubeApiError) || error.status !== 409) throw error
    })
  await reportNode(api, options, 'ready', signal)
  await api.call('PATCH', `/api/v1/nodes/${name}`, {
    contentType: mergePatch,
    body: { metadata: { labels: metadata.labels }, spec: { taints } },
    signal,
  })
  await renewLease(api, name, signal)
}

/** Writes the node's status. */
export async function reportNode(
  api: KubeApi,
  { name, port }: Pick<NodeObjectOptions, 'name' | 'port'>,
  readiness: 'ready' | 'stopped',
  signal: AbortSignal,
): Promise<void> {
  const now = new Date().toISOString()
  const ready =
    readiness === 'ready'
      ? { status: 'True', reason: 'KubeletReady', message: 'the process node takes pods' }
      : { status: 'False', reason: 'KubeletNotReady', message: 'the process node was stopped' }
  await api.call('PATCH', `/api/v1/nodes/${name}/status`, {
    contentType: 'application/strategic-merge-patch+json',
    signal,
    body: {
      status: {
        addresses: [
          { type: 'InternalIP', address: podIp },
          { type: 'Hostname', address: name },
        ],
        capacity: nodeCapacity,
        allocatable: nodeCapacity,
        conditions: [{ type: 'Ready', ...ready, lastHeartbeatTime: now, lastTransitionTime: now }],
        daemonEndpoints: { kubeletEndpoint: { Port: port } },
        nodeInfo: {
          architecture,
          operatingSystem: 'linux',
          bootID: '',
          machineID: '',
          systemUUID: '',
          containerRuntimeVersion: 'process-node://1',
          kernelVersion: '',
          kubeProxyVersion: '',
          kubeletVersion: 'v1.36.3',
          osImage: `processes of Node.js ${process.version}`,
        },
      },
    },
  })
}

/** Renews the node's Lease every ten seconds until the signal; an API server that cannot be reached is tried again. */
export async function keepNodeAlive(api: KubeApi, name: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(heartbeatMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    await renewLease(api, name, signal).catch(() => {})
  }
}

async function renewLease(api: KubeApi, name: string, signal: AbortSignal): Promise<void> {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
  const spec = {
    holderIdentity: name,
    leaseDurationSeconds: 40,
    renewTime: new Date().toISOString().replace('Z', '000Z'),
  }
  try {
    await api.call('PATCH', `${leases}/${name}`, { contentType: mergePatch, body: { spec }, signal })
  } catch (error) {
    if (!(error instanceof KubeApiError) || error.status !== 404) throw error
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec }
    await api.call('POST', leases, { body, signal })
  }
}
