import { deletePod } from './delete-pod.ts'
import { isGone, type KubeApi } from './kube-api.ts'
import { disruption, timeText, withTransitionTimes } from './pod-status.ts'
import type { ContainerStatus, Pod, PodStatus } from './pod-types.ts'
import { statusPatch } from './status-writer.ts'

/** Whether a pod has come to its end. */
export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Whether an earlier agent had taken the pod up; its processes ended with that agent. */
export function wasTakenUp(pod: Pod): boolean {
  return pod.status?.startTime !== undefined
}

/** The last status of a pod whose processes ended with the agent that ran them. */
export function lostPodStatus(pod: Pod, nowMs: number): PodStatus {
  const lose = (status: ContainerStatus): ContainerStatus => {
    if (status.state.terminated !== undefined) return { ...status, ready: false }
    return {
      ...status,
      ready: false,
      started: false,
      state: {
        terminated: {
          exitCode: 137,
          reason: 'ContainerStatusUnknown',
          message: 'The process node ended while this container was running, and the container with it.',
          ...(status.state.running === undefined ? {} : { startedAt: status.state.running.startedAt }),
          finishedAt: timeText(nowMs),
          ...(status.containerID === undefined ? {} : { containerID: status.containerID }),
        },
      },
    }
  }
  const before = pod.status ?? {}
  const conditions = (before.conditions ?? []).map((condition) =>
    ['Ready', 'ContainersReady', 'PodReadyToStartContainers'].includes(condition.type)
      ? { type: condition.type, status: 'False' as const, reason: 'PodFailed' }
      : condition,
  )
  const status: PodStatus = {
    ...before,
    phase: 'Failed',
    reason: 'NodeLost',
    message: 'The process node ended while this pod was running.',
    conditions: [...conditions.filter(({ type }) => type !== disruption.type), disruption],
    ...(before.containerStatuses === undefined ? {} : { containerStatuses: before.containerStatuses.map(lose) }),
  }
  return withTransitionTimes(status, before, nowMs)
}

/** Reports a lost pod as failed, and removes it where its deletion was asked for. */
export async function reportLostPod(api: KubeApi, pod: Pod, signal: AbortSignal): Promise<void> {
  const { namespace, name, uid } = pod.metadata
  try {
    await api.call('PATCH', `/api/v1/namespaces/${namespace}/pods/${name}/status`, {
      contentType: 'application/strategic-merge-patch+json',
      body: statusPatch(uid, lostPodStatus(pod, Date.now())),
      signal,
    })
  } catch (error) {
    if (isGone(error)) return
    throw error
  }
  if (pod.metadata.deletionTimestamp !== undefined) await deletePod(api, pod, signal)
}
