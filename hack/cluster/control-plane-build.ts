import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withFileLock } from './file-lock.ts'
import { cacheDir } from './folders.ts'
import { kubernetesVersion } from './kubernetes-version.ts'
import { logTail } from './process-group.ts'
import { programNames } from './program-names.ts'
import type { Progress } from './progress.ts'

const sourceDir = join(dirname(fileURLToPath(import.meta.url)), 'multicall')
const binaryName = 'amx-kubernetes'

/** Where a finished build is kept: one folder per Kubernetes version. */
export function builtProgramsDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheDir(env), 'kubernetes', kubernetesVersion)
}

/** The `go` command on the search path, or in the usual place of its installer. */
export function findGo(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return ['go', '/usr/local/go/bin/go'].find((go) => spawnSync(go, ['version'], { env, stdio: 'ignore' }).status === 0)
}

/**
 * Builds all programs of the control plane as one binary with a link per name. One build runs at a time: a second caller
 * waits for the first and uses its result. A build that fails or is interrupted leaves nothing in the cache.
 */
export async function buildPrograms(options: {
  go: string
  progress: Progress
  signal?: AbortSignal | undefined
  env: NodeJS.ProcessEnv
}): Promise<string> {
  const target = builtProgramsDir(options.env)
  mkdirSync(dirname(target), { recursive: true })
  const lockPath = `${target}.lock`
  return await withFileLock(
    lockPath,
    { ...options, waitingFor: `another build of Kubernetes ${kubernetesVersion}` },
    async () => {
      if (existsSync(join(target, binaryName))) return target
      const text = `building Kubernetes ${kubernetesVersion} from its Go modules: about 5 minutes the first time`
      await options.progress.step(text, () => build(target, options))
      return target
    },
  )
}

async function build(
  target: string,
  options: { go: string; signal?: AbortSignal | undefined; env: NodeJS.ProcessEnv },
): Promise<void> {
  const workDir = mkdtempSync(`${target}.building-`)
  const removeWorkDir = () => rmSync(workDir, { recursive: true, force: true })
  process.once('exit', removeWorkDir)
  try {
    for (const file of ['go.mod', 'go.sum', 'main.go']) copyFileSync(join(sourceDir, file), join(workDir, file))
    const outDir = join(workDir, 'out')
    mkdirSync(outDir)
    await runGoBuild({ ...options, workDir, output: join(outDir, binaryName) })
    for (const name of programNames) symlinkSync(binaryName, join(outDir, name))
    rmSync(target, { recursive: true, force: true })
    renameSync(outDir, target)
  } finally {
    process.off('exit', removeWorkDir)
    removeWorkDir()
  }
}

async function runGoBuild(options: {
  go: string
  workDir: string
  output: string
  signal?: AbortSignal | undefined
  env: NodeJS.ProcessEnv
}): Promise<void> {
  const [major, minor] = kubernetesVersion.split('.')
  const version = 'k8s.io/component-base/version'
  const linkerFlags = [
    '-s -w',
    `-X ${version}.gitVersion=v${kubernetesVersion}`,
    `-X ${version}.gitMajor=${major}`,
    `-X ${version}.gitMinor=${minor}`,
  ].join(' ')
  const logPath = join(options.workDir, 'build.log')
  const log = openSync(logPath, 'a')
  const child = spawn(
    options.go,
    ['build', '-p', '2', '-trimpath', '-mod=mod', '-ldflags', linkerFlags, '-o', options.output, '.'],
    {
      cwd: options.workDir,
      // A workspace file or flags of the person's own must not change what is built.
      env: { ...options.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '' },
      stdio: ['ignore', log, log],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
  )
  const stopBuild = () => child.kill('SIGKILL')
  process.once('exit', stopBuild)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
    if (code !== 0) throw new Error(`The build of Kubernetes ${kubernetesVersion} failed:\n${logTail(logPath)}`)
  } finally {
    process.off('exit', stopBuild)
  }
}
