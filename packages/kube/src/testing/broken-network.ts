import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'

/** How a network behaves: it passes everything on, takes everything and gives nothing, or refuses. */
export type NetworkState = 'open' | 'black hole' | 'refusing'

/** A network between a client and a real API server that can be broken and mended. */
export interface BrokenNetwork {
  /** The client's configuration, by way of this network. */
  readonly kubeConfig: KubeConfig
  /** Changes what becomes of present and later connections. */
  become(state: NetworkState): void
  close(): Promise<void>
}

/** Puts a network on a port of the loopback interface in front of the configuration's API server. */
export async function startBrokenNetwork(behind: KubeConfig): Promise<BrokenNetwork> {
  const cluster = behind.getCurrentCluster()
  if (cluster === null) throw new Error('the configuration names no cluster')
  const target = new URL(cluster.server)
  const pairs = new Set<readonly [Socket, Socket]>()
  let state: NetworkState = 'open'

  const server = createServer((client) => {
    if (state === 'refusing') {
      client.destroy()
      return
    }
    const upstream = connect(Number(target.port), target.hostname)
    const pair = [client, upstream] as const
    pairs.add(pair)
    for (const [from, to] of [pair, [upstream, client]] as const) {
      from.on('data', (chunk: Buffer) => {
        if (state === 'open') to.write(chunk)
      })
      from.on('error', () => undefined)
      from.on('close', () => {
        to.destroy()
        pairs.delete(pair)
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  function cut(): void {
    for (const [client, upstream] of pairs) {
      client.destroy()
      upstream.destroy()
    }
  }

  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromOptions({
    clusters: [{ ...cluster, server: `https://127.0.0.1:${port}` }],
    users: behind.getUsers(),
    contexts: behind.getContexts(),
    currentContext: behind.getCurrentContext(),
  })
  return {
    kubeConfig,
    become(next) {
      // Bytes swallowed meanwhile are lost: a connection from before cannot be mended, as after a failed router.
      if (state !== 'open' || next === 'refusing') cut()
      state = next
    },
    async close() {
      cut()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
