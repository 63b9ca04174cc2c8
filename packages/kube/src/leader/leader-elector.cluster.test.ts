import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { rigKubeConfigPath, testNamespace } from '@amx/hack'
import { KubeConfig } from '@kubernetes/client-node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { createTransport, type Transport } from '../transport/transport.ts'
import { createLeaderElector } from './leader-elector.ts'

const program = fileURLToPath(new URL('../testing/candidate.ts', import.meta.url))

interface Candidate {
  readonly process: ChildProcess
  readonly said: () => string[]
}

interface Lease {
  spec: { holderIdentity: string; leaseTransitions: number; acquireTime: string; renewTime: string }
}

let namespace: string
let transport: Transport
let candidates: Candidate[]

beforeEach(async () => {
  namespace = await testNamespace()
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(rigKubeConfigPath())
  transport = createTransport(kubeConfig)
  candidates = []
})

afterEach(async () => {
  for (const candidate of candidates) candidate.process.kill('SIGKILL')
  await transport.close()
})

function stand(identity: string): Candidate {
  const child = spawn(process.execPath, [program, namespace, 'test', identity], {
    env: { ...process.env, KUBECONFIG: rigKubeConfigPath(), NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8')
  })
  const candidate = { process: child, said: () => text.split('\n').filter((line) => line !== '') }
  candidates.push(candidate)
  return candidate
}

const path = (): string => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/test`

function lease(): Promise<Lease> {
  return transport.request<Lease>({ path: path() })
}

async function leads(candidate: Candidate): Promise<void> {
  await eventually('it leads', () => candidate.said().includes('leads'), 30_000)
}

test('a leader that stops hands over at once, to a process that waits', async () => {
  const first = stand('first')
  await leads(first)
  const second = stand('second')
  first.process.kill('SIGTERM')
  await leads(second)
  await eventually('the first has gone', () => first.process.exitCode !== null)
  expect(first.process.exitCode).toBe(0)
  expect(first.said()).toEqual(['leads', 'ends', 'Stopped'])
  expect((await lease()).spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 })
})

test('a leader that is told to stop while it writes its lease gives it back all the same', async () => {
  const stop = new AbortController()
  let writes = 0
  // The API server has taken the write, and its answer is still on its way when the word to stop comes.
  const slow: Transport = {
    ...transport,
    async request(request) {
      const answer = await transport.request(request)
      if (request.method === 'POST' || request.method === 'PUT') {
        writes += 1
        if (writes === 2) {
          stop.abort()
          await new Promise((resolve) => setImmediate(resolve))
          request.signal?.throwIfAborted()
        }
      }
      return answer as never
    },
  }
  const elector = createLeaderElector(
    { namespace, name: 'test', identity: 'first', retryPeriodMs: 50 },
    { transport: slow },
  )
  expect(await elector.run(stop.signal, () => {})).toEqual({ reason: 'Stopped' })
  expect(writes).toBe(3)
  expect((await lease()).spec.holderIdentity).toBe('')
})

test('a leader that is killed is followed once its lease has run out, and not before', async () => {
  const first = stand('first')
  await leads(first)
  const second = stand('second')
  await eventually('the second has looked', async () => (await lease()).spec.holderIdentity === 'first')
  first.process.kill('SIGKILL')
  const last = (await lease()).spec
  await leads(second)
  const now = (await lease()).spec
  expect(now).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 })
  expect(Date.parse(now.acquireTime) - Date.parse(last.renewTime)).toBeGreaterThanOrEqual(3_000)
})

test('a leader whose lease is taken away ends its work and exits with 1', async () => {
  const first = stand('first')
  await leads(first)
  await transport.request({
    method: 'PATCH',
    path: path(),
    body: { spec: { holderIdentity: 'thief' } },
    contentType: 'application/merge-patch+json',
  })
  await eventually('it has gone', () => first.process.exitCode !== null)
  expect(first.process.exitCode).toBe(1)
  expect(first.said()).toContain('LeaseLost')
})

test('a leader whose lease is deleted makes it again and goes on', async () => {
  const first = stand('first')
  await leads(first)
  await transport.request({ method: 'DELETE', path: path() })
  await eventually('it is there again', async () => {
    const found = await lease().catch(() => undefined)
    return found?.spec.holderIdentity === 'first'
  })
  expect(first.process.exitCode).toBeNull()
  expect(first.said()).toEqual(['leads'])
})
