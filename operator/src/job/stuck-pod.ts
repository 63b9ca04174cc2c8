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
    const secrets = secretNames(pod)
    // A missing Secret leaves no trace in the pod's status, only in its events: name what it waits for.
    const needs = secrets.length === 0 ? '' : `; it mounts Secret ${secrets.map((name) => `"${name}"`).join(', ')}`
    const seconds = Math.round(ageMs / 10_000) * 10
    return {
      reason: 'ContainerCreating',
      message: `not started for ${seconds} s${needs}; \`kubectl describe pod ${metadata.name}\` shows why`,
    }
  }
  return null
}

function secretNames({ spec }: PodObject): string[] {
  const names = (spec?.volumes ?? [])
    .flatMap(({ projected }) => projected?.sources ?? [])
    .map(({ secret }) => secret?.name)
  return [...new Set(names.filter((name) => name !== undefined))]
}
