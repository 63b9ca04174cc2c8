import { writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { expect, test } from 'vitest'
import type { ObjectMeta } from './pod-types.ts'
import { isOver, isReady, startTestNode, testImage } from './test-node.ts'

const cluster = await startTestNode({ restartBackOffMs: 100 })

interface Conditioned {
  metadata: ObjectMeta
  status?: { conditions?: { type: string; status: string }[]; readyReplicas?: number; failed?: number }
}

function has(object: Conditioned, type: string): boolean {
  return object.status?.conditions?.some((each) => each.type === type && each.status === 'True') === true
}

async function createJob(name: string, script: string, jobSpec: object = {}): Promise<void> {
  const containers = [{ name: 'main', image: testImage, command: ['/bin/sh', '-c', script] }]
  await cluster.create(`/apis/batch/v1/namespaces/${cluster.namespace}/jobs`, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { template: { spec: cluster.onThisNode({ restartPolicy: 'Never', containers }) }, ...jobSpec },
  })
}

const jobs = `/apis/batch/v1/namespaces/${cluster.namespace}/jobs`

test('a Job runs to its end, and its log can be read', async () => {
  await createJob('hello', 'echo hello; pwd')
  await cluster.objectUntil<Conditioned>(jobs, 'hello', (job) => has(job, 'Complete'))
  expect(await cluster.logs('job/hello')).toEqual(['hello', cluster.options.checkout])
})

test('a Job whose program fails is failed', async () => {
  await createJob('failing', 'echo why >&2; exit 3', { backoffLimit: 0 })
  const job = await cluster.objectUntil<Conditioned>(jobs, 'failing', (each) => has(each, 'Failed'))
  expect(job.status?.failed).toBe(1)
  expect(await cluster.logs('job/failing')).toEqual(['why'])
})

test('a deleted Job ends its running program with SIGTERM', async () => {
  const pods = `/api/v1/namespaces/${cluster.namespace}/pods`
  await createJob('long', 'trap "echo bye; exit 0" TERM; echo up; while true; do sleep 0.02; done')
  await cluster.objectUntil<{ metadata: ObjectMeta; status?: { ready?: number } }>(
    jobs,
    'long',
    (job) => job.status?.ready === 1,
  )
  const list = await cluster.api.call<{ items: { metadata: ObjectMeta }[] }>(
    'GET',
    `${pods}?labelSelector=job-name=long`,
  )
  const name = list.items[0]?.metadata.name ?? ''
  const following = await cluster.follow(name)
  await cluster.api.call('DELETE', `${jobs}/long?propagationPolicy=Background`)
  await cluster.podGone(name)
  expect(await following.all).toBe('up\nbye\n')
})

test('a Deployment becomes available, replaces a deleted pod and scales to nothing', async () => {
  const deployments = `/apis/apps/v1/namespaces/${cluster.namespace}/deployments`
  const labels = { app: 'server' }
  const containers = [{ name: 'main', image: testImage, command: ['/bin/sleep', '1000'] }]
  await cluster.create(deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'server' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: cluster.onThisNode({ containers }) },
    },
  })
  await cluster.objectUntil<Conditioned>(deployments, 'server', (each) => each.status?.readyReplicas === 2)
  const pods = `/api/v1/namespaces/${cluster.namespace}/pods`
  const list = await cluster.api.call<{ items: { metadata: ObjectMeta }[] }>('GET', `${pods}?labelSelector=app=server`)
  const name = list.items[0]?.metadata.name ?? ''
  await cluster.deletePod(name)
  await cluster.podGone(name)
  await cluster.objectUntil<Conditioned>(deployments, 'server', (each) => each.status?.readyReplicas === 2)
  expect((await cluster.kubectl('scale', 'deployment/server', '--replicas=0')).code).toBe(0)
  await Promise.all(list.items.map(({ metadata }) => cluster.podGone(metadata.name)))
})

test('a log can be followed from the first line to the end of the program', async () => {
  const name = await cluster.runPod({ main: 'echo one; while ! [ -e "$HOME/go" ]; do sleep 0.02; done; echo two' })
  const pod = await cluster.podUntil(name, isReady)
  const following = await cluster.follow(name)
  await writeFile(`${cluster.folder}/pods/${pod.metadata.uid}/containers/main/home/go`, '')
  expect(await following.all).toBe('one\ntwo\n')
})

test('a log is given by container, by number of lines and with times', async () => {
  const name = await cluster.runPod({ first: 'echo a; echo b; echo c', second: 'echo other' })
  await cluster.podUntil(name, isOver)
  expect(await cluster.logs(name, '--container=first', '--tail=2')).toEqual(['b', 'c'])
  expect(await cluster.logs(name, '--container=second')).toEqual(['other'])
  const [line] = await cluster.logs(name, '--container=second', '--timestamps')
  expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z other$/)
  expect((await cluster.kubectl('logs', name, '--container=first', '--limit-bytes=3')).stdout).toBe('a\nb')
})

test('the log of the run before a restart can be read', async () => {
  const script =
    'if [ -e "$HOME/again" ]; then echo second; exec sleep 1000; fi; touch "$HOME/again"; echo first; exit 1'
  const name = await cluster.runPod({ main: script }, { spec: { restartPolicy: 'Always' } })
  await cluster.podUntil(name, (pod) => pod.status?.containerStatuses?.[0]?.restartCount === 1 && isReady(pod))
  expect(await cluster.logs(name, '--previous')).toEqual(['first'])
  expect((await cluster.kubectl('logs', '--follow', '--limit-bytes=7', name)).stdout).toBe('second\n')
  await cluster.deletePod(name)
})

test('an image without a command stays waiting and says why', async () => {
  const name = await cluster.runPod({ main: 'true' }, { containers: { main: { image: 'example.test/unknown:1' } } })
  const pod = await cluster.podUntil(
    name,
    (each) => each.status?.containerStatuses?.[0]?.state.waiting?.message !== undefined,
  )
  expect(pod.status?.containerStatuses?.[0]?.state.waiting).toEqual({
    reason: 'ErrImageNeverPull',
    message:
      'The process node runs programs of this checkout and pulls no images: no command stands for "example.test/unknown:1" (known: amx.dev/test:dev).',
  })
  expect((await cluster.kubectl('logs', name)).stderr).toContain('is waiting to start')
  await cluster.deletePod(name)
  await cluster.podGone(name)
})

test('the image gives the program, args follow it', async () => {
  const name = await cluster.runPod(
    { main: '' },
    { containers: { main: { command: undefined, args: ['and', '$(WORD)'], env: [{ name: 'WORD', value: 'more' }] } } },
  )
  await cluster.podUntil(name, isOver)
  expect(await cluster.logs(name)).toEqual(['the image itself and more'])
})

test('logs are given to the API server only', async () => {
  const name = await cluster.runPod({ main: 'echo private' })
  await cluster.podUntil(name, isOver)
  const path = `/containerLogs/${cluster.namespace}/${name}/main`
  const stranger = new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: cluster.node.port, path, rejectUnauthorized: false }, resolve)
    call.once('error', reject).end()
  })
  await expect(stranger).rejects.toThrow()
  expect(await cluster.logs(name)).toEqual(['private'])
})
