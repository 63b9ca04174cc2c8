import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, openSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type GoToolchain, goCommand } from './go-toolchain.ts'
import { kubernetesVersion } from './kubernetes-version.ts'
import { logTail } from './process-group.ts'
import { programNames } from './program-names.ts'

const sourceDir = join(import.meta.dirname, 'multicall')
const binaryName = 'amx-kubernetes'

/**
 * Builds all programs of the control plane in an empty folder, as one binary with a link per name: about five minutes on
 * two cores. Throws with the end of the compiler's output when it fails.
 */
export async function buildPrograms(options: {
  toolchain: GoToolchain
  outDir: string
  signal?: AbortSignal | undefined
  env: NodeJS.ProcessEnv
}): Promise<void> {
  const workDir = join(options.outDir, 'source')
  mkdirSync(workDir)
  for (const file of ['go.mod', 'go.sum', 'main.go']) copyFileSync(join(sourceDir, file), join(workDir, file))
  await runGoBuild({ ...options, workDir, output: join(options.outDir, binaryName) })
  for (const name of programNames) symlinkSync(binaryName, join(options.outDir, name))
  rmSync(workDir, { recursive: true })
}

function linkerFlags(): string {
  const [major, minor] = kubernetesVersion.split('.')
  const version = 'k8s.io/component-base/version'
  return [
    '-s -w',
    `-X ${version}.gitVersion=v${kubernetesVersion}`,
    `-X ${version}.gitMajor=${major}`,
    `-X ${version}.gitMinor=${minor}`,
  ].join(' ')
}

async function runGoBuild(options: {
  toolchain: GoToolchain
  outDir: string
  workDir: string
  output: string
  signal?: AbortSignal | undefined
  env: NodeJS.ProcessEnv
}): Promise<void> {
  const logPath = join(options.workDir, 'build.log')
  const log = openSync(logPath, 'a')
  const proxy = options.env['GOPROXY']
  const { command, args, env } = goCommand(
    options.toolchain,
    [
      'build',
      '-C',
      options.workDir,
      '-p',
      '2',
      '-trimpath',
      '-mod=mod',
      '-ldflags',
      linkerFlags(),
      '-o',
      options.output,
      '.',
    ],
    {
      folder: options.outDir,
      platform: process.platform,
      arch: process.arch,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      ...(proxy === undefined ? {} : { proxy }),
    },
  )
  const child = spawn(command, args, {
    env: { ...options.env, ...env },
    stdio: ['ignore', log, log],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
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
