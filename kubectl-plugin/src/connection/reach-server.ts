import { AmxError, serverUrlAnnotation, toAmxError } from '@amx/api'
import type { CommandIO } from '../command-io.ts'
import type { ConnectionOptions } from './connection-options.ts'
import type { Forward } from './forward.ts'
import type { Identity } from './identity.ts'
import type { KubernetesClient } from './kubernetes-client.ts'
import { isReady, notReadyBecause, type Pod, podPort, portsOf, type Service } from './pod-port.ts'
import { type Gateway, type HttpRoute, type Ingress, ingressAddress, routeAddress } from './published-address.ts'
import type { ServerPlace } from './server-security.ts'

const serverService = 'amx-server'

/** The namespace that AMX itself is in. */
export function systemNamespace(io: CommandIO): string {
  return io.env['AMX_SYSTEM_NAMESPACE'] || 'amx-system'
}

export interface Reach {
  readonly options: ConnectionOptions
  readonly io: CommandIO
  readonly identity: Identity
  readonly kubernetes: KubernetesClient
  readonly timeoutMs: number
}

/** A server that was found, and what has to stay open to talk to it. */
export interface Reached {
  readonly place: ServerPlace
  /** null where the server has an address of its own. */
  readonly forward: Forward | null
}

/** What the caller at the other end of a forwarded port is. */
export interface ForwardTo {
  /** `Program` signs in itself, by TLS where the server has it; a `Browser` meets plain HTTP, which stays on this machine. */
  readonly visitor: 'Program' | 'Browser'
  readonly localPort?: number
}

/**
 * Finds the server: `--server`, AMX_SERVER, the address on its Service, an Ingress or HTTPRoute with TLS in front of it, else a port
 * forwarded to one of its pods. Throws AMX-4006, AMX-4020, AMX-4021 or AMX-4023 where there is no way.
 */
export async function reachServer(reach: Reach, to: ForwardTo = { visitor: 'Program' }): Promise<Reached> {
  const { options, io, kubernetes } = reach
  if (options.server) return published(options.server, 'as --server says')
  if (io.env['AMX_SERVER']) return published(io.env['AMX_SERVER'], 'as AMX_SERVER says')
  const namespace = systemNamespace(io)
  const service = await find<Service>(kubernetes, namespace, `services/${serverService}`)
  const annotated = service.metadata.annotations?.[serverUrlAnnotation]
  if (annotated) return published(annotated, `as Service ${serverService} says`)
  const address = signsWithToken(reach.identity) ? await publishedAddress(kubernetes, namespace) : null
  if (address !== null) return published(address.url, address.found)
  return forwarded(reach, service, namespace, to)
}

/** Reads what leads to the server. Throws AMX-4023 for who may not, and AMX-4006. */
async function find<Found>(kubernetes: KubernetesClient, namespace: string, path: string): Promise<Found> {
  try {
    return await kubernetes.get<Found>(`api/v1/namespaces/${namespace}/${path}`)
  } catch (thrown) {
    const { code, message } = toAmxError(thrown)
    if (code === 'AMX-1012') throw new AmxError('AMX-4023', { namespace, detail: message }, { cause: thrown })
    const detail = `Service ${serverService} in ${namespace} cannot be read (${message}); name the server with --server`
    throw new AmxError('AMX-4006', { detail }, { cause: thrown })
  }
}

function published(url: string, found: string): Reached {
  return { place: { url, found }, forward: null }
}

/** Whoever ends TLS in front of the server does not hand it the certificate of the client. */
function signsWithToken({ security }: Identity): boolean {
  return security.headers !== undefined && 'Authorization' in security.headers
}

async function publishedAddress(kubernetes: KubernetesClient, namespace: string) {
  // Who may not list them, or has no Gateway API, goes on to the next way.
  const list = <Item>(path: string) =>
    kubernetes.get<{ items: readonly Item[] }>(path).then(
      ({ items }) => items,
      () => [],
    )
  const gatewayApi = 'apis/gateway.networking.k8s.io/v1'
  const ingresses = await list<Ingress>(`apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`)
  const behindIngress = ingressAddress(ingresses, serverService)
  if (behindIngress !== null) return { url: behindIngress, found: 'through an Ingress' }
  const routes = await list<HttpRoute>(`${gatewayApi}/namespaces/${namespace}/httproutes`)
  if (routes.length === 0) return null
  const behindRoute = routeAddress(routes, await list<Gateway>(`${gatewayApi}/gateways`), serverService)
  return behindRoute === null ? null : { url: behindRoute, found: 'through an HTTPRoute' }
}

async function forwarded(reach: Reach, service: Service, namespace: string, to: ForwardTo): Promise<Reached> {
  const { identity, io, kubernetes, timeoutMs } = reach
  const { http, https } = portsOf(service)
  const servicePort = to.visitor === 'Browser' ? (http ?? https) : (https ?? http)
  if (servicePort === undefined) {
    throw new AmxError('AMX-4006', {
      detail: `Service ${serverService} in ${namespace} has no port named http or https`,
    })
  }
  if (
    to.visitor === 'Program' &&
    servicePort === http &&
    identity.security.cert !== undefined &&
    !signsWithToken(identity)
  ) {
    throw new AmxError('AMX-4006', {
      detail: `Service ${serverService} in ${namespace} has no port named https, and your kubeconfig signs in with a certificate, which takes TLS`,
    })
  }
  const selector = Object.entries(service.spec?.selector ?? {}).map(([name, value]) => `${name}=${value}`)
  const query = new URLSearchParams({ labelSelector: selector.join(',') })
  const { items } = await find<{ items: readonly Pod[] }>(kubernetes, namespace, `pods?${query}`)
  const pod = items.find(isReady)
  const port = pod === undefined ? null : podPort(pod, servicePort)
  if (pod === undefined || port === null) {
    const detail =
      pod === undefined ? notReadyBecause(items) : `${pod.metadata.name} has no port "${servicePort.targetPort}"`
    throw new AmxError('AMX-4021', { service: serverService, namespace, detail })
  }
  // Loaded only here: whoever has an address needs none of it.
  const { openForward } = await import('./forward.ts')
  const forward = await openForward({
    identity,
    namespace,
    pod: pod.metadata.name,
    port,
    timeoutMs,
    signal: io.signal,
    ...(to.localPort !== undefined && { localPort: to.localPort }),
  })
  const scheme = servicePort === https ? 'https' : 'http'
  const place = {
    url: `${scheme}://127.0.0.1:${forward.localPort}`,
    servername: `${serverService}.${namespace}.svc`,
    found: `through a port forwarded to pod ${pod.metadata.name}`,
    problem: forward.lastProblem,
  }
  return { place, forward }
}
