import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePorts, isPortFree } from './free-port.ts'

test('ports are all different and can be listened on', async () => {
  const ports = await freePorts(20)
  expect(new Set(ports).size).toBe(20)
  expect(await Promise.all(ports.map(isPortFree))).not.toContain(false)
})

test('a port somebody listens on is not free', async () => {
  const [port = 0] = await freePorts(1)
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  try {
    expect(await isPortFree(port)).toBe(false)
  } finally {
    server.close()
  }
})
