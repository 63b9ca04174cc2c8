import type { ContainerPlan, PodPlan } from './pod-state.ts'
import type { Container, Pod } from './pod-types.ts'

export interface BackOffOptions {
  initialBackOffMs: number
  maxBackOffMs: number
}

/** What the life of a pod depends on, from its spec and the node's back-off. */
export function podPlan(pod: Pod, { initialBackOffMs, maxBackOffMs }: BackOffOptions): PodPlan {
  const { spec } = pod
  return {
    restartPolicy: spec.restartPolicy ?? 'Always',
    initContainers: (spec.initContainers ?? []).map(containerPlan),
    containers: spec.containers.map(containerPlan),
    graceMs: (spec.terminationGracePeriodSeconds ?? 30) * 1_000,
    ...(spec.activeDeadlineSeconds === undefined ? {} : { activeDeadlineMs: spec.activeDeadlineSeconds * 1_000 }),
    initialBackOffMs,
    maxBackOffMs,
  }
}

function containerPlan(container: Container): ContainerPlan {
  const probeGraceSeconds =
    container.livenessProbe?.terminationGracePeriodSeconds ?? container.startupProbe?.terminationGracePeriodSeconds
  return {
    name: container.name,
    startupProbe: container.startupProbe === undefined ? 'none' : 'present',
    readinessProbe: container.readinessProbe === undefined ? 'none' : 'present',
    ...(probeGraceSeconds === undefined ? {} : { probeGraceMs: probeGraceSeconds * 1_000 }),
  }
}
