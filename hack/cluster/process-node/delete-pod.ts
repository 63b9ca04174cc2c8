import { setTimeout as delay } from 'node:timers/promises'
import { isGone, type KubeApi } from './kube-api.ts'
import type { Pod } from './pod-types.ts'

/**
 * Removes the object of a pod that has ended; one that is gone or was replaced is left as it is. Tries until the signal.
 */
export async function deletePod(api: KubeApi, pod: Pod, signal: AbortSignal): Promise<void> {
  const { namespace, name, uid } = pod.metadata
  while (!signal.aborted) {
    try {
      await api.call('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, {
        body: { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid } },
        signal,
      })
      return
    } catch (error) {
      if (isGone(error)) return
      await delay(500, undefined, { signal }).catch(() => {})
    }
  }
}
