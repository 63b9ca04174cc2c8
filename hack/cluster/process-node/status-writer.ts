import { setTimeout as delay } from 'node:timers/promises'
import { isGone, isInvalid, type KubeApi } from './kube-api.ts'
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
  let running: Promise<void> = Promise.resolve()
  let activity: 'idle' | 'writing' = 'idle'

  async function run(): Promise<void> {
    let pauseMs = 100
    activity = 'writing'
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
        // A pod that is gone needs no status, and one the API server finds invalid does not get better by repeating it.
        if (isGone(error) || isInvalid(error)) continue
        wanted ??= status
        await delay(pauseMs, undefined, { signal }).catch(() => {})
        pauseMs = Math.min(5_000, pauseMs * 2)
      }
    }
    activity = 'idle'
  }

  return {
    write(status) {
      wanted = status
      if (activity === 'idle') running = run()
    },
    async settled() {
      while (activity === 'writing') await running
    },
  }
}

/** A strategic merge patch; a reason or message that a condition no longer has is removed by a null. */
export function statusPatch(uid: string, status: PodStatus): object {
  const conditions = (status.conditions ?? []).map((condition) => ({ reason: null, message: null, ...condition }))
  return { metadata: { uid }, status: { ...status, conditions } }
}
