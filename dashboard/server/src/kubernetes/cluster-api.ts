import { AmxError } from '@amx/api'
import { createTransport, KubeError, type Transport } from '@amx/kube'
import { KubeConfig } from '@kubernetes/client-node'

/** Who the API server says a caller is. */
export interface UserInfo {
  readonly username: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

export interface AccessQuestion {
  readonly verb: string
  /** @default 'amx.dev' */
  readonly group?: string
  readonly resource: string
  readonly subresource?: string
  readonly namespace: string
  readonly name?: string
}

/** A caller's own sign-in, to call the API server with. */
export interface PassedOn {
  readonly token: string
  /** Whom the caller acts as; the API server asks by itself whether they may. */
  readonly headers: Readonly<Record<string, string | string[]>>
}

/** Metadata of an object as far as the server looks at it. */
export interface ObjectMeta {
  readonly name: string
  readonly uid: string
  readonly labels: Readonly<Record<string, string>>
  readonly controller: {
    readonly apiVersion: string
    readonly kind: string
    readonly name: string
    readonly uid: string
  } | null
}

/**
 * What the server asks of the Kubernetes API. Every call throws AMX-4001 when the API server does not answer within 10 s. Answers
 * about callers are shared between requests, so none of these is ended by the client of one request.
 */
export interface ClusterApi {
  /** The user behind a token, or null when the token is not accepted for the audience. */
  reviewToken(token: string, audience: string | null): Promise<UserInfo | null>
  allowed(user: UserInfo, question: AccessQuestion): Promise<boolean>
  readPod(namespace: string, name: string): Promise<ObjectMeta | null>
  readJob(namespace: string, name: string): Promise<ObjectMeta | null>
  /** Creates a ReviewDecision with the caller's own token, so that policies and the audit log see the person. */
  createDecision(caller: PassedOn, namespace: string, body: unknown, signal: AbortSignal): Promise<unknown>
  close(): Promise<void>
}

const callTimeoutMs = 10_000

export function createClusterApi(kubeConfig: KubeConfig): ClusterApi {
  const own = createTransport(kubeConfig)

  async function post(transport: Transport, path: string, body: unknown): Promise<unknown> {
    return transport.request({ method: 'POST', path, body, timeoutMs: callTimeoutMs })
  }

  async function readMeta(path: string): Promise<ObjectMeta | null> {
    try {
      return metaOf(await own.request({ method: 'GET', path, timeoutMs: callTimeoutMs }))
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return null
      throw unreachable(error)
    }
  }

  return {
    async reviewToken(token, audience) {
      const spec = audience === null ? { token } : { token, audiences: [audience] }
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec }
      const answer = await post(own, '/apis/authentication.k8s.io/v1/tokenreviews', review).catch(rethrow)
      return userOf(answer, audience)
    },
    async allowed(user, question) {
      const resourceAttributes = { group: 'amx.dev', ...question }
      const spec = { user: user.username, uid: user.uid, groups: user.groups, extra: user.extra, resourceAttributes }
      const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }
      const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
      const answer = (await post(own, path, review).catch(rethrow)) as { status?: { allowed?: boolean } }
      return answer.status?.allowed === true
    },
    readPod: (namespace, name) => readMeta(`/api/v1/namespaces/${namespace}/pods/${name}`),
    readJob: (namespace, name) => readMeta(`/apis/batch/v1/namespaces/${namespace}/jobs/${name}`),
    async createDecision({ token, headers }, namespace, body, signal) {
      const asCaller = createTransport(configWithToken(kubeConfig, token))
      try {
        const path = `/apis/amx.dev/v1alpha1/namespaces/${namespace}/reviewdecisions`
        return await asCaller.request({ method: 'POST', path, headers, body, signal, timeoutMs: callTimeoutMs })
      } catch (error) {
        throw refusalOf(error, namespace)
      } finally {
        await asCaller.close()
      }
    },
    close: () => own.close(),
  }
}

function configWithToken(kubeConfig: KubeConfig, token: string): KubeConfig {
  const cluster = kubeConfig.getCurrentCluster()
  if (cluster === null) throw new AmxError('AMX-4001', { detail: 'the kubeconfig names no cluster' })
  const asCaller = new KubeConfig()
  asCaller.loadFromClusterAndUser(cluster, { name: 'caller', token })
  return asCaller
}

function rethrow(error: unknown): never {
  throw unreachable(error)
}

function unreachable(error: unknown): unknown {
  if (error instanceof Error && error.name === 'AbortError') return error
  return new AmxError('AMX-4001', { detail: error instanceof Error ? error.message : String(error) }, { cause: error })
}

/** The API server's refusal of an object in our words: what the person did, or what they may not do. */
function refusalOf(error: unknown, namespace: string): unknown {
  if (!(error instanceof KubeError)) return unreachable(error)
  if (error.status === 401) return new AmxError('AMX-1010', { problem: 'the cluster does not accept the token' })
  if (error.status === 403)
    return new AmxError('AMX-1012', {
      user: 'the caller',
      verb: 'create',
      resource: `reviewdecisions (${error.message})`,
      namespace,
    })
  if (error.status === 409) return new AmxError('AMX-1009', { problem: error.message })
  if (error.status >= 400 && error.status < 500) return new AmxError('AMX-1014', { problem: error.message })
  return unreachable(error)
}

function userOf(answer: unknown, audience: string | null): UserInfo | null {
  const status = (answer as { status?: { authenticated?: boolean; audiences?: string[]; user?: Partial<UserInfo> } })
    .status
  if (status?.authenticated !== true || status.user?.username === undefined) return null
  // An authenticator that does not know audiences answers without them; such a token must not pass for a worker's.
  if (audience !== null && status.audiences?.includes(audience) !== true) return null
  const { username, uid = '', groups = [], extra = {} } = status.user
  return { username, uid, groups, extra }
}

function metaOf(answer: unknown): ObjectMeta {
  const { metadata } = answer as {
    metadata: {
      name: string
      uid: string
      labels?: Record<string, string>
      ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[]
    }
  }
  const controller = metadata.ownerReferences?.find((reference) => reference.controller === true) ?? null
  return { name: metadata.name, uid: metadata.uid, labels: metadata.labels ?? {}, controller }
}
