import { existsSync, readFileSync } from 'node:fs'
import { KubeConfig, loadYaml } from '@kubernetes/client-node'

interface KubeConfigFile {
  readonly users?: readonly { readonly name: string; readonly user?: { readonly tokenFile?: string } }[]
}

/**
 * The kubeconfig a program starts with: `KUBECONFIG`, the home folder's, or the pod's own service account. Knows users that
 * name a `tokenFile`, which the client library would take for anonymous. Throws when a named file cannot be read.
 */
export function loadKubeConfig(env: NodeJS.ProcessEnv = process.env): KubeConfig {
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromDefault()
  const path = env['KUBECONFIG']
  if (path === undefined || !existsSync(path)) return kubeConfig
  const { users = [] } = loadYaml<KubeConfigFile>(readFileSync(path, 'utf8'))
  const tokenFiles = new Map(users.map(({ name, user }) => [name, user?.tokenFile]))
  kubeConfig.users = kubeConfig.users.map((user) => {
    const tokenFile = tokenFiles.get(user.name)
    // The same form the library gives to a pod's service account, so that the token is read again when it is renewed.
    return tokenFile === undefined ? user : { ...user, authProvider: { name: 'tokenFile', config: { tokenFile } } }
  })
  return kubeConfig
}
