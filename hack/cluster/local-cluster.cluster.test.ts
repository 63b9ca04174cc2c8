import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { clusterDown, clusterStatus, clusterUp, type LocalCluster } from './local-cluster.ts'
import { clusterLayout } from './local-cluster-layout.ts'
import { isAlive, type ProcessRecord, readRecords } from './process-record.ts'

let stateDir: string
let cluster: LocalCluster

function kubectl(args: string[], input?: string): string {
  const done = spawnSync(cluster.kubectlPath, ['--kubeconfig', cluster.kubeconfigPath, ...args], {
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
  })
  if (done.status !== 0) throw new Error(done.stderr)
  return done.stdout
}

function records(): ProcessRecord[] {
  const layout = clusterLayout(stateDir)
  return [...readRecords(join(layout.controlPlane, 'control-plane.pids')), ...readRecords(layout.nodeRecords)]
}

const job = JSON.stringify({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'hello' },
  spec: {
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [{ name: 'main', image: 'amx.dev/worker:dev', command: ['sh', '-c', 'echo hello'] }],
      },
    },
  },
})

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'amx-local-cluster-'))
  cluster = await clusterUp({ stateDir })
})

afterAll(async () => {
  await clusterDown({ stateDir })
  rmSync(stateDir, { recursive: true, force: true })
})

test('a job runs to its end and kubectl shows its log', () => {
  kubectl(['apply', '-f', '-'], job)
  kubectl(['wait', '--for=condition=complete', 'job/hello', '--timeout=30s'])
  expect(kubectl(['logs', 'job/hello'])).toBe('hello\n')
})

test('starting what runs changes nothing', async () => {
  const before = records()
  expect(before.map(({ name }) => name)).toEqual([
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'process-node',
  ])
  expect((await clusterUp({ stateDir })).url).toBe(cluster.url)
  expect(records()).toEqual(before)
})

test('a program that was killed is noticed, and the next start mends it', async () => {
  const [etcd] = records()
  process.kill(etcd?.pid ?? 0, 'SIGKILL')
  await vi.waitUntil(async () => (await clusterStatus(stateDir)).controlPlane.state === 'unhealthy')
  await clusterUp({ stateDir })
  expect((await clusterStatus(stateDir)).controlPlane.state).toBe('running')
})

test('down ends every process, and up brings back the same objects under the same address', async () => {
  kubectl(['create', 'configmap', 'kept', '--from-literal=a=b'])
  const before = records()
  await clusterDown({ stateDir })
  expect(before.filter(isAlive)).toEqual([])
  expect(await clusterStatus(stateDir)).toEqual({ controlPlane: { state: 'stopped' }, node: 'stopped' })
  const kubeConfig = readFileSync(cluster.kubeconfigPath, 'utf8')
  const again = await clusterUp({ stateDir })
  expect(again.url).toBe(cluster.url)
  expect(readFileSync(cluster.kubeconfigPath, 'utf8')).toBe(kubeConfig)
  expect(kubectl(['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'])).toBe('b')
})

test('two starts at the same time make one cluster', async () => {
  await clusterDown({ stateDir })
  const [first, second] = await Promise.all([clusterUp({ stateDir }), clusterUp({ stateDir })])
  expect(first.url).toBe(second.url)
  expect(records().filter(isAlive)).toHaveLength(5)
})

test('a start that fails says why and leaves no process', async () => {
  await clusterDown({ stateDir })
  const layout = clusterLayout(stateDir)
  const data = join(layout.controlPlane, 'etcd')
  rmSync(data, { recursive: true })
  writeFileSync(data, 'not a folder')
  await expect(clusterUp({ stateDir })).rejects.toThrow(/etcd ended while starting/)
  expect(records()).toEqual([])
  expect(existsSync(layout.lock)).toBe(false)
})
