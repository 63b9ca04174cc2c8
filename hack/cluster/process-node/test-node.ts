import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { rigClientCa, rigKubeConfigPath, rigKubectlPath, testNamespace } from '../../rig/index.ts'
import { checkoutDir } from '../folders.ts'
import { type ProcessNode, type ProcessNodeOptions, startProcessNode } from './index.ts'
import { type KubeApi, openKubeApi } from './kube-api.ts'
import type { ObjectMeta, Pod, PodSpec } from './pod-types.ts'

/** What `kubectl` said. */
export interface KubectlAnswer {
  code: number | null
  stdout: string
  stderr: string
}

/** A process node of a test file's own, with a namespace whose pods run there and nowhere else. */
export interface TestNode {
  api: KubeApi
  namespace: string
  folder: string
  options: ProcessNodeOptions
  node: ProcessNode
  /** Creates a pod of shell scripts by container name; gives its name. */
  runPod(scripts: Record<string, string>, change?: PodChange): Promise<string>
  create(path: string, body: object): Promise<void>
  /** The first version of the pod that holds, from now on. */
  podUntil(name: string, holds: (pod: Pod) => boolean): Promise<Pod>
  /** Resolves when the pod is gone. */
  podGone(name: string): Promise<void>
  deletePod(name: string, graceSeconds?: number): Promise<void>
  objectUntil<T extends { metadata: ObjectMeta }>(
    collection: string,
    name: string,
    holds: (object: T) => boolean,
  ): Promise<T>
  kubectl(...args: string[]): Promise<KubectlAnswer>
  /** Follows the log of a pod; resolves once its first bytes have come. */
  follow(pod: string): Promise<{ all: Promise<string> }>
  /** The lines a container wrote so far. */
  logs(pod: string, ...args: string[]): Promise<string[]>
  /** A pod's spec that only this node takes. */
  onThisNode(spec: Partial<PodSpec>): object
}

/** Changes to the pod that `runPod` makes. */
export interface PodChange {
  name?: string
  spec?: Partial<PodSpec>
  /** Fields for the container of the name. */
  containers?: Record<string, object>
  metadata?: object
}

const taintKey = 'amx.dev/test-node'
/** The image whose program a test's own command replaces. */
export const testImage = 'amx.dev/test:any'

/** Starts a node for a test file and ends it after the last test. */
export async function startTestNode(change: Partial<ProcessNodeOptions> = {}): Promise<TestNode> {
  const nodeName = `test-node-${randomBytes(4).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'amx-test-node-'))
  const options: ProcessNodeOptions = {
    kubeconfigPath: rigKubeConfigPath(),
    nodeName,
    images: { 'amx.dev/test:dev': ['/bin/echo', 'the image itself'] },
    folder,
    checkout: checkoutDir,
    taints: [{ key: taintKey, value: nodeName, effect: 'NoSchedule' }],
    shutdownGraceMs: 1_000,
    kubeletClientCaPem: rigClientCa().certificate,
    ...change,
  }
  const namespace = await testNamespace({ prefix: 'process-node' })
  const api = await openKubeApi(options.kubeconfigPath)
  const test: TestNode = {
    ...testCalls(api, namespace, nodeName),
    folder,
    options,
    node: await startProcessNode(options),
  }
  afterAll(async () => {
    await test.node.stop()
    await api.call('DELETE', `/api/v1/nodes/${nodeName}`).catch(() => {})
    api.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return test
}

function testCalls(api: KubeApi, namespace: string, nodeName: string): Omit<TestNode, 'node' | 'options' | 'folder'> {
  const core = `/api/v1/namespaces/${namespace}`

  async function objectUntil<T extends { metadata: ObjectMeta }>(
    collection: string,
    name: string,
    holds: (object: T) => boolean,
  ): Promise<T> {
    const query = `fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}&watch=true`
    for (;;) {
      const stop = new AbortController()
      try {
        for await (const event of api.watch<T>(`${collection}?${query}`, stop.signal)) {
          if (event.type !== 'ERROR' && event.type !== 'DELETED' && holds(event.object)) return event.object
        }
      } finally {
        stop.abort()
      }
    }
  }

  const onThisNode = (spec: Partial<PodSpec>): object => ({
    nodeSelector: { 'kubernetes.io/hostname': nodeName },
    tolerations: [{ key: taintKey, operator: 'Equal', value: nodeName, effect: 'NoSchedule' }],
    terminationGracePeriodSeconds: 5,
    ...spec,
  })

  function kubectl(...args: string[]): Promise<KubectlAnswer> {
    const all = ['--kubeconfig', rigKubeConfigPath(), '--namespace', namespace, ...args]
    return new Promise((resolve) => {
      const child = spawn(rigKubectlPath(), all, { stdio: ['ignore', 'pipe', 'pipe'] })
      const answer: KubectlAnswer = { code: null, stdout: '', stderr: '' }
      child.stdout.on('data', (chunk) => {
        answer.stdout += chunk
      })
      child.stderr.on('data', (chunk) => {
        answer.stderr += chunk
      })
      child.on('close', (code) => resolve({ ...answer, code }))
    })
  }

  return {
    api,
    namespace,
    onThisNode,
    objectUntil,
    kubectl,
    follow(pod) {
      const args = ['--kubeconfig', rigKubeConfigPath(), '--namespace', namespace, 'logs', '--follow', pod]
      const child = spawn(rigKubectlPath(), args, { stdio: ['ignore', 'pipe', 'ignore'] })
      const all = new Promise<string>((resolve) => {
        let text = ''
        child.stdout.on('data', (chunk) => {
          text += chunk
        })
        child.on('close', () => resolve(text))
      })
      return new Promise((resolve, reject) => {
        child.stdout.once('data', () => resolve({ all }))
        child.once('close', () => reject(new Error(`kubectl logs --follow ${pod} gave nothing`)))
      })
    },
    async create(path, body) {
      await api.call('POST', path.startsWith('/') ? path : `${core}/${path}`, { body })
    },
    async runPod(scripts, change = {}) {
      const name = change.name ?? `pod-${randomBytes(4).toString('hex')}`
      const containers = Object.entries(scripts).map(([container, script]) => ({
        name: container,
        image: testImage,
        command: ['/bin/sh', '-c', script],
        ...change.containers?.[container],
      }))
      const spec = onThisNode({ restartPolicy: 'Never', containers, ...change.spec })
      const metadata = { name, ...change.metadata }
      await api.call('POST', `${core}/pods`, { body: { apiVersion: 'v1', kind: 'Pod', metadata, spec } })
      return name
    },
    podUntil(name, holds) {
      return objectUntil<Pod>(`${core}/pods`, name, holds)
    },
    async podGone(name) {
      const stop = new AbortController()
      const query = `fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`
      const list = await api.call<{ metadata: { resourceVersion: string }; items: Pod[] }>(
        'GET',
        `${core}/pods?${query}`,
      )
      if (list.items.length === 0) return
      const from = `${query}&watch=true&resourceVersion=${list.metadata.resourceVersion}`
      for await (const event of api.watch<Pod>(`${core}/pods?${from}`, stop.signal)) {
        if (event.type === 'DELETED') break
      }
      stop.abort()
    },
    async deletePod(name, graceSeconds) {
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
      }
      await api.call('DELETE', `${core}/pods/${name}`, { body })
    },
    async logs(pod, ...args) {
      const answer = await kubectl('logs', pod, ...args)
      if (answer.code !== 0) throw new Error(answer.stderr)
      return answer.stdout.trimEnd().split('\n')
    },
  }
}

/** Whether the pod has come to its end. */
export function isOver(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Whether the pod is ready. */
export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
}
