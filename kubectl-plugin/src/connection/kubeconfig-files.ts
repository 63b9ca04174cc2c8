import { posix, win32 } from 'node:path'

export interface KubeconfigPlaces {
  /** `--kubeconfig`. */
  readonly flag?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
}

export interface KubeconfigFiles {
  readonly paths: readonly string[]
  /** Whether a file that is not there is a mistake: one that was named alone is, one of a list or the usual one is not. */
  readonly required: boolean
}

/**
 * The files that make up the kubeconfig, as kubectl takes them: the flag's, those of KUBECONFIG (after `;` on Windows, else `:`), else
 * `.kube/config` of the home folder. What a shell would have expanded is expanded: `~`, and `%NAME%` on Windows.
 */
export function kubeconfigFiles({ flag, env, platform }: KubeconfigPlaces): KubeconfigFiles {
  const expand = (path: string) => expanded(path.trim().replace(/^"(.*)"$/, '$1'), env, platform)
  if (flag !== undefined) return { paths: [expand(flag)], required: true }
  const listed = (env['KUBECONFIG'] ?? '').split(platform === 'win32' ? ';' : ':').filter((path) => path.trim() !== '')
  if (listed.length > 0) return { paths: listed.map(expand), required: listed.length === 1 }
  const home = homeFolder(env, platform)
  const { join } = platform === 'win32' ? win32 : posix
  return { paths: home === undefined ? [] : [join(home, '.kube', 'config')], required: false }
}

function expanded(path: string, env: KubeconfigPlaces['env'], platform: NodeJS.Platform): string {
  const named =
    platform === 'win32' ? path.replaceAll(/%([^%]+)%/g, (text, name: string) => variable(env, name) ?? text) : path
  const home = homeFolder(env, platform)
  return home !== undefined && /^~(?=[/\\]|$)/.test(named) ? home + named.slice(1) : named
}

function homeFolder(env: KubeconfigPlaces['env'], platform: NodeJS.Platform): string | undefined {
  if (platform !== 'win32') return env['HOME'] || undefined
  const drive = variable(env, 'HOMEDRIVE')
  const path = variable(env, 'HOMEPATH')
  return variable(env, 'USERPROFILE') ?? (drive && path ? drive + path : variable(env, 'HOME'))
}

/** Windows does not tell upper from lower case in names of variables. */
function variable(env: KubeconfigPlaces['env'], name: string): string | undefined {
  const found = Object.keys(env).find((key) => key.toLowerCase() === name.toLowerCase())
  return found === undefined ? undefined : env[found] || undefined
}
