import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openConfigObjects } from './config-objects.ts'
import type { ImageCommands } from './image-command.ts'
import { openKubeApi } from './kube-api.ts'
import { startLogServer } from './log-server.ts'
import { keepNodeAlive, type NodeTaint, registerNode, reportNode } from './node-object.ts'
import { startPods } from './node-pods.ts'
import { openProcessLedger } from './process-ledger.ts'

export type { ImageCommands } from './image-command.ts'
export type { NodeTaint } from './node-object.ts'

export interface ProcessNodeOptions {
  kubeconfigPath: string
  /** @default 'process-node' */
  nodeName?: string
  /** Image names (tags do not count) and the commands that stand for them. */
  images: ImageCommands
  /** Where volumes, logs and the list of running processes are kept; one agent at a time uses it. */
  folder: string
  /** The working directory of containers. */
  checkout: string
  /** Ends the node like `stop()` when it fires. */
  signal?: AbortSignal
  labels?: Readonly<Record<string, string>>
  taints?: readonly NodeTaint[]
  /** The wait before the second restart of a container; each further one is twice as long. @default 10_000 */
  restartBackOffMs?: number
  /** The longest wait before a restart. @default 300_000 */
  maxRestartBackOffMs?: number
  /** The longest time that containers have to end when the node stops. @default 5_000 */
  shutdownGraceMs?: number
  /** With it, logs are given only to clients with a certificate of this authority. */
  kubeletClientCaPem?: string
}

export interface ProcessNode {
  nodeName: string
  /** Where the logs are served. */
  port: number
  /** Ends all containers (SIGTERM, then SIGKILL), reports them, says that the node is not ready. Never rejects. */
  stop(): Promise<void>
}

/**
 * Starts a node that runs containers as processes of this machine; resolves when the scheduler can use it. For
 * development and tests: no isolation of any kind. Throws when the API server cannot be reached or refuses.
 */
export async function startProcessNode(options: ProcessNodeOptions): Promise<ProcessNode> {
  const { folder, nodeName = 'process-node', shutdownGraceMs = 5_000 } = options
  options.signal?.throwIfAborted()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const api = await openKubeApi(options.kubeconfigPath)
  const ledger = await openProcessLedger(join(folder, 'processes'))
  await rm(join(folder, 'pods'), { recursive: true, force: true })
  const watching = new AbortController()
  const working = new AbortController()
  const pods = startPods({
    api,
    nodeName,
    folder,
    context: {
      objects: openConfigObjects(api, working.signal),
      ledger,
      images: options.images,
      checkout: options.checkout,
      backOff: {
        initialBackOffMs: options.restartBackOffMs ?? 10_000,
        maxBackOffMs: options.maxRestartBackOffMs ?? 300_000,
      },
    },
    watchSignal: watching.signal,
    signal: working.signal,
  })
  const server = await startLogServer({
    findLog: pods.findLog,
    notForwardedBecause: pods.notForwardedBecause,
    ...(options.kubeletClientCaPem === undefined ? {} : { clientCaPem: options.kubeletClientCaPem }),
  })
  let stopping: Promise<void> | undefined

  async function end(): Promise<void> {
    watching.abort()
    const patience = new AbortController()
    const reported = (async () => {
      await pods.shutDown(shutdownGraceMs)
      await reportNode(api, { name: nodeName, port: server.port }, 'stopped', working.signal)
    })().catch(() => {})
    // An API server that is gone must not keep the node from stopping.
    await Promise.race([
      reported,
      delay(shutdownGraceMs + 5_000, undefined, { signal: patience.signal }).catch(() => {}),
    ])
    patience.abort()
    working.abort()
    await server.close()
    ledger.close()
    api.close()
  }

  function stop(): Promise<void> {
    stopping ??= end()
    return stopping
  }

  try {
    const node = {
      name: nodeName,
      port: server.port,
      labels: options.labels ?? {},
      taints: options.taints ?? [],
    }
    await registerNode(api, node, options.signal ?? working.signal)
    await pods.listed
  } catch (error) {
    await stop()
    throw error
  }
  void keepNodeAlive(api, nodeName, watching.signal)
  options.signal?.addEventListener('abort', () => void stop(), { once: true })
  return { nodeName, port: server.port, stop }
}
