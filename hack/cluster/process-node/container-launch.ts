import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { clusterKubeconfig } from './cluster-kubeconfig.ts'
import { type ConfigReader, containerEnvironment } from './container-environment.ts'
import { logTail, openContainerLog } from './container-log.ts'
import { type ContainerProcess, startContainerProcess } from './container-process.ts'
import { type ImageCommands, imageCommand } from './image-command.ts'
import type { KubeApi } from './kube-api.ts'
import { mountRewriter } from './mount-rewrite.ts'
import { linkMountParents } from './mount-tree.ts'
import type { Container, Pod } from './pod-types.ts'
import type { PodVolumes } from './pod-volumes.ts'
import type { ExecSurroundings } from './probe.ts'
import type { ProcessLedger } from './process-ledger.ts'
import { expandVariables } from './variable-expansion.ts'

/** No command stands for the image. Thrown by a launch; there is nothing to wait for. */
export class UnknownImageError extends Error {
  constructor(image: string, known: readonly string[]) {
    super(
      `The process node runs programs of this checkout and pulls no images: no command stands for "${image}" ` +
        `(known: ${known.join(', ') || 'none'}).`,
    )
    this.name = 'UnknownImageError'
  }
}

/** There is no such program, or it cannot be run. Thrown by a launch; it counts as an end of the container. */
export class ProgramStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ProgramStartError'
  }
}

export interface LaunchOptions {
  pod: Pod
  container: Container
  attempt: number
  volumes: PodVolumes
  read: ConfigReader
  images: ImageCommands
  /** The container's own folder: home, temporary files, termination message. */
  folder: string
  checkout: string
  logPath: string
  ledger: ProcessLedger
  api: KubeApi
}

/** A container whose process was started. */
export interface LaunchedContainer {
  containerId: string
  process: ContainerProcess
  surroundings: ExecSurroundings
  /** How it ended, with its termination message, '' when it left none. */
  ended: Promise<{ exitCode: number; signal?: number; message: string }>
}

const serviceAccountMount = '/var/run/secrets/kubernetes.io/serviceaccount'
const longestMessageBytes = 4_096
const compileCacheDir = join(tmpdir(), 'node-compile-cache')

/**
 * Starts the process of a container. Throws UnknownImageError, MissingReferenceError, ProgramStartError, or what went
 * wrong with the API server or the disk.
 */
export async function launchContainer(options: LaunchOptions): Promise<LaunchedContainer> {
  const { pod, container, folder, checkout } = options
  const entryPoint = imageCommand(options.images, container.image)
  if (entryPoint === undefined) throw new UnknownImageError(container.image, Object.keys(options.images))
  const messagePath = join(folder, `termination-log-${options.attempt}`)
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')]
  await Promise.all([mkdir(home, { recursive: true }), mkdir(temporary, { recursive: true })])
  await writeFile(messagePath, '')

  const service = new URL(options.api.url)
  const given: Record<string, string> = {
    KUBERNETES_SERVICE_HOST: service.hostname,
    KUBERNETES_SERVICE_PORT: service.port || '443',
  }
  const wanted = await containerEnvironment(pod, container, given, options.read)
  const variables = { ...given, ...wanted }
  const mounts = await options.volumes.mounts(container, variables)
  const rewrite = mountRewriter([
    ...mounts,
    ...(await linkMountParents(join(folder, 'mounts'), mounts)),
    { mountPath: container.terminationMessagePath ?? '/dev/termination-log', hostPath: messagePath },
  ])
  const account = mounts.find(({ mountPath }) => mountPath === serviceAccountMount)
  const env: Record<string, string> = {
    PATH: searchPath(checkout),
    HOME: home,
    TMPDIR: mounts.find(({ mountPath }) => mountPath === '/tmp')?.hostPath ?? temporary,
    HOSTNAME: pod.metadata.name,
    LANG: 'C.UTF-8',
    // An image would hold its programs compiled; here the first pod compiles them for the others.
    NODE_COMPILE_CACHE: compileCacheDir,
    ...given,
    TERMINATION_MESSAGE_PATH: messagePath,
    ...(account === undefined ? {} : { KUBECONFIG: join(folder, 'kubeconfig') }),
    ...Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name, rewrite(value)])),
  }
  if (account !== undefined) {
    const text = clusterKubeconfig(options.api.url, account.hostPath, pod.metadata.namespace)
    await writeFile(join(folder, 'kubeconfig'), text, { mode: 0o600 })
  }
  const expand = (word: string): string => rewrite(expandVariables(word, variables))
  const [command, ...args] = [
    ...(container.command?.length ? container.command.map(expand) : entryPoint),
    ...(container.args ?? []).map(expand),
  ]
  if (command === undefined) throw new ProgramStartError(`no command specified for the image "${container.image}"`)
  const cwd = workingFolder(container, rewrite, checkout)
  const process = await startContainerProcess({
    words: [command, ...args],
    env,
    cwd,
    log: openContainerLog(options.logPath),
    ledger: options.ledger,
  }).catch((cause: unknown) => {
    throw new ProgramStartError(cause instanceof Error ? cause.message : String(cause), { cause })
  })
  return {
    containerId: `process://${pod.metadata.uid}/${container.name}/${options.attempt}/${process.pid}`,
    process,
    surroundings: { env, cwd, rewrite: expand },
    ended: process.ended.then(async (end) => ({
      ...end,
      message: await terminationMessage(container, end.exitCode, messagePath, options.logPath),
    })),
  }
}

/** The Node.js that runs this, the checkout's own tools, and the system's programs. */
function searchPath(checkout: string): string {
  return [
    dirname(process.execPath),
    join(checkout, 'node_modules/.bin'),
    '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ].join(':')
}

/** The checkout stands for an image's file system; only a working directory inside a volume is another place. */
function workingFolder(container: Container, rewrite: (text: string) => string, checkout: string): string {
  const wanted = container.workingDir
  if (wanted === undefined || !isAbsolute(wanted)) return checkout
  const rewritten = rewrite(wanted)
  return rewritten === wanted ? checkout : rewritten
}

async function terminationMessage(
  container: Container,
  exitCode: number,
  messagePath: string,
  logPath: string,
): Promise<string> {
  const written = await readFile(messagePath).catch(() => Buffer.alloc(0))
  if (written.length > 0) return written.subarray(0, longestMessageBytes).toString('utf8')
  if (container.terminationMessagePolicy !== 'FallbackToLogsOnError' || exitCode === 0) return ''
  return logTail(logPath)
}
