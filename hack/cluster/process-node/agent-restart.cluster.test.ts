import { spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { birthOf } from '../process-record.ts'
import { startProcessNode } from './index.ts'
import type { ObjectMeta, Pod } from './pod-types.ts'
import { isOver, isReady, startTestNode, testImage } from './test-node.ts'

/** Each look is a process of its own, which a busy machine can take its time for. */
const patient = { timeout: 20_000 }
const cluster = await startTestNode()
// In a pod's command `$$` stands for one dollar sign.
const sleeper = 'echo $$$$; exec sleep 1000'

async function pidOf(pod: string): Promise<number> {
  await expect.poll(() => cluster.logs(pod), patient).toEqual([expect.stringMatching(/^\d+$/)])
  return Number((await cluster.logs(pod))[0])
}

test('a node that stops ends its pods, reports them as disrupted and is not ready', async () => {
  const name = await cluster.runPod({ main: sleeper })
  await cluster.podUntil(name, isReady)
  const pid = await pidOf(name)
  await cluster.node.stop()
  expect(birthOf(pid)).toBeUndefined()
  const pod = await cluster.podUntil(name, isOver)
  expect(pod.status).toMatchObject({ phase: 'Failed', reason: 'Terminated' })
  expect(pod.status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True' }))
  interface NodeObject {
    metadata: ObjectMeta
    status: { conditions: { type: string; status: string }[] }
  }
  await cluster.objectUntil<NodeObject>('/api/v1/nodes', cluster.node.nodeName, ({ status }) =>
    status.conditions.some((each) => each.type === 'Ready' && each.status === 'False'),
  )
  cluster.node = await startProcessNode(cluster.options)
  const next = await cluster.runPod({ main: 'echo again' })
  await cluster.podUntil(next, isOver)
  expect(await cluster.logs(next)).toEqual(['again'])
})

test('an agent that is killed leaves no process, and the next one reports its pods and runs their replacements', async () => {
  await cluster.node.stop()
  const agent = await startAgentProcess()
  onTestFinished(() => void agent.kill('SIGKILL'))
  const labels = { app: 'lost' }
  const replicasets = `/apis/apps/v1/namespaces/${cluster.namespace}/replicasets`
  const containers = [{ name: 'main', image: testImage, command: ['/bin/sh', '-c', sleeper] }]
  await cluster.create(replicasets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'lost' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: cluster.onThisNode({ containers }) },
    },
  })
  interface ReplicaSet {
    metadata: ObjectMeta
    status?: { readyReplicas?: number }
  }
  const ready = (each: ReplicaSet): boolean => each.status?.readyReplicas === 1
  await cluster.objectUntil<ReplicaSet>(replicasets, 'lost', ready)
  const pods = await cluster.api.call<{ items: Pod[] }>(
    'GET',
    `/api/v1/namespaces/${cluster.namespace}/pods?labelSelector=app=lost`,
  )
  const name = pods.items[0]?.metadata.name ?? ''
  const pid = await pidOf(name)

  agent.kill('SIGKILL')
  await expect.poll(() => birthOf(pid), patient).toBeUndefined()
  cluster.node = await startProcessNode(cluster.options)
  const lost = await cluster.podUntil(name, isOver)
  expect(lost.status).toMatchObject({ phase: 'Failed', reason: 'NodeLost' })
  expect(lost.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
  })
  await cluster.objectUntil<ReplicaSet>(replicasets, 'lost', ready)
  expect(Number((await cluster.logs(name))[0])).toBe(pid)
})

/** A node in a process of its own, with the options of this test file. */
function startAgentProcess(): Promise<ReturnType<typeof spawn>> {
  const program = `
    const { startProcessNode } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
    await startProcessNode(${JSON.stringify(cluster.options)})
    console.log('ready')`
  const agent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return new Promise((resolve, reject) => {
    agent.stdout.once('data', () => resolve(agent))
    agent.once('exit', () => reject(new Error('the agent ended')))
  })
}
