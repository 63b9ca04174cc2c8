import type { RequestOptions } from 'node:https'
import { AmxError } from '@amx/api'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { CommandIO } from '../command-io.ts'
import type { ConnectionOptions } from './connection-options.ts'

/** The cluster a command talks to and what it signs in with. */
export interface Identity {
  readonly apiServer: URL
  readonly namespace: string
  /** Certificates, token and trust for the API server, without impersonation. */
  readonly security: RequestOptions
  /** Headers of `--as` and `--as-group`. */
  readonly impersonation: Readonly<Record<string, string | readonly string[]>>
}

// What the library takes when it finds no kubeconfig; nothing has listened there for years.
const fallbackServer = 'http://localhost:8080'

/** Reads the kubeconfig as kubectl does. Throws AMX-4001 when it names no cluster. */
export async function readIdentity(options: ConnectionOptions, io: CommandIO): Promise<Identity> {
  const config = loadKubeConfig(options, io)
  const cluster = config.getCurrentCluster()
  if (cluster === null) {
    throw new AmxError('AMX-4001', {
      detail: `the kubeconfig names no cluster for context "${config.getCurrentContext()}"`,
    })
  }
  if (cluster.server === fallbackServer) {
    throw new AmxError('AMX-4001', { detail: 'no kubeconfig was found; name one with --kubeconfig or KUBECONFIG' })
  }
  const context = config.getContextObject(config.getCurrentContext())
  const security: RequestOptions = {}
  try {
    await config.applyToHTTPSOptions(security)
  } catch (error) {
    throw new AmxError('AMX-1010', { problem: `signing in failed: ${messageOf(error)}` }, { cause: error })
  }
  return {
    apiServer: new URL(cluster.server.endsWith('/') ? cluster.server : `${cluster.server}/`),
    namespace: options.namespace ?? context?.namespace ?? 'default',
    security,
    impersonation: {
      ...(options.as !== undefined && { 'impersonate-user': options.as }),
      ...(options.asGroup !== undefined && { 'impersonate-group': options.asGroup }),
    },
  }
}

function loadKubeConfig(options: ConnectionOptions, io: CommandIO): KubeConfig {
  const config = new KubeConfig()
  try {
    if (options.kubeconfig !== undefined) config.loadFromFile(options.kubeconfig)
    else if (io.env['KUBECONFIG']) loadMerged(config, io.env['KUBECONFIG'])
    else config.loadFromDefault()
  } catch (error) {
    throw new AmxError('AMX-4001', { detail: `the kubeconfig cannot be read: ${messageOf(error)}` }, { cause: error })
  }
  if (options.context !== undefined) {
    if (config.getContextObject(options.context) === null) {
      throw new AmxError('AMX-1013', { what: `context "${options.context}" of the kubeconfig` })
    }
    config.setCurrentContext(options.context)
  }
  return options.cluster === undefined && options.user === undefined && options.token === undefined
    ? config
    : withOverrides(config, options)
}

function loadMerged(config: KubeConfig, paths: string): void {
  const [first = '', ...more] = paths.split(process.platform === 'win32' ? ';' : ':').filter(Boolean)
  config.loadFromFile(first)
  for (const path of more) {
    const next = new KubeConfig()
    next.loadFromFile(path)
    config.mergeConfig(next, true)
  }
}

function withOverrides(config: KubeConfig, options: ConnectionOptions): KubeConfig {
  const cluster = options.cluster === undefined ? config.getCurrentCluster() : config.getCluster(options.cluster)
  const user = options.user === undefined ? config.getCurrentUser() : config.getUser(options.user)
  if (cluster === null) throw new AmxError('AMX-1013', { what: `cluster "${options.cluster ?? ''}" of the kubeconfig` })
  if (user === null && options.token === undefined) {
    throw new AmxError('AMX-1013', { what: `user "${options.user ?? ''}" of the kubeconfig` })
  }
  const { namespace } = config.getContextObject(config.getCurrentContext()) ?? {}
  const signedIn = options.token !== undefined ? { name: 'token', token: options.token } : (user ?? { name: 'nobody' })
  const overridden = new KubeConfig()
  overridden.loadFromOptions({
    clusters: [cluster],
    users: [signedIn],
    contexts: [{ name: 'overridden', cluster: cluster.name, user: signedIn.name, ...(namespace && { namespace }) }],
    currentContext: 'overridden',
  })
  return overridden
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
