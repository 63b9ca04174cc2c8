import { createHash } from 'node:crypto'
import type { RequestOptions as HttpsOptions } from 'node:https'
import { type Cluster, KubeConfig, type RequestContext } from '@kubernetes/client-node'
import { Agent, type buildConnector, type Dispatcher, ProxyAgent } from 'undici'

/** Where and as whom a call is made: the dispatcher that holds the connections, and the headers that carry identity. */
export interface Connection {
  readonly server: string
  readonly dispatcher: Dispatcher
  readonly headers: Readonly<Record<string, string>>
}

/** Calls and watches have connections of their own: a watch keeps one for minutes and must not use up the calls'. */
export type ConnectionUse = 'calls' | 'watches'

const callConnections = 16
const connectTimeoutMs = 10_000
const socketKeepAliveMs = 30_000

// Below the idle limits of API servers (90 s) and load balancers (60 s and more): a call must not meet a connection they are closing.
const idleConnectionMs = 30_000

type AgentOptions = Parameters<KubeConfig['createDispatcherOptions']>[1]

interface Memoised {
  readonly key: string
  readonly dispatchers: Record<ConnectionUse, Dispatcher>
}

/**
 * A KubeConfig whose dispatcher lives as long as its credentials do. client-node makes a new one, and so a new TLS
 * connection, for every call; here connections are kept and shared, at most 16 for calls, and the old ones are closed
 * once what they were opened with (CA, certificate, key, proxy, server name) has changed. Tokens are read fresh.
 */
export class MemoisedKubeConfig extends KubeConfig {
  #memoised: Memoised | undefined
  #isClosed = false
  readonly #retired = new Set<Promise<void>>()

  /** A copy of another configuration, with connections of its own. */
  static from(other: KubeConfig): MemoisedKubeConfig {
    const config = new MemoisedKubeConfig()
    config.loadFromOptions({
      clusters: other.getClusters(),
      users: other.getUsers(),
      contexts: other.getContexts(),
      currentContext: other.getCurrentContext(),
    })
    return config
  }

  /** The connection for the current context; throws when it names no cluster its credentials cannot be read, or after close. */
  async connection(use: ConnectionUse): Promise<Connection> {
    if (this.#isClosed) throw new Error('the connections to the API server are closed')
    const cluster = this.getCurrentCluster()
    if (cluster === null) throw new Error('the kubeconfig names no current cluster')
    const options: HttpsOptions = {}
    await this.applyToHTTPSOptions(options)
    const { agent, auth, headers, ...agentOptions } = options
    const dispatcher = this.#dispatchers(cluster, agentOptions as AgentOptions)[use]
    return { server: cluster.server.replace(/\/+$/, ''), dispatcher, headers: identityHeaders(headers, auth) }
  }

  /** Gives client-node's own API objects the shared dispatcher. */
  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    const { dispatcher, headers } = await this.connection('calls')
    for (const [name, value] of Object.entries(headers)) context.setHeaderParam(name, value)
    context.setDispatcher(dispatcher)
  }

  /** Closes every connection for good; calls under way fail, as do later ones. */
  async close(): Promise<void> {
    this.#isClosed = true
    const current = this.#memoised
    this.#memoised = undefined
    if (current !== undefined) {
      await Promise.allSettled(Object.values(current.dispatchers).map((dispatcher) => dispatcher.destroy()))
    }
    await Promise.allSettled(this.#retired)
  }

  #dispatchers(cluster: Cluster, agentOptions: AgentOptions): Record<ConnectionUse, Dispatcher> {
    const key = credentialsKey(cluster, agentOptions)
    if (this.#memoised?.key === key) return this.#memoised.dispatchers
    const previous = this.#memoised
    const dispatchers = {
      calls: this.#newDispatcher(cluster, agentOptions, callConnections),
      watches: this.#newDispatcher(cluster, agentOptions, null),
    }
    this.#memoised = { key, dispatchers }
    if (previous !== undefined) this.#retire(previous)
    return dispatchers
  }

  // close() lets calls that are under way finish. A watch lasts minutes, which is soon enough for it to follow.
  #retire(previous: Memoised): void {
    for (const dispatcher of Object.values(previous.dispatchers)) {
      const closed: Promise<void> = dispatcher
        .close()
        .catch(() => undefined)
        .finally(() => this.#retired.delete(closed))
      this.#retired.add(closed)
    }
  }

  #newDispatcher(cluster: Cluster, agentOptions: AgentOptions, connections: number | null): Dispatcher {
    const options = this.createDispatcherOptions(cluster, agentOptions)
    const connect = { timeout: connectTimeoutMs, keepAlive: true, keepAliveInitialDelay: socketKeepAliveMs }
    const pool = { connections, allowH2: false, keepAliveTimeout: idleConnectionMs }
    switch (options.type) {
      case 'proxy':
        return new ProxyAgent({
          uri: options.uri,
          requestTls: options.requestTls as buildConnector.BuildOptions,
          connect,
          ...pool,
        })
      case 'socks':
        // client-node's connector for SOCKS is not exported other than through the method it is private to.
        return this['createDispatcher'](cluster, agentOptions)
      case 'agent':
        return new Agent({
          connect: { ...options.connect, ...connect } as buildConnector.BuildOptions,
          connections,
          allowH2: false,
        })
      case 'none':
        return new Agent({ connect, ...pool })
    }
  }
}

function credentialsKey(cluster: Cluster, options: AgentOptions): string {
  const parts = [
    cluster.server,
    cluster.proxyUrl,
    options.ca,
    options.cert,
    options.key,
    options.pfx,
    options.passphrase,
    options.servername,
    options.rejectUnauthorized,
  ]
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part === undefined ? '-' : String(part).length}:${String(part)};`)
  return hash.digest('hex')
}

function identityHeaders(headers: HttpsOptions['headers'], auth: string | null | undefined): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers ?? {})) {
    // A token file may end in a newline, which a header may not.
    if (value !== undefined) result[name] = String(value).trim()
  }
  if (auth !== undefined && auth !== null) result['Authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`
  return result
}
