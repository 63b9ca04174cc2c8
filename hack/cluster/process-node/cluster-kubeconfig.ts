import { join } from 'node:path'
import { stringify } from 'yaml'

/** A kubeconfig that uses a pod's mounted service account, for programs that look for the mount at its fixed path. */
export function clusterKubeconfig(url: string, accountFolder: string, namespace: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'pod',
    clusters: [{ name: 'cluster', cluster: { server: url, 'certificate-authority': join(accountFolder, 'ca.crt') } }],
    users: [{ name: 'service-account', user: { tokenFile: join(accountFolder, 'token') } }],
    contexts: [{ name: 'pod', context: { cluster: 'cluster', user: 'service-account', namespace } }],
  })
}
