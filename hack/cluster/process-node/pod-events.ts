import type { KubeApi } from './kube-api.ts'
import type { Pod } from './pod-types.ts'

/** Tells what happens to a pod in events. Never throws; the same words are said once. */
export type PodEventRecorder = (type: 'Normal' | 'Warning', reason: string, message: string) => void

export function podEventRecorder(api: KubeApi, pod: Pod, nodeName: string, signal: AbortSignal): PodEventRecorder {
  const { name, namespace, uid } = pod.metadata
  const said = new Set<string>()
  return (type, reason, message) => {
    const words = `${reason} ${message}`
    if (said.has(words) || signal.aborted) return
    said.add(words)
    const now = new Date().toISOString()
    const body = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
      type,
      reason,
      message,
      source: { component: 'process-node', host: nodeName },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    }
    api.call('POST', `/api/v1/namespaces/${namespace}/events`, { body, signal }).catch(() => {})
  }
}
