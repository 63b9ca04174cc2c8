import { createPrivateKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { AmxError } from '@amx/api'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { parse } from 'yaml'
import type { CommandIO } from '../command-io.ts'
import { type ConnectionOptions, usageError } from './connection-options.ts'
import { environmentProxy } from './environment-proxy.ts'
import { execCredential } from './exec-credential.ts'
import { keepTokens } from './keep-tokens.ts'
import { type ClusterEntry, type Kubeconfig, mergeKubeconfigs, type UserEntry } from './kubeconfig.ts'
import { kubeconfigFiles } from './kubeconfig-files.ts'
import { holds, oidcConfigOf, renewTokens } from './oidc-credential.ts'

/** The cluster a command talks to and what it signs in with. */
export interface Identity {
  readonly apiServer: URL
  readonly namespace: string
  /** Certificates, token and trust for the API server, without impersonation. */
  readonly security: RequestOptions
  /** Headers of `--as`, `--as-group` and `--as-uid`, or of the kubeconfig's `as`. */
  readonly impersonation: Readonly<Record<string, string | readonly string[]>>
}

/** Reads the kubeconfig as kubectl does and signs in. Throws AMX-4001 when it names no cluster, AMX-1068 for what cannot be signed in with. */
export async function readIdentity(options: ConnectionOptions, io: CommandIO): Promise<Identity> {
  const config = loadKubeconfig(options, io)
  if (config === null) return inClusterIdentity(options)
  const { cluster: entry, user: named, userName, namespace } = chosen(config, options)
  const cluster = withTrust(entry, options)
  const user = await withOidc(named, userName, options, io)
  const server = cluster.server
  if (!server) throw new AmxError('AMX-4001', { detail: 'the cluster of the kubeconfig has no server' })
  return {
    apiServer: withSlash(server),
    namespace: options.namespace ?? namespace ?? 'default',
    security: await securityOf(withProxy(cluster, io.env), await withCredential(user, cluster, options, io)),
    impersonation: impersonationOf(options, user),
  }
}

function loadKubeconfig(options: ConnectionOptions, io: CommandIO): Kubeconfig | null {
  const { paths, required } = kubeconfigFiles({ flag: options.kubeconfig, env: io.env, platform: process.platform })
  const present = required ? paths : paths.filter((path) => existsSync(path))
  if (present.length === 0) return null
  try {
    return mergeKubeconfigs(present.map((path) => ({ path, content: parse(readFileSync(path, 'utf8')) })))
  } catch (error) {
    throw new AmxError('AMX-4001', { detail: `the kubeconfig cannot be read: ${messageOf(error)}` }, { cause: error })
  }
}

/** A pod's own service account, where there is no kubeconfig. */
async function inClusterIdentity(options: ConnectionOptions): Promise<Identity> {
  const config = new KubeConfig()
  const inside = process.env['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(serviceAccountToken)
  if (!inside)
    throw new AmxError('AMX-4001', { detail: 'no kubeconfig was found; name one with --kubeconfig or KUBECONFIG' })
  config.loadFromCluster()
  const security: RequestOptions = {}
  await config.applyToHTTPSOptions(security)
  return {
    apiServer: withSlash(config.getCurrentCluster()?.server ?? ''),
    namespace: options.namespace ?? config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    security,
    impersonation: impersonationOf(options, {}),
  }
}

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'

interface Chosen {
  readonly cluster: ClusterEntry
  readonly user: UserEntry
  readonly userName: string | undefined
  readonly namespace: string | undefined
}

/** What the flags, or the current context, pick. Throws AMX-1013 for a name that is not there. */
function chosen(config: Kubeconfig, options: ConnectionOptions): Chosen {
  const contextName = options.context ?? config.currentContext
  const context = contextName === undefined ? {} : config.contexts.get(contextName)
  if (context === undefined) throw new AmxError('AMX-1013', { what: `context "${contextName}" of the kubeconfig` })
  const clusterName = options.cluster ?? context.cluster
  if (clusterName === undefined) {
    throw new AmxError('AMX-4001', { detail: 'the kubeconfig has no current context; name one with --context' })
  }
  const cluster = config.clusters.get(clusterName)
  if (cluster === undefined) throw new AmxError('AMX-1013', { what: `cluster "${clusterName}" of the kubeconfig` })
  const { namespace } = context
  if (options.token !== undefined) return { cluster, user: { token: options.token }, userName: undefined, namespace }
  const ownCertificate = certificateOf(options)
  if (ownCertificate !== null) return { cluster, user: ownCertificate, userName: undefined, namespace }
  const userName = options.user ?? context.user
  const user = userName === undefined ? {} : config.users.get(userName)
  if (user === undefined) throw new AmxError('AMX-1013', { what: `user "${userName}" of the kubeconfig` })
  return { cluster, user, userName, namespace }
}

/** The cluster, trusted as the flags say. Throws AMX-1014 where they say two things. */
function withTrust(cluster: ClusterEntry, options: ConnectionOptions): ClusterEntry {
  const { certificateAuthority, tlsServerName, insecureSkipTlsVerify } = options
  if (insecureSkipTlsVerify && certificateAuthority !== undefined) {
    throw usageError('--insecure-skip-tls-verify trusts any certificate, so --certificate-authority would mean nothing')
  }
  const { 'certificate-authority': file, 'certificate-authority-data': data, ...rest } = cluster
  const ownTrust = insecureSkipTlsVerify || certificateAuthority !== undefined
  return {
    ...(ownTrust ? rest : cluster),
    ...given('certificate-authority', certificateAuthority),
    ...given('tls-server-name', tlsServerName),
    ...(insecureSkipTlsVerify && { 'insecure-skip-tls-verify': true }),
  }
}

function certificateOf({ clientCertificate, clientKey }: ConnectionOptions): UserEntry | null {
  if (clientCertificate === undefined && clientKey === undefined) return null
  if (clientCertificate === undefined || clientKey === undefined) {
    throw usageError('--client-certificate and --client-key go together')
  }
  return { 'client-certificate': clientCertificate, 'client-key': clientKey }
}

/** The user of an OpenID Connect issuer with a token that holds: the one of the kubeconfig, or one the issuer gives for it. */
async function withOidc(
  user: UserEntry,
  name: string | undefined,
  options: ConnectionOptions,
  io: CommandIO,
): Promise<UserEntry> {
  const config = oidcConfigOf(user)
  if (config === null) return user
  const { 'auth-provider': _, ...rest } = user
  const idToken = config['id-token']
  if (idToken && holds(idToken, io.now())) return { ...rest, token: idToken }
  const renewed = await renewTokens(config, io.signal)
  const { paths } = kubeconfigFiles({ flag: options.kubeconfig, env: io.env, platform: process.platform })
  if (name !== undefined) keepTokens(paths, name, renewed)
  return { ...rest, token: renewed.idToken }
}

/** The user with what a plugin or a file adds; data in the kubeconfig itself goes before files, as kubectl has it. */
async function withCredential(
  user: UserEntry,
  cluster: ClusterEntry,
  options: ConnectionOptions,
  io: CommandIO,
): Promise<UserEntry> {
  if (user.tokenFile && !user.token) return { ...user, token: fileText(user.tokenFile, 'tokenFile').trim() }
  if (!user.exec || options.token !== undefined) return user
  const given = await execCredential(user.exec, withCaData(cluster), io)
  const encode = (pem: string) => Buffer.from(pem).toString('base64')
  return {
    ...user,
    exec: null,
    ...(given.token && { token: given.token }),
    ...(given.clientCertificateData && { 'client-certificate-data': encode(given.clientCertificateData) }),
    ...(given.clientKeyData && { 'client-key-data': encode(given.clientKeyData) }),
  }
}

function withCaData(cluster: ClusterEntry): ClusterEntry {
  const path = cluster['certificate-authority']
  if (path === undefined || cluster['certificate-authority-data'] !== undefined) return cluster
  const data = Buffer.from(fileText(path, 'certificate-authority')).toString('base64')
  return { ...cluster, 'certificate-authority-data': data }
}

/** The cluster with the proxy of the environment, unless the kubeconfig names one. */
function withProxy(cluster: ClusterEntry, env: CommandIO['env']): ClusterEntry {
  const proxy = cluster['proxy-url'] || environmentProxy(withSlash(cluster.server ?? ''), env)
  return { ...cluster, ...given('proxy-url', proxy) }
}

/** Trust, certificate, token and proxy as options of a request; the Kubernetes library puts them together. */
async function securityOf(cluster: ClusterEntry, user: UserEntry): Promise<RequestOptions> {
  const certificate = pem(user, 'client-certificate')
  const key = pem(user, 'client-key')
  if (certificate !== undefined) checkKey(key)
  const config = new KubeConfig()
  const security: RequestOptions = {}
  try {
    config.loadFromClusterAndUser(
      {
        name: 'c',
        server: cluster.server ?? '',
        skipTLSVerify: cluster['insecure-skip-tls-verify'] ?? false,
        ...given('caData', withCaData(cluster)['certificate-authority-data']),
        ...given('tlsServerName', cluster['tls-server-name']),
        ...given('proxyUrl', cluster['proxy-url']),
      },
      {
        name: 'u',
        ...given('certData', certificate && Buffer.from(certificate).toString('base64')),
        ...given('keyData', key && Buffer.from(key).toString('base64')),
        ...given('token', user.token),
        ...given('username', user.username),
        ...given('password', user.password),
        ...(user['auth-provider'] && { authProvider: user['auth-provider'] }),
      },
    )
    await config.applyToHTTPSOptions(security)
  } catch (error) {
    throw new AmxError('AMX-1068', { problem: messageOf(error) }, { cause: error })
  }
  return security
}

function pem(user: UserEntry, name: 'client-certificate' | 'client-key'): string | undefined {
  const data = user[`${name}-data`]
  if (data) return Buffer.from(data, 'base64').toString('utf8')
  const path = user[name]
  return path ? fileText(path, name) : undefined
}

/** Says in words what TLS would say in numbers. */
function checkKey(key: string | undefined): void {
  if (key === undefined)
    throw new AmxError('AMX-1068', { problem: 'the kubeconfig has a client-certificate without a client-key' })
  if (/ENCRYPTED/.test(key)) {
    throw new AmxError('AMX-1068', {
      problem:
        'the client-key is encrypted, and kubeconfigs have no place for its passphrase: decrypt it, or use an exec plugin',
    })
  }
  try {
    createPrivateKey(key)
  } catch (error) {
    throw new AmxError('AMX-1068', { problem: `the client-key is no private key in PEM form (${messageOf(error)})` })
  }
}

function fileText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new AmxError('AMX-1068', { problem: `${what} "${path}" cannot be read: ${messageOf(error)}` })
  }
}

function impersonationOf(options: ConnectionOptions, user: UserEntry): Identity['impersonation'] {
  const as = options.as ?? user.as
  const groups = options.asGroup ?? (options.as === undefined ? user['as-groups'] : undefined)
  const uid = options.asUid ?? (options.as === undefined ? user['as-uid'] : undefined)
  if (as === undefined && (options.asGroup ?? options.asUid) !== undefined) {
    throw usageError('--as-group and --as-uid are of a user: name one with --as')
  }
  return {
    ...(as !== undefined && { 'impersonate-user': as }),
    ...(groups !== undefined && { 'impersonate-group': groups }),
    ...(uid !== undefined && { 'impersonate-uid': uid }),
  }
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return value === undefined || value === '' ? {} : ({ [name]: value } as { [Key in Name]?: Value })
}

function withSlash(server: string): URL {
  try {
    return new URL(server.endsWith('/') ? server : `${server}/`)
  } catch (error) {
    throw new AmxError(
      'AMX-4001',
      { detail: `the server "${server}" of the kubeconfig is no address` },
      { cause: error },
    )
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
