import { podIp } from './pod-status.ts'
import type { Container, FieldRef, Pod, ResourceFieldRef } from './pod-types.ts'

/** What the process node says it has, for containers without limits. */
export const nodeCapacity = { cpu: '256', memory: '1Ti', 'ephemeral-storage': '1Ti', pods: '500' } as const

/** The value of a pod's field, as text. Throws for a field that Kubernetes does not give to containers. */
export function fieldValue(pod: Pod, { fieldPath }: FieldRef): string {
  const { metadata, spec } = pod
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath)
  if (subscript !== null) {
    const values = subscript[1] === 'labels' ? metadata.labels : metadata.annotations
    return values?.[subscript[2] ?? ''] ?? ''
  }
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace
    case 'metadata.uid':
      return metadata.uid
    case 'metadata.labels':
      return quotedLines(metadata.labels)
    case 'metadata.annotations':
      return quotedLines(metadata.annotations)
    case 'spec.nodeName':
      return spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? 'default'
    case 'status.podIP':
    case 'status.podIPs':
    case 'status.hostIP':
    case 'status.hostIPs':
      return podIp
    default:
      throw new Error(`unsupported fieldPath: ${fieldPath}`)
  }
}

function quotedLines(values: Record<string, string> | undefined): string {
  return Object.entries(values ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')
}

/** A container's request or limit in units of the divisor, rounded up; what the node has stands for a limit not given. */
export function resourceValue(pod: Pod, self: Container | undefined, ref: ResourceFieldRef): string {
  const container = ref.containerName
    ? [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(({ name }) => name === ref.containerName)
    : self
  if (container === undefined) throw new Error(`container ${ref.containerName ?? ''} not found`)
  const [kind, ...rest] = ref.resource.split('.')
  const resource = rest.join('.')
  if (kind !== 'limits' && kind !== 'requests') throw new Error(`unsupported container resource: ${ref.resource}`)
  const given = container.resources?.[kind]?.[resource]
  const amount =
    given ?? (kind === 'limits' ? Object.entries(nodeCapacity).find(([key]) => key === resource)?.[1] : '0')
  const divisor = ref.divisor === undefined || ref.divisor === '0' ? '1' : ref.divisor
  return String(Math.ceil(quantity(amount ?? '0') / quantity(divisor)))
}

const suffixes: Record<string, number> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** A Kubernetes quantity as a number. Throws for a text that is none. */
export function quantity(text: string): number {
  const parts = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(text)
  const factor = suffixes[parts?.[2] ?? '']
  if (parts === null || factor === undefined) throw new Error(`not a quantity: ${text}`)
  return Number(parts[1]) * factor
}
