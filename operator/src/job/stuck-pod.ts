import type { PodObject } from '../cluster/resources.ts'

// A pod that is only slow to start gets this long before anybody is told.
const startGraceMs = 30_000

const waitingForPerson = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'ErrImagePull',
  'ErrImageNeverPull',
  'ImagePullBackOff',
  'ImageInspectError',
  'InvalidImageName',
  'RunContainerError',
])

/** Why a pod cannot start, in the words of the kubelet or the scheduler; null for one that can, or is merely starting. */
export function stuckReason(pod: PodObject, nowMs: number): { reason: string; message: string } | null {
  const { metadata, status } = pod
  if (metadata.deletionTimestamp !== undefined || (status?.phase ?? 'Pending') !== 'Pending') return null

  for (const container of status?.containerStatuses ?? []) {
    const waiting = container.state?.waiting
    if (waiting?.reason !== undefined && waitingForPerson.has(waiting.reason)) {
      return { reason: waiting.reason, message: waiting.message ?? 'the kubelet gives no detail' }
    }
  }
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status === 'False') {
    return { reason: scheduled.reason ?? 'Unschedulable', message: scheduled.message ?? 'no node takes the pod' }
  }
  const ageMs = nowMs - Date.parse(metadata.creationTimestamp ?? '')
  if (scheduled?.status === 'True' && ageMs > startGraceMs) {
    const needed = mountedNames(pod)
    // A missing object leaves no trace in the pod's status, only in its events: name what it waits for.
    const needs = needed.length === 0 ? '' : `; it mounts ${needed.join(', ')}`
    const seconds = Math.round(ageMs / 10_000) * 10
    return {
      reason: 'ContainerCreating',
      message: `not started for ${seconds} s${needs}; \`kubectl describe pod ${metadata.name}\` shows why`,
    }
  }
  return null
}

/** What a pod mounts and cannot start without, such as `Secret "reader"`. */
function mountedNames({ spec }: PodObject): string[] {
  const names = (spec?.volumes ?? []).flatMap(({ projected, configMap, persistentVolumeClaim }) => [
    ...(projected?.sources ?? []).flatMap(({ secret }) => named('Secret', secret?.name)),
    ...named('ConfigMap', configMap?.name),
    ...named('PersistentVolumeClaim', persistentVolumeClaim?.claimName),
  ])
  return [...new Set(names)]
}

function named(kind: string, name: string | undefined): string[] {
  return name === undefined ? [] : [`${kind} "${name}"`]
}
