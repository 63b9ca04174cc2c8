import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'

/** A kubeconfig with one cluster and one user who has a client certificate; every credential is inside the text. */
export function kubeConfigYaml(options: {
  url: string
  clusterName: string
  userName: string
  caPath: string
  certificatePath: string
  keyPath: string
}): string {
  const inline = (path: string) => readFileSync(path).toString('base64')
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: options.clusterName,
          cluster: { server: options.url, 'certificate-authority-data': inline(options.caPath) },
        },
      ],
      users: [
        {
          name: options.userName,
          user: {
            'client-certificate-data': inline(options.certificatePath),
            'client-key-data': inline(options.keyPath),
          },
        },
      ],
      contexts: [
        {
          name: options.clusterName,
          context: { cluster: options.clusterName, user: options.userName, namespace: 'default' },
        },
      ],
      'current-context': options.clusterName,
    },
    { lineWidth: 0 },
  )
}
