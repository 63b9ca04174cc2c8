import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { buildPrograms } from './control-plane-build.ts'
import { type DownloadSites, downloadPlatform, downloadPrograms } from './control-plane-download.ts'
import { withFileLock } from './file-lock.ts'
import { cacheDir } from './folders.ts'
import { findGoToolchain, type GoToolchain } from './go-toolchain.ts'
import { kubernetesVersion } from './kubernetes-version.ts'
import { type ProgramName, programNames } from './program-names.ts'
import type { Progress } from './progress.ts'

/** A folder that holds every program of a control plane, and where it came from. */
export interface ControlPlanePrograms {
  dir: string
  origin: 'KUBEBUILDER_ASSETS' | 'cache' | 'download' | 'build'
}

interface FindOptions {
  progress: Progress
  signal?: AbortSignal | undefined
  /** @default that of this process */
  env?: NodeJS.ProcessEnv
  /** @default where the projects publish them */
  sites?: DownloadSites
  /** @default Go, or a Docker engine that runs it */
  findToolchain?: (env: NodeJS.ProcessEnv) => GoToolchain | undefined
}

const partial = '.partial-'

/** The path of one program. */
export function programPath(programs: ControlPlanePrograms, name: ProgramName): string {
  return join(programs.dir, name)
}

/** Where the programs are kept once they were downloaded or built: one folder per Kubernetes version. */
export function programCacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheDir(env), 'kubernetes', kubernetesVersion)
}

/**
 * Finds the programs of a control plane, downloads them, or builds them, which takes about five minutes. Searched in this
 * order: the folder `KUBEBUILDER_ASSETS` names, the cache, the projects' own downloads, a build from their Go modules.
 * One process fills the cache at a time, others wait and use what it made; a failed or interrupted one leaves nothing.
 * Throws an error of one line that says what is missing where none of these is possible.
 */
export async function findControlPlanePrograms(options: FindOptions): Promise<ControlPlanePrograms> {
  const env = options.env ?? process.env
  const assets = env['KUBEBUILDER_ASSETS']
  if (assets) {
    const missing = missingPrograms(assets)
    if (missing.length === 0) return { dir: assets, origin: 'KUBEBUILDER_ASSETS' }
    options.progress.say(`KUBEBUILDER_ASSETS=${assets} has no ${missing.join(', ')}: it is not used.`)
  }
  const dir = programCacheDir(env)
  const isCached = () => missingPrograms(dir).length === 0
  if (isCached()) return { dir, origin: 'cache' }
  mkdirSync(dirname(dir), { recursive: true })
  const waitingFor = `another process that gets Kubernetes ${kubernetesVersion}`
  return await withFileLock(`${dir}.lock`, { ...options, waitingFor }, async () => {
    if (isCached()) return { dir, origin: 'cache' }
    removePartialFolders(dir)
    if (await downloadInto(dir, options)) return { dir, origin: 'download' }
    await buildInto(dir, (options.findToolchain ?? findGoToolchain)(env), { ...options, env })
    return { dir, origin: 'build' }
  })
}

async function downloadInto(dir: string, options: FindOptions): Promise<boolean> {
  const architecture = downloadPlatform(process.platform, process.arch)
  if (architecture === undefined) return false
  const { progress, signal, sites } = options
  try {
    await progress.step(`downloading Kubernetes ${kubernetesVersion}`, () =>
      fillFolder(dir, (outDir) =>
        downloadPrograms({ outDir, architecture, signal, ...(sites === undefined ? {} : { sites }) }),
      ),
    )
    return true
  } catch (error) {
    signal?.throwIfAborted()
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    progress.say(`Kubernetes cannot be downloaded here: ${cause instanceof Error ? cause.message : cause}`)
    return false
  }
}

async function buildInto(
  dir: string,
  toolchain: GoToolchain | undefined,
  options: FindOptions & { env: NodeJS.ProcessEnv },
): Promise<void> {
  if (toolchain === undefined) {
    throw new Error(
      `No Kubernetes ${kubernetesVersion} control plane, and neither Go nor a Docker engine to build one: install Go 1.26 ` +
        `or newer (https://go.dev/dl), or start Docker, or set KUBEBUILDER_ASSETS to a folder with ${programNames.join(', ')}.`,
    )
  }
  const { signal, env } = options
  await options.progress.step(
    `building Kubernetes ${kubernetesVersion} from its Go modules: about 5 minutes the first time`,
    () => fillFolder(dir, (outDir) => buildPrograms({ toolchain, outDir, signal, env })),
  )
}

/** Fills a folder beside the wanted one and gives it its name when it is complete. */
async function fillFolder(dir: string, fill: (outDir: string) => Promise<void>): Promise<void> {
  const outDir = mkdtempSync(`${dir}${partial}`)
  const remove = () => rmSync(outDir, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    await fill(outDir)
    rmSync(dir, { recursive: true, force: true })
    renameSync(outDir, dir)
  } finally {
    process.off('exit', remove)
    remove()
  }
}

/** Only the holder of the lock has such a folder, so any other one is what a killed process left. */
function removePartialFolders(dir: string): void {
  for (const name of readdirSync(dirname(dir))) {
    if (name.startsWith(`${basename(dir)}${partial}`))
      rmSync(join(dirname(dir), name), { recursive: true, force: true })
  }
}

function missingPrograms(dir: string): ProgramName[] {
  return programNames.filter((name) => !isExecutable(join(dir, name)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
