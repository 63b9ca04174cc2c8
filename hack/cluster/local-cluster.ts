import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ControlPlaneStatus, controlPlaneStatus, startControlPlane, stopControlPlane } from './control-plane.ts'
import { withFileLock } from './file-lock.ts'
import { checkoutDir } from './folders.ts'
import { clusterLayout } from './local-cluster-layout.ts'
import { logTail, openProcessGroup, stopRecordedProcesses } from './process-group.ts'
import { isAlive, readRecords } from './process-record.ts'
import { type Progress, silentProgress } from './progress.ts'

/** Which local cluster, and who hears what it does. */
export interface ClusterOptions {
  /** See stateDir() in folders.ts for the one of this checkout. */
  stateDir: string
  /** @default silent */
  progress?: Progress
  signal?: AbortSignal
}

/** A local cluster that goes on running when this process ends. */
export interface LocalCluster {
  url: string
  /** The kubeconfig file of a cluster administrator. */
  kubeconfigPath: string
  kubectlPath: string
  /** The PEM certificate authority of the API server's certificate and of all client certificates, and its key. */
  clientCa: string
  clientCaKey: string
}

/** What runs of a local cluster. */
export interface LocalClusterStatus {
  controlPlane: ControlPlaneStatus
  node: 'running' | 'stopped'
}

// The node gives containers 5 s to end, and the API server as long to hear of it.
const nodeStopGraceMs = 12_000

/**
 * Starts what does not run yet of the control plane and the process node, with the data of the last time: a few seconds,
 * and five minutes more the first time on a machine. Throws with the end of the log of the program that failed.
 */
export async function clusterUp(options: ClusterOptions): Promise<LocalCluster> {
  const progress = options.progress ?? silentProgress
  const layout = clusterLayout(options.stateDir)
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 })
  const lockOptions = { waitingFor: 'another command that changes this cluster', progress, signal: options.signal }
  return await withFileLock(layout.lock, lockOptions, async () => {
    const place = await ensureControlPlane(options, progress)
    await ensureNode(options, progress)
    return {
      ...place,
      clientCa: readFileSync(layout.clientCa, 'utf8'),
      clientCaKey: readFileSync(layout.clientCaKey, 'utf8'),
    }
  })
}

/** Ends every process of the cluster, pods first. Its data stays, for the next start. */
export async function clusterDown(options: ClusterOptions): Promise<void> {
  const progress = options.progress ?? silentProgress
  const layout = clusterLayout(options.stateDir)
  if (!existsSync(options.stateDir)) return
  const lockOptions = { waitingFor: 'another command that changes this cluster', progress, signal: options.signal }
  await withFileLock(layout.lock, lockOptions, async () => {
    await stopNode(options.stateDir)
    await stopControlPlane(layout.controlPlane)
  })
}

/** What runs of the cluster now. */
export async function clusterStatus(stateDir: string): Promise<LocalClusterStatus> {
  const layout = clusterLayout(stateDir)
  const node = isNodeRunning(stateDir) ? 'running' : 'stopped'
  return { controlPlane: await controlPlaneStatus(layout.controlPlane), node }
}

async function ensureControlPlane(
  options: ClusterOptions,
  progress: Progress,
): Promise<Pick<LocalCluster, 'url' | 'kubeconfigPath' | 'kubectlPath'>> {
  const layout = clusterLayout(options.stateDir)
  const status = await controlPlaneStatus(layout.controlPlane)
  if (status.state === 'running') return status
  // The node's containers are clients of the API server: they begin anew with it.
  await stopNode(options.stateDir)
  return await startControlPlane({
    dataDir: layout.controlPlane,
    lifetime: 'detached',
    progress,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
}

function isNodeRunning(stateDir: string): boolean {
  const layout = clusterLayout(stateDir)
  const records = readRecords(layout.nodeRecords)
  return records.length > 0 && records.every(isAlive) && existsSync(layout.nodeReady)
}

async function ensureNode(options: ClusterOptions, progress: Progress): Promise<void> {
  if (isNodeRunning(options.stateDir)) return
  await stopNode(options.stateDir)
  await progress.step('starting the process node', () => startNode(options))
}

async function startNode({ stateDir, signal }: ClusterOptions): Promise<void> {
  const layout = clusterLayout(stateDir)
  const group = await openProcessGroup(layout.nodeRecords, 'detached')
  const program = await group.start({
    name: 'process-node',
    command: process.execPath,
    args: [join(import.meta.dirname, 'run-process-node.ts'), stateDir],
    logPath: layout.nodeLog,
    cwd: checkoutDir,
  })
  let ended = false
  program.exited.then(() => {
    ended = true
  })
  const until = Date.now() + 60_000
  try {
    while (!existsSync(layout.nodeReady)) {
      signal?.throwIfAborted()
      if (ended || Date.now() > until) {
        throw new Error(`The process node did not start. The end of ${layout.nodeLog}:\n${logTail(layout.nodeLog)}`)
      }
      await delay(25)
    }
  } catch (error) {
    await group.stop({ graceMs: nodeStopGraceMs })
    throw error
  }
}

async function stopNode(stateDir: string): Promise<void> {
  const layout = clusterLayout(stateDir)
  await stopRecordedProcesses(layout.nodeRecords, { graceMs: nodeStopGraceMs })
  rmSync(layout.nodeReady, { force: true })
}
