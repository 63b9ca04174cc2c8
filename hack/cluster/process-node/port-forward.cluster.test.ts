import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { rigKubeConfigPath } from '../../rig/index.ts'
import { isReady, startTestNode } from './test-node.ts'

const cluster = await startTestNode()
const listening = createServer((request, response) => {
  response.setHeader('connection', 'close').end(`you asked for ${request.url}`)
})
let port: number
let pod: string

beforeAll(async () => {
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  port = (listening.address() as AddressInfo).port
  // Pods are processes of this machine: whatever listens here listens in the pod, too.
  pod = await cluster.runPod({ main: 'exec sleep 1000' })
  await cluster.podUntil(pod, isReady)
})
afterAll(() => listening.close())

/** What comes from a forwarded port over WebSocket when a request is sent to it, by channel. */
async function forwarded(name: string, to: number): Promise<{ data: string; error: string }> {
  const config = new KubeConfig()
  config.loadFromFile(rigKubeConfigPath())
  const options = {}
  await config.applyToHTTPSOptions(options)
  const server = config.getCurrentCluster()?.server.replace('https', 'wss')
  const path = `/api/v1/namespaces/${cluster.namespace}/pods/${name}/portforward?ports=${to}`
  const tunnel = new WebSocket(`${server}${path}`, ['v4.channel.k8s.io'], options)
  const said = { data: '', error: '' }
  const greeted = new Set<number>()
  tunnel.on('message', (message: Buffer) => {
    const channel = message[0] ?? -1
    if (!greeted.has(channel)) {
      expect(message.readUInt16LE(1)).toBe(to)
      greeted.add(channel)
      return
    }
    said[channel === 0 ? 'data' : 'error'] += message.subarray(1).toString()
  })
  await new Promise((resolve, reject) => tunnel.once('open', resolve).once('error', reject))
  tunnel.send(Buffer.concat([Buffer.from([0]), Buffer.from('GET /hello HTTP/1.1\r\nhost: a\r\n\r\n')]))
  await new Promise((resolve) => tunnel.once('close', resolve))
  return said
}

test('a port of a pod is reached through the API server', async () => {
  expect((await forwarded(pod, port)).data).toContain('you asked for /hello')
})

test('a port where nothing listens says so', async () => {
  listening.closeAllConnections()
  expect((await forwarded(pod, 1)).error).toMatch(/error forwarding port 1: .*ECONNREFUSED/)
})

test('a pod that does not run is refused', async () => {
  const over = await cluster.runPod({ main: 'true' })
  await cluster.podUntil(over, ({ status }) => status?.phase === 'Succeeded')
  await expect(forwarded(over, port)).rejects.toThrow()
})
