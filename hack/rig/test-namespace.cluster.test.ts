import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { callApiServer, rigKubeConfigPath, rigKubectlPath, testNamespace } from './index.ts'

test('a namespace of a test takes pods at once', async () => {
  const namespace = await testNamespace()
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'one' },
    spec: { containers: [{ name: 'main', image: 'example.test/nothing' }] },
  }
  const created = await callApiServer(rigKubeConfigPath(), 'POST', `/api/v1/namespaces/${namespace}/pods`, pod)
  expect(created.status).toBe(201)
})

test('two namespaces differ', async () => {
  expect(await testNamespace()).not.toBe(await testNamespace())
})

test('kubectl reads the cluster of the test run', () => {
  const args = ['--kubeconfig', rigKubeConfigPath(), 'get', 'namespace', 'kube-system', '-o', 'name']
  const done = spawnSync(rigKubectlPath(), args, { encoding: 'utf8' })
  expect(done.stdout).toBe('namespace/kube-system\n')
})
