import { spawnSync } from 'node:child_process'

/** A Go compiler: the one of this machine, or the one of an image that a Docker engine runs. */
export type GoToolchain = { kind: 'go'; command: string } | { kind: 'docker'; image: string }

/** A command to start, and what its environment has besides that of this process. */
export interface ToolCommand {
  command: string
  args: string[]
  env: Record<string, string>
}

// The version that multicall/go.mod names.
const goImage = 'golang:1.26'

// A workspace file or flags of the person's own must not change what is built.
const goSettings = { CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '' }

/**
 * `go` on the search path, or in the usual place of its installer; else, where a Docker engine answers, an image that has
 * it; else nothing.
 */
export function findGoToolchain(env: NodeJS.ProcessEnv = process.env): GoToolchain | undefined {
  const works = (command: string, args: string[]) =>
    spawnSync(command, args, { env, stdio: 'ignore', timeout: 3_000 }).status === 0
  const command = ['go', '/usr/local/go/bin/go'].find((go) => works(go, ['version']))
  if (command !== undefined) return { kind: 'go', command }
  return works('docker', ['info']) ? { kind: 'docker', image: goImage } : undefined
}

/** The command that runs `go` with these arguments in a folder, building for the platform of this machine. */
export function goCommand(
  toolchain: GoToolchain,
  args: readonly string[],
  place: { folder: string; platform: NodeJS.Platform; arch: string; uid: number; gid: number; proxy?: string },
): ToolCommand {
  if (toolchain.kind === 'go') return { command: toolchain.command, args: [...args], env: goSettings }
  const settings = {
    ...goSettings,
    GOOS: place.platform === 'win32' ? 'windows' : place.platform,
    GOARCH: place.arch === 'x64' ? 'amd64' : place.arch,
    GOCACHE: '/tmp/go-build',
    GOMODCACHE: '/tmp/go-modules',
    ...(place.proxy === undefined ? {} : { GOPROXY: place.proxy }),
  }
  return {
    command: 'docker',
    args: [
      'run',
      '--rm',
      `--user=${place.uid}:${place.gid}`,
      `--volume=${place.folder}:${place.folder}`,
      `--workdir=${place.folder}`,
      ...Object.entries(settings).map(([name, value]) => `--env=${name}=${value}`),
      toolchain.image,
      'go',
      ...args,
    ],
    env: {},
  }
}
