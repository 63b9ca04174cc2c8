import { AmxError, serverUrlAnnotation } from '@amx/api'
import type { CommandIO } from '../command-io.ts'
import { type ConnectionOptions, requestTimeoutMs } from './connection-options.ts'
import { readIdentity } from './identity.ts'
import { createKubernetesClient, type KubernetesClient, type KubernetesObject } from './kubernetes-client.ts'
import { createServerClient, type ServerClient } from './server-client.ts'

const systemNamespace = 'amx-system'
const serverService = 'amx-server'

/** A signed-in command's two ways out: the Kubernetes API and, once something asks for it, the AMX server. */
export interface Connection {
  readonly namespace: string
  readonly kubernetes: KubernetesClient
  /** Name of the user the API server takes the caller for. */
  username(): Promise<string>
  server(): Promise<ServerClient>
}

/** Reads the kubeconfig and connects; nothing is sent yet. */
export async function connect(options: ConnectionOptions, io: CommandIO): Promise<Connection> {
  const timeoutMs = requestTimeoutMs(options)
  const identity = await readIdentity(options, io)
  const kubernetes = createKubernetesClient(identity, timeoutMs, io.signal)
  let server: ServerClient | null = null
  return {
    namespace: identity.namespace,
    kubernetes,
    async username() {
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
      const { status } = await kubernetes.create<{ status: { userInfo: { username: string } } }>(
        'apis/authentication.k8s.io/v1/selfsubjectreviews',
        review,
      )
      return status.userInfo.username
    },
    async server() {
      if (options.as !== undefined || options.asGroup !== undefined) {
        throw new AmxError('AMX-1014', {
          problem: 'results are read as yourself: --as works for what goes through the Kubernetes API alone',
        })
      }
      server ??= createServerClient(await serverUrl(options, io, kubernetes), identity, timeoutMs, io.signal)
      return server
    },
  }
}

async function serverUrl(options: ConnectionOptions, io: CommandIO, kubernetes: KubernetesClient): Promise<string> {
  const named = options.server ?? io.env['AMX_SERVER']
  if (named) return named
  const path = `api/v1/namespaces/${systemNamespace}/services/${serverService}`
  const service = await kubernetes.get<KubernetesObject>(path).catch((error: unknown) => {
    throw new AmxError(
      'AMX-4006',
      {
        detail: `Service ${serverService} in ${systemNamespace} cannot be read (${(error as Error).message}); name the server with --server`,
      },
      { cause: error },
    )
  })
  const url = service.metadata.annotations?.[serverUrlAnnotation]
  if (url) return url
  throw new AmxError('AMX-4006', {
    detail: `Service ${serverService} in ${systemNamespace} has no annotation ${serverUrlAnnotation}; name the server with --server`,
  })
}
