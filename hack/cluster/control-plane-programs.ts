import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { buildPrograms, builtProgramsDir, findGo } from './control-plane-build.ts'
import { kubernetesVersion } from './kubernetes-version.ts'
import { type ProgramName, programNames } from './program-names.ts'
import type { Progress } from './progress.ts'

/** A folder that holds every program of a control plane, and where it came from. */
export interface ControlPlanePrograms {
  dir: string
  origin: 'KUBEBUILDER_ASSETS' | 'cache' | 'build'
}

/** The path of one program. */
export function programPath(programs: ControlPlanePrograms, name: ProgramName): string {
  return join(programs.dir, name)
}

/** The programs of a control plane that a folder lacks. */
export function missingPrograms(dir: string): ProgramName[] {
  return programNames.filter((name) => !isExecutable(join(dir, name)))
}

/**
 * Finds the programs of a control plane, or builds them, which takes about five minutes the first time. Searched in this
 * order: the folder `KUBEBUILDER_ASSETS` names, the cache, a build from their Go modules.
 * Throws an error of one line that says what is missing where none of these is possible.
 */
export async function findControlPlanePrograms(options: {
  progress: Progress
  signal?: AbortSignal | undefined
  env?: NodeJS.ProcessEnv
}): Promise<ControlPlanePrograms> {
  const env = options.env ?? process.env
  const assets = env['KUBEBUILDER_ASSETS']
  if (assets) {
    const missing = missingPrograms(assets)
    if (missing.length === 0) return { dir: assets, origin: 'KUBEBUILDER_ASSETS' }
    options.progress.say(`KUBEBUILDER_ASSETS=${assets} has no ${missing.join(', ')}: it is not used.`)
  }
  const cached = builtProgramsDir(env)
  if (missingPrograms(cached).length === 0) return { dir: cached, origin: 'cache' }
  const go = findGo(env)
  if (go === undefined) {
    throw new Error(
      `No Kubernetes ${kubernetesVersion} control plane: neither Docker nor Go was found. Install Go 1.26 or newer (https://go.dev/dl), ` +
        `or start Docker, or set KUBEBUILDER_ASSETS to a folder with ${programNames.join(', ')}.`,
    )
  }
  const dir = await buildPrograms({ go, ...options, env })
  return { dir, origin: 'build' }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
