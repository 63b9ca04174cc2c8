import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { components } from '../component-images.ts'
import { withFileLock } from '../file-lock.ts'
import { checkoutKey } from '../folders.ts'
import { clusterLayout } from '../local-cluster-layout.ts'
import type { Progress } from '../progress.ts'
import {
  buildImageCommand,
  type Command,
  copyNodeFileCommand,
  createClusterCommand,
  deleteClusterCommand,
  exportKubeConfigCommand,
  type KindCluster,
  kindClusterName,
  listClustersCommand,
  listPortsCommand,
  loadImagesCommand,
  readNodeFileCommand,
  startNodeCommand,
} from './kind-commands.ts'
import { kindConfig, missingMappings, type PortMapping } from './kind-config.ts'
import { findOnPath, provideKind } from './kind-program.ts'
import { runToEnd } from './run-to-end.ts'

/** Which kind cluster, and who hears what is done with it. */
export interface KindOptions {
  /** The cluster is named after it. */
  readonly stateDir: string
  readonly progress: Progress
  /** Ways in from this machine; they cannot be changed later. @default none */
  readonly portMappings?: readonly PortMapping[]
  /** Digest of what the images are built from: those of the same digest are not built again. @default always built */
  readonly programDigest?: string
}

/** A kind cluster that runs. */
export interface RunningKindCluster {
  readonly kubeconfigPath: string
  readonly kubectlPath: string
  /** The PEM certificate authority of the API server's certificate and of all client certificates, and its key. */
  readonly clientCa: string
  readonly clientCaKey: string
}

const commandTimeoutMs = 60_000
// What a slow connection needs for an image.
const transferTimeoutMs = 30 * 60_000

/**
 * Creates the kind cluster of a state folder if there is none, starts it again if it was stopped, and loads images built
 * from the checkout. Throws with the output of the command that failed.
 */
export async function kindUp(options: KindOptions): Promise<RunningKindCluster> {
  const { stateDir, progress } = options
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const lock = { waitingFor: 'another command that changes this cluster', progress }
  return await withFileLock(clusterLayout(stateDir).lock, lock, async () => {
    const cluster = kindCluster(stateDir, await provideKind(progress))
    await ensureCluster(cluster, options)
    const kubectlPath = await ensureKubectl(cluster, stateDir)
    await awaitApiServer(cluster, kubectlPath)
    await ensureImages(cluster, options)
    const read = (name: string) => run(readNodeFileCommand(cluster, `/etc/kubernetes/pki/${name}`))
    const [clientCa, clientCaKey] = await Promise.all([read('ca.crt'), read('ca.key')])
    return { kubeconfigPath: cluster.kubeconfigPath, kubectlPath, clientCa, clientCaKey }
  })
}

/** Deletes the kind cluster of a state folder with everything on it. */
export async function kindDown({ stateDir, progress }: Pick<KindOptions, 'stateDir' | 'progress'>): Promise<void> {
  const cluster = kindCluster(stateDir, await provideKind(progress))
  await progress.step(`deleting the kind cluster ${cluster.name}`, () => run(deleteClusterCommand(cluster), 300_000))
}

function kindCluster(stateDir: string, kind: string): KindCluster {
  return { kind, name: kindClusterName(checkoutKey(stateDir)), kubeconfigPath: join(stateDir, 'kind.kubeconfig') }
}

async function ensureCluster(cluster: KindCluster, options: KindOptions): Promise<void> {
  const { stateDir, progress, portMappings = [] } = options
  const exists = (await run(listClustersCommand(cluster.kind))).split('\n').includes(cluster.name)
  if (!exists) {
    for (const path of [imagesStamp(stateDir), kubectlFolder(stateDir)]) rmSync(path, { recursive: true, force: true })
    const configPath = join(stateDir, 'kind.json')
    writeFileSync(configPath, kindConfig(portMappings))
    const text = `creating the kind cluster ${cluster.name}: about a minute, and some 400 MB to download the first time`
    await progress.step(text, () => run(createClusterCommand(cluster, configPath), transferTimeoutMs))
    return
  }
  await run(startNodeCommand(cluster))
  const missing = missingMappings(portMappings, await run(listPortsCommand(cluster)))
  if (missing.length > 0) {
    const ports = missing.map(({ hostPort }) => hostPort).join(', ')
    throw new Error(
      `The kind cluster ${cluster.name} was made with other ports (127.0.0.1:${ports} do not lead to it). ` +
        `Delete it first: ${cluster.kind} delete cluster --name ${cluster.name}`,
    )
  }
  await run(exportKubeConfigCommand(cluster))
}

/** On Linux the node's own, which is of the cluster's version; elsewhere the one of the machine. */
async function ensureKubectl(cluster: KindCluster, stateDir: string): Promise<string> {
  if (process.platform !== 'linux') {
    const found = findOnPath('kubectl')
    if (found === undefined)
      throw new Error('kubectl is not on the search path (https://kubernetes.io/docs/tasks/tools)')
    return found
  }
  const folder = kubectlFolder(stateDir)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'kubectl')
  if (!existsSync(path)) await run(copyNodeFileCommand(cluster, '/usr/bin/kubectl', path))
  return path
}

async function awaitApiServer({ kubeconfigPath, name }: KindCluster, kubectlPath: string): Promise<void> {
  const args = ['--kubeconfig', kubeconfigPath, 'get', '--raw', '/readyz', '--request-timeout=5s']
  const until = Date.now() + 180_000
  while (true) {
    try {
      await run({ command: kubectlPath, args }, 15_000)
      return
    } catch (error) {
      if (Date.now() > until)
        throw new Error(`The API server of the kind cluster ${name} did not become ready within 3 minutes`, {
          cause: error,
        })
    }
    await delay(500)
  }
}

async function ensureImages(cluster: KindCluster, { stateDir, progress, programDigest }: KindOptions): Promise<void> {
  const stamp = imagesStamp(stateDir)
  if (programDigest !== undefined && existsSync(stamp) && readFileSync(stamp, 'utf8') === programDigest) return
  const images = Object.entries(components).map(([target, { image }]) => ({ target, image }))
  for (const image of images)
    await progress.step(`building ${image.image}:dev`, () => run(buildImageCommand(image), transferTimeoutMs))
  await progress.step('loading the images', () => run(loadImagesCommand(cluster, images), 600_000))
  writeFileSync(stamp, programDigest ?? '')
}

function imagesStamp(stateDir: string): string {
  return join(stateDir, 'kind-images')
}

function kubectlFolder(stateDir: string): string {
  return join(stateDir, 'kind-bin')
}

function run(command: Command, timeoutMs = commandTimeoutMs): Promise<string> {
  return runToEnd(command, timeoutMs)
}
