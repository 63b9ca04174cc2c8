import type { KubernetesObject } from './kubernetes-client.ts'

export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly targetPort?: number | string
}

export interface Service extends KubernetesObject {
  readonly spec?: { readonly selector?: Readonly<Record<string, string>>; readonly ports?: readonly ServicePort[] }
}

export interface Pod extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly deletionTimestamp?: string }
  readonly spec?: {
    readonly containers?: readonly {
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
    }[]
  }
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[]
  }
}

/** Ports of the Service by what is spoken there, as far as its ports say by name or number. */
export function portsOf({ spec }: Service): { readonly http?: ServicePort; readonly https?: ServicePort } {
  const ports = spec?.ports ?? []
  const https = ports.find(({ name, port }) => name === 'https' || port === 443)
  const http = ports.find((port) => port !== https && (port.name === 'http' || port.port === 80))
  return { ...(http && { http }), ...(https && { https }) }
}

/** The port of the pod that a port of its Service leads to; null when the pod has no port of that name. */
export function podPort(pod: Pod, { port, targetPort = port }: ServicePort): number | null {
  if (typeof targetPort === 'number') return targetPort
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? [])
  return ports.find(({ name }) => name === targetPort)?.containerPort ?? null
}

/** Whether the pod can be asked now. */
export function isReady({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') === true
  return ready && metadata.deletionTimestamp === undefined
}

/** Why no pod can be asked, in words. */
export function notReadyBecause(pods: readonly Pod[]): string {
  if (pods.length === 0) return 'there is no pod'
  return pods
    .map(({ metadata, status }) => {
      const why = status?.conditions?.find(({ type, status: holds }) => type === 'Ready' && holds !== 'True')?.message
      return `${metadata.name} is ${status?.phase ?? 'not begun'}${why ? ` (${why})` : ''}`
    })
    .join(', ')
}
