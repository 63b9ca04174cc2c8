import { findGoToolchain } from '../go-toolchain.ts'
import { findKind, findOnPath, goOf } from './kind-program.ts'
import { runToEnd } from './run-to-end.ts'

/** What this machine has of what a kind cluster needs. */
export interface KindFacts {
  /** `local`: an engine that answers, with containers of Linux, and whose ports are those of this machine. */
  readonly docker: 'none' | 'remote' | 'local'
  /** kind, recent enough. */
  readonly kind: boolean
  readonly go: boolean
  readonly kubectl: boolean
  readonly platform: NodeJS.Platform
}

/** Why kind cannot be used on a machine; undefined where it can. */
export function kindObstacle(facts: KindFacts): string | undefined {
  if (facts.docker === 'none') return 'no Docker engine answers'
  if (facts.docker === 'remote') return 'the Docker engine is that of another machine'
  if (!facts.kind && !facts.go) return 'there is neither kind 0.30 or newer nor Go to install it with'
  // The node's own kubectl is a program of Linux.
  if (facts.platform !== 'linux' && !facts.kubectl) return 'kubectl is not on the search path'
  return undefined
}

/** Looks at this machine; takes a fraction of a second, and a few where a Docker engine hangs. */
export async function kindFacts(env: NodeJS.ProcessEnv = process.env): Promise<KindFacts> {
  const docker = await dockerEngine()
  const known = { docker, kubectl: findOnPath('kubectl', env) !== undefined, platform: process.platform }
  // Without an engine the rest does not matter.
  if (docker !== 'local') return { ...known, kind: false, go: false }
  const kind = (await findKind(env)) !== undefined
  return { ...known, kind, go: kind ? false : goOf(findGoToolchain(env)) !== undefined }
}

/** Whether an address of a Docker engine is one of this machine. */
export function isLocalEngine(address: string): boolean {
  return address.startsWith('unix://') || address.startsWith('npipe://')
}

async function dockerEngine(): Promise<KindFacts['docker']> {
  const ask = (...args: string[]) =>
    runToEnd({ command: 'docker', args }, 5_000).then(
      (text) => text.trim(),
      () => '',
    )
  // Programs that stand in for docker answer neither question in its words, and kind does not work with them as it is.
  const [system, address] = await Promise.all([
    ask('info', '--format', '{{.OSType}}'),
    ask('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'),
  ])
  if (system !== 'linux' || address === '') return 'none'
  return isLocalEngine(address) ? 'local' : 'remote'
}
