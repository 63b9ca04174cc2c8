import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { withFileLock } from '../file-lock.ts'
import { cacheDir } from '../folders.ts'
import { findGoToolchain, type GoToolchain } from '../go-toolchain.ts'
import type { Progress } from '../progress.ts'
import type { Command } from './kind-commands.ts'
import { runToEnd } from './run-to-end.ts'

/** The kind that is installed where the machine has none. */
export const kindVersion = '0.33.0'

// Its clusters are of Kubernetes 1.34.
const oldestKind = { major: 0, minor: 30 }

/** Whether what `kind version` prints is that of a kind whose clusters are recent enough. */
export function isRecentKind(versionText: string): boolean {
  const [, major, minor] = /^kind v(\d+)\.(\d+)\./.exec(versionText.trim()) ?? []
  if (major === undefined || minor === undefined) return false
  if (Number(major) !== oldestKind.major) return Number(major) > oldestKind.major
  return Number(minor) >= oldestKind.minor
}

/** The path of a program on the search path. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find(isProgram)
}

/** kind on the search path if it is recent enough, else the one in the cache, if there is one. */
export async function findKind(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const installed = findOnPath('kind', env)
  if (installed !== undefined && isRecentKind(await versionOf(installed))) return installed
  const cached = join(kindCacheDir(env), 'kind')
  return isProgram(cached) ? cached : undefined
}

/** The command that installs kind in a folder with the Go of this machine. */
export function installKindCommand(go: string, folder: string): Command {
  return {
    command: go,
    args: ['install', `sigs.k8s.io/kind@v${kindVersion}`],
    // A workspace file or flags of the person's own must not change what is built, nor where it is put.
    env: { GOBIN: folder, GOWORK: 'off', GOFLAGS: '', GOOS: '', GOARCH: '', CGO_ENABLED: '0' },
  }
}

/** The path of a kind, installed into the cache with Go where there is none. Throws where there is no Go either. */
export async function provideKind(progress: Progress, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const found = await findKind(env)
  if (found !== undefined) return found
  const go = goOf(findGoToolchain(env))
  if (go === undefined) throw new Error('there is neither kind 0.30 or newer nor Go to install it with')
  const folder = kindCacheDir(env)
  mkdirSync(folder, { recursive: true })
  await progress.step(`installing kind ${kindVersion} with Go`, () =>
    withFileLock(`${folder}.lock`, { waitingFor: 'another process that installs kind', progress }, () =>
      runToEnd(installKindCommand(go, folder), 600_000),
    ),
  )
  return join(folder, 'kind')
}

/** The Go of this machine itself, not one of an image: a program for this machine to keep is built with it alone. */
export function goOf(toolchain: GoToolchain | undefined): string | undefined {
  return toolchain?.kind === 'go' ? toolchain.command : undefined
}

function kindCacheDir(env: NodeJS.ProcessEnv): string {
  return join(cacheDir(env), 'kind', kindVersion)
}

function versionOf(kind: string): Promise<string> {
  return runToEnd({ command: kind, args: ['version'] }, 5_000).catch(() => '')
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
