import { rigKubeConfigPath, testNamespace } from '@amx/hack'
import { createResourceClient, createTransport, MemoisedKubeConfig, type Transport } from '@amx/kube'
import { KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as resources from '../cluster/resources.ts'
import { waitFor } from '../testing/operator-rig.ts'
import { buildJob } from './build-job.ts'

let transport: Transport
let namespace: string

beforeAll(async () => {
  namespace = await testNamespace({
    prefix: 'restricted',
    labels: {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'latest',
    },
  })
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(rigKubeConfigPath())
  transport = createTransport(MemoisedKubeConfig.from(kubeConfig))
})

afterAll(() => transport?.close())

it.each(['profile', 'draft', 'apply'] as const)(
  'the Job of the %s stage gets its pod under restricted Pod Security',
  async (stage) => {
    const secret = { secretName: 'credentials', items: [{ key: 'username', file: 'username' }] }
    const built = buildJob(
      {
        run: { name: 'a-run.with-dots', namespace, uid: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff' },
        stage,
        attempt: 1,
        failures: 0,
        progress: 0,
        targetSecrets: stage === 'draft' ? [[]] : [[secret]],
        modelSecret: stage === 'draft' ? { secretName: 'model', items: [{ key: 'key', file: 'apiKey' }] } : null,
      },
      { image: 'amx.dev/worker:0.1.0', serverUrl: 'http://amx-server.amx-system:8080' },
    )
    const jobs = createResourceClient<resources.JobObject>(transport, resources.jobs, 'test')
    // Its owner does not exist in this test: the garbage collector would take the Job away at once.
    const { ownerReferences: _, ...metadata } = built.metadata
    await jobs.create({ ...built, metadata })

    const pods = await waitFor(
      () =>
        transport.request<{ items: resources.PodObject[] }>({
          path: `/api/v1/namespaces/${namespace}/pods`,
          query: { labelSelector: `amx.dev/stage=${stage}` },
        }),
      ({ items }) => items.length > 0,
    )
    expect(pods.items[0]?.metadata.labels).toMatchObject({
      'amx.dev/run': 'a-run.with-dots',
      'amx.dev/run-uid': '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
      'amx.dev/attempt': '1',
    })
  },
)

it('a pod that is not restricted is refused here, so the test above can fail', async () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'open', namespace },
    spec: { containers: [{ name: 'open', image: 'x' }] },
  }
  const refused = transport.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body: pod })
  await expect(refused).rejects.toThrow('violates PodSecurity')
})
