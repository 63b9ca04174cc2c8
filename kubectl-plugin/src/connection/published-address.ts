import type { KubernetesObject } from './kubernetes-client.ts'

// Where an Ingress or an HTTPRoute of the cluster publishes a Service.

export interface Ingress extends KubernetesObject {
  readonly spec?: {
    readonly tls?: readonly { readonly hosts?: readonly string[] }[]
    readonly rules?: readonly {
      readonly host?: string
      readonly http?: {
        readonly paths?: readonly {
          readonly path?: string
          readonly backend?: { readonly service?: { readonly name?: string } }
        }[]
      }
    }[]
  }
}

export interface HttpRoute extends KubernetesObject {
  readonly spec?: {
    readonly hostnames?: readonly string[]
    readonly parentRefs?: readonly {
      readonly kind?: string
      readonly name: string
      readonly namespace?: string
      readonly sectionName?: string
    }[]
    readonly rules?: readonly {
      readonly backendRefs?: readonly { readonly kind?: string; readonly name?: string }[]
      readonly matches?: readonly { readonly path?: { readonly value?: string } }[]
    }[]
  }
}

export interface Gateway extends KubernetesObject {
  readonly spec?: {
    readonly listeners?: readonly {
      readonly name: string
      readonly protocol: string
      readonly port: number
      readonly hostname?: string
    }[]
  }
}

/** Address of the Service behind an Ingress, by TLS alone: a token goes over nothing else. Null when there is none. */
export function ingressAddress(ingresses: readonly Ingress[], service: string): string | null {
  for (const { spec } of ingresses) {
    const secured = (spec?.tls ?? []).flatMap(({ hosts }) => hosts ?? [])
    for (const { host, http } of spec?.rules ?? []) {
      const path = http?.paths?.find(({ backend }) => backend?.service?.name === service)
      if (path === undefined || host === undefined || host.startsWith('*')) continue
      if (secured.some((pattern) => covers(pattern, host))) return `https://${host}${plainPath(path.path)}`
    }
  }
  return null
}

/** Address of the Service behind an HTTPRoute whose Gateway listens with TLS; null when there is none. */
export function routeAddress(
  routes: readonly HttpRoute[],
  gateways: readonly Gateway[],
  service: string,
): string | null {
  for (const { metadata, spec } of routes) {
    const rule = spec?.rules?.find(({ backendRefs }) => backendRefs?.some(({ name }) => name === service))
    const host = spec?.hostnames?.find((name) => !name.startsWith('*'))
    if (rule === undefined || host === undefined) continue
    for (const parent of spec?.parentRefs ?? []) {
      const gateway = gateways.find(
        (one) =>
          one.metadata.name === parent.name && one.metadata.namespace === (parent.namespace ?? metadata.namespace),
      )
      const listener = gateway?.spec?.listeners?.find(
        ({ name, protocol, hostname }) =>
          protocol === 'HTTPS' &&
          (parent.sectionName === undefined || parent.sectionName === name) &&
          (hostname === undefined || covers(hostname, host)),
      )
      if (listener === undefined) continue
      const port = listener.port === 443 ? '' : `:${listener.port}`
      return `https://${host}${port}${plainPath(rule.matches?.[0]?.path?.value)}`
    }
  }
  return null
}

function covers(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host
  return host.slice(host.indexOf('.')) === pattern.slice(1)
}

/** The path of a rule as the start of an address; patterns such as `/amx(/|$)(.*)` are cut where they begin. */
function plainPath(path = '/'): string {
  return path.replace(/[(*].*$/, '').replace(/\/*$/, '/')
}
