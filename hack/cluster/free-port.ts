import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below the range from which systems take the ports of outgoing connections: a port from that range can be taken by any
// connection between the choice and its use, and again while a program is restarted.
const firstPort = 20_000
const lastPort = 32_000

/** Ports of 127.0.0.1 that were free a moment ago, all different. Throws when there are not enough. */
export async function freePorts(count: number): Promise<number[]> {
  const chosen = new Set<number>()
  for (let attempt = 0; attempt < count + 1_000; attempt += 1) {
    if (chosen.size === count) return [...chosen]
    const port = randomInt(firstPort, lastPort)
    if (!chosen.has(port) && (await isPortFree(port))) chosen.add(port)
  }
  throw new Error(`127.0.0.1 has no ${count} free ports between ${firstPort} and ${lastPort}`)
}

/** Whether a port of 127.0.0.1 can be listened on now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
