import { setTimeout as delay } from 'node:timers/promises'
import { type KubeApi, KubeApiError } from './kube-api.ts'
import { withTransitionTimes } from './pod-status.ts'
import type { Pod, PodStatus } from './pod-types.ts'

/** Writes a pod's status: always the newest, one request at a time, nothing when nothing changed. */
export interface StatusWriter {
  write(status: PodStatus): void
  /** Resolves when what was given last is written, or cannot be because the pod or the agent is gone. */
  settled(): Promise<void>
}

export function openStatusWriter(api: KubeApi, pod: Pod, signal: AbortSignal): StatusWriter {
  const { namespace, name, uid } = pod.metadata
  let known = pod.status
  let wanted: PodStatus | undefined
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    let pauseMs = 100
    while (wanted !== undefined && !signal.aborted) {
      const status = withTransitionTimes(wanted, known, Date.now())
      wanted = undefined
      if (JSON.stringify(status) === JSON.stringify(known)) continue
      try {
        await api.call('PATCH', `/api/v1/namespaces/${namespace}/pods/${name}/status`, {
          contentType: 'application/strategic-merge-patch+json',
          body: statusPatch(uid, status),
          signal,
        })
        known = status
        pauseMs = 100
      } catch (error) {
        // The pod is gone, or another one has its name by now.
        if (error instanceof KubeApiError && (error.status === 404 || error.status === 409)) return
        wanted ??= status
        await delay(pauseMs, undefined, { signal }).catch(() => {})
        pauseMs = Math.min(5_000, pauseMs * 2)
      }
    }
  }

  return {
    write(status) {
      wanted = status
      running ??= run().finally(() => {
        running = undefined
      })
    },
    async settled() {
      while (running !== undefined) await running
    },
  }
}

/** A strategic merge patch; a reason or message that a condition no longer has is removed by a null. */
export function statusPatch(uid: string, status: PodStatus): object {
  const conditions = (status.conditions ?? []).map((condition) => ({ reason: null, message: null, ...condition }))
  return { metadata: { uid }, status: { ...status, conditions } }
}
