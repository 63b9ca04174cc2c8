import type { CommandIO } from '../command-io.ts'
import { remark } from '../command-io.ts'
import { harmless } from '../output/paint.ts'
import { pluginVersion } from '../plugin-version.ts'
import { type ConnectionOptions, requestTimeoutMs } from './connection-options.ts'
import { environmentProxy } from './environment-proxy.ts'
import { readIdentity } from './identity.ts'
import { createKubernetesClient, type KubernetesClient } from './kubernetes-client.ts'
import { type ForwardTo, type Reached, reachServer } from './reach-server.ts'
import { createServerClient, type ServerClient } from './server-client.ts'
import { parseServerUrl } from './server-security.ts'
import { skewRemark } from './version-skew.ts'

/** A signed-in command's two ways out: the Kubernetes API and, once something asks for it, the AMX server. */
export interface Connection {
  readonly namespace: string
  /** Address of the API server. */
  readonly apiServer: string
  readonly kubernetes: KubernetesClient
  /** Name of the user the API server takes the caller for. */
  username(): Promise<string>
  server(): Promise<ServerClient>
  /** Address of the server for a browser of this machine; good until the connection is closed. */
  browserUrl(localPort?: number): Promise<string>
  /** Whether the server is reached through ports that this process forwards. */
  isForwarding(): boolean
  /** Ends what was opened on this machine to reach the server. */
  close(): void
}

/** Reads the kubeconfig and connects; nothing is sent yet. */
export async function connect(options: ConnectionOptions, io: CommandIO): Promise<Connection> {
  const timeoutMs = requestTimeoutMs(options)
  const identity = await readIdentity(options, io)
  const kubernetes = createKubernetesClient(identity, timeoutMs, io.signal)
  const open: Reached[] = []
  let server: Promise<ServerClient> | null = null

  async function reach(to?: ForwardTo): Promise<Reached> {
    const reached = await reachServer({ options, io, identity, kubernetes, timeoutMs }, to)
    open.push(reached)
    return reached
  }

  async function openServer(): Promise<ServerClient> {
    const { place } = await reach()
    const proxy = environmentProxy(parseServerUrl(place.url), io.env)
    return createServerClient({ place, identity, timeoutMs, signal: io.signal, proxy, onVersion: onceAboutSkew(io) })
  }

  return {
    namespace: identity.namespace,
    apiServer: identity.apiServer.origin,
    kubernetes,
    async username() {
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
      const { status } = await kubernetes.create<{ status: { userInfo: { username: string } } }>(
        'apis/authentication.k8s.io/v1/selfsubjectreviews',
        review,
      )
      return status.userInfo.username
    },
    server() {
      server ??= openServer()
      return server
    },
    async browserUrl(localPort) {
      const { place } = await reach({ visitor: 'Browser', ...(localPort !== undefined && { localPort }) })
      return place.url
    },
    isForwarding: () => open.some(({ forward }) => forward !== null),
    close() {
      for (const { forward } of open.splice(0)) forward?.close()
    },
  }
}

/** Says once, where it disturbs no program, that the server is of another version. */
function onceAboutSkew(io: CommandIO): (version: string) => void {
  let said = Boolean(io.env['AMX_NO_VERSION_CHECK'])
  return (version) => {
    if (said) return
    said = true
    const words = skewRemark(pluginVersion, version)
    if (words !== null) remark(io, harmless(words))
  }
}
