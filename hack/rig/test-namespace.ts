import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { inject } from 'vitest'
import './provided-context.ts'
import { callApiServer } from './call-api-server.ts'
import { releaseAfterFile } from './release-after-file.ts'

/** The path of an administrator's kubeconfig for the control plane of the test run. */
export function rigKubeConfigPath(): string {
  const path = inject('kubeConfigPath')
  if (!path) throw new Error('No Kubernetes in this test project: name the file x.cluster.test.ts')
  return path
}

/** The path of a kubectl of the same version as the control plane of the test run. */
export function rigKubectlPath(): string {
  return inject('kubectlPath')
}

/** The certificate authority of client certificates of the test run's control plane, to make users for a test. */
export function rigClientCa(): { certificate: string; key: string } {
  return { certificate: inject('clientCa'), key: inject('clientCaKey') }
}

/**
 * A new namespace with its default service account, so that pods can be created at once; gives its name. It is deleted
 * after the test file.
 */
export async function testNamespace(
  options: { prefix?: string; labels?: Record<string, string> } = {},
): Promise<string> {
  const kubeConfigPath = rigKubeConfigPath()
  const name = `${options.prefix ?? 'test'}-${randomBytes(4).toString('hex')}`
  const created = await callApiServer(kubeConfigPath, 'POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: options.labels ?? {} },
  })
  if (created.status !== 201) throw new Error(`namespace ${name} could not be created: ${created.body}`)
  releaseAfterFile(() => callApiServer(kubeConfigPath, 'DELETE', `/api/v1/namespaces/${name}`))
  const until = Date.now() + 30_000
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`
  while ((await callApiServer(kubeConfigPath, 'GET', account)).status !== 200) {
    if (Date.now() > until) throw new Error(`namespace ${name} got no default service account within 30 s`)
    await delay(15)
  }
  return name
}
