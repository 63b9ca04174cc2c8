import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { birthOf } from '../process-record.ts'
import type { Pod, TerminatedStatus } from './pod-types.ts'
import { isOver, isReady, startTestNode } from './test-node.ts'

/** Each look is a process of its own, which a busy machine can take its time for. */
const patient = { timeout: 20_000 }
const cluster = await startTestNode({ restartBackOffMs: 150, maxRestartBackOffMs: 300 })

function terminated(pod: Pod): TerminatedStatus | undefined {
  return pod.status?.containerStatuses?.[0]?.state.terminated
}

/** A watch sees the last status of a pod before its object is gone. */
function lastStatus(name: string): Promise<Pod> {
  return cluster.podUntil(name, (pod) => terminated(pod) !== undefined)
}

test('a deleted pod gets SIGTERM and its last words are in its status', async () => {
  const script = 'trap "echo saved > /dev/termination-log; exit 5" TERM; echo up; while true; do sleep 0.02; done'
  const name = await cluster.runPod({ main: script })
  await cluster.podUntil(name, isReady)
  await expect.poll(() => cluster.logs(name), patient).toEqual(['up'])
  const last = lastStatus(name)
  await cluster.deletePod(name)
  expect(terminated(await last)).toMatchObject({ exitCode: 5, reason: 'Error', message: 'saved\n' })
  expect((await last).status?.phase).toBe('Failed')
  await cluster.podGone(name)
})

test('what ignores SIGTERM is killed after the grace period, with its children', async () => {
  const script = 'trap "" TERM; (sleep 1000 & echo $!; wait) & sleep 1000'
  const name = await cluster.runPod({ main: script }, { spec: { terminationGracePeriodSeconds: 1 } })
  await cluster.podUntil(name, isReady)
  await expect.poll(() => cluster.logs(name), patient).toEqual([expect.stringMatching(/^\d+$/)])
  const [child] = await cluster.logs(name)
  const last = lastStatus(name)
  await cluster.deletePod(name)
  expect(terminated(await last)).toMatchObject({ exitCode: 137, signal: 9, reason: 'Error' })
  await expect.poll(() => birthOf(Number(child)), patient).toBeUndefined()
  await cluster.podGone(name)
})

test('a pod that is deleted by force is killed at once', async () => {
  const name = await cluster.runPod(
    { main: 'trap "" TERM; echo $$$$; sleep 1000; sleep 1000' },
    { spec: { terminationGracePeriodSeconds: 600 } },
  )
  await cluster.podUntil(name, isReady)
  await expect.poll(() => cluster.logs(name), patient).toEqual([expect.stringMatching(/^\d+$/)])
  const [pid] = await cluster.logs(name)
  await cluster.deletePod(name, 0)
  await expect.poll(() => birthOf(Number(pid)), patient).toBeUndefined()
})

test('the preStop hook runs before SIGTERM', async () => {
  const script = 'trap "echo term; exit 0" TERM; echo up; while true; do sleep 0.02; done'
  const lifecycle = { preStop: { exec: { command: ['/bin/sh', '-c', 'echo hooked > /shared/hook'] } } }
  const name = await cluster.runPod(
    { main: `${script.replace('echo term', 'cat /shared/hook')}` },
    {
      containers: { main: { lifecycle, volumeMounts: [{ name: 'shared', mountPath: '/shared' }] } },
      spec: { volumes: [{ name: 'shared', emptyDir: {} }] },
    },
  )
  await cluster.podUntil(name, isReady)
  await expect.poll(() => cluster.logs(name), patient).toEqual(['up'])
  const following = await cluster.follow(name)
  await cluster.deletePod(name)
  expect(await following.all).toBe('up\nhooked\n')
})

test('the end of the log stands for a message that a failed program did not leave', async () => {
  const containers = { main: { terminationMessagePolicy: 'FallbackToLogsOnError' } }
  const failed = await cluster.runPod({ main: 'echo step 1; echo broken >&2; exit 2' }, { containers })
  expect(terminated(await cluster.podUntil(failed, isOver))).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('broken\n'),
  })
  const left = await cluster.runPod(
    { main: 'echo noise; printf told > "$TERMINATION_MESSAGE_PATH"; exit 2' },
    { containers },
  )
  expect(terminated(await cluster.podUntil(left, isOver))?.message).toBe('told')
  const fine = await cluster.runPod({ main: 'echo noise' }, { containers })
  expect(terminated(await cluster.podUntil(fine, isOver))).not.toHaveProperty('message')
})

test('a program that does not exist fails the container and names the reason', async () => {
  const name = await cluster.runPod({ main: '' }, { containers: { main: { command: ['/no/such/program'] } } })
  const pod = await cluster.podUntil(name, isOver)
  expect(terminated(pod)).toMatchObject({ exitCode: 128, reason: 'StartError' })
  expect(terminated(pod)?.message).toContain('ENOENT')
})

test('init containers run in order before the container', async () => {
  const shared = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] }
  const init = (name: string): object => ({
    name,
    image: 'amx.dev/test:dev',
    command: ['/bin/sh', '-c', `echo ${name} >> /shared/log`],
    ...shared,
  })
  const name = await cluster.runPod(
    { main: 'cat /shared/log' },
    {
      containers: { main: shared },
      spec: { volumes: [{ name: 'shared', emptyDir: {} }], initContainers: [init('first'), init('second')] as never },
    },
  )
  const pod = await cluster.podUntil(name, isOver)
  expect(await cluster.logs(name)).toEqual(['first', 'second'])
  expect(pod.status?.initContainerStatuses?.map(({ state }) => state.terminated?.exitCode)).toEqual([0, 0])
})

test('a failing init container fails a pod that is not restarted', async () => {
  const initContainers = [{ name: 'first', image: 'amx.dev/test:dev', command: ['/bin/false'] }]
  const name = await cluster.runPod({ main: 'echo never' }, { spec: { initContainers } })
  const pod = await cluster.podUntil(name, isOver)
  expect(pod.status?.phase).toBe('Failed')
  expect(pod.status?.containerStatuses?.[0]?.state.waiting?.reason).toBe('PodInitializing')
})

test('a crashing program is restarted with a growing back-off, told in the status', async () => {
  const name = await cluster.runPod({ main: 'exit 9' }, { spec: { restartPolicy: 'OnFailure' } })
  const pod = await cluster.podUntil(name, (each) => {
    const status = each.status?.containerStatuses?.[0]
    return status?.state.waiting?.reason === 'CrashLoopBackOff' && status.restartCount >= 2
  })
  const status = pod.status?.containerStatuses?.[0]
  expect(status?.state.waiting?.message).toBe('back-off 0.3s restarting failed container=main')
  expect(status?.lastState.terminated).toMatchObject({ exitCode: 9, reason: 'Error' })
  expect(pod.status?.phase).toBe('Running')
  await cluster.deletePod(name)
  await cluster.podGone(name)
})

test('the active deadline ends the pod', async () => {
  const name = await cluster.runPod({ main: 'exec sleep 1000' }, { spec: { activeDeadlineSeconds: 1 } })
  const pod = await cluster.podUntil(name, isOver)
  expect(pod.status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' })
  expect(terminated(pod)).toMatchObject({ exitCode: 143, signal: 15 })
})

test('a pod is ready when its HTTP probe says so, and no longer when it does not', async () => {
  let status = 503
  const server = createServer((_, response) => response.writeHead(status).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const readinessProbe = { httpGet: { path: '/ready', port: 'web' }, periodSeconds: 1, failureThreshold: 1 }
  const ports = [{ name: 'web', containerPort: port }]
  const name = await cluster.runPod({ main: 'exec sleep 1000' }, { containers: { main: { readinessProbe, ports } } })
  const running = await cluster.podUntil(name, (pod) => pod.status?.phase === 'Running')
  expect(isReady(running)).toBe(false)
  status = 200
  await cluster.podUntil(name, isReady)
  status = 503
  await cluster.podUntil(name, (pod) => !isReady(pod))
  await cluster.deletePod(name)
  server.close()
})

test('a program that is not alive is restarted', async () => {
  const livenessProbe = {
    exec: { command: ['/bin/sh', '-c', '! [ -e "$HOME/dead" ]'] },
    periodSeconds: 1,
    failureThreshold: 1,
  }
  const script = 'if [ -e "$HOME/dead" ]; then rm "$HOME/dead"; else touch "$HOME/dead"; fi; exec sleep 1000'
  const name = await cluster.runPod(
    { main: script },
    { containers: { main: { livenessProbe } }, spec: { restartPolicy: 'Always' } },
  )
  const pod = await cluster.podUntil(
    name,
    (each) => each.status?.containerStatuses?.[0]?.restartCount === 1 && isReady(each),
  )
  expect(pod.status?.containerStatuses?.[0]?.lastState.terminated).toMatchObject({ exitCode: 143, signal: 15 })
  const events = await cluster.kubectl('get', 'events', '--field-selector=reason=Unhealthy', '--output=name')
  expect(events.stdout).toContain(name)
  await cluster.deletePod(name)
})

test('a startup probe holds back readiness until the program listens', async () => {
  const startupProbe = { tcpSocket: { port: 0 }, periodSeconds: 1, failureThreshold: 60 }
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  startupProbe.tcpSocket.port = port
  const name = await cluster.runPod({ main: 'exec sleep 1000' }, { containers: { main: { startupProbe } } })
  const running = await cluster.podUntil(name, (pod) => pod.status?.phase === 'Running')
  expect(running.status?.containerStatuses?.[0]).toMatchObject({ started: false, ready: false })
  const late = createServer()
  await new Promise<void>((resolve) => late.listen(port, '127.0.0.1', resolve))
  await cluster.podUntil(name, isReady)
  late.close()
  await cluster.deletePod(name)
})
