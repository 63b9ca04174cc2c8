import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createServerClient, type ServerClient } from './server-client.ts'

let folder: string
let server: Server | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amx-worker-'))
  writeFileSync(join(folder, 'token'), 'first\n')
})

afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)))
  rmSync(folder, { recursive: true })
})

async function clientOf(listener: RequestListener, patienceMs = 10_000): Promise<ServerClient> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return createServerClient({ serverUrl: `http://127.0.0.1:${port}`, tokenFile: join(folder, 'token'), patienceMs })
}

const signal = AbortSignal.timeout(20_000)

describe('the server client', () => {
  it('tries again after resets, 500 and 503 until the server answers', async () => {
    let tries = 0
    const client = await clientOf((request, response) => {
      tries += 1
      if (tries === 1) return request.socket.destroy()
      response.statusCode = tries === 2 ? 500 : tries === 3 ? 503 : 200
      response.end(JSON.stringify({ recorded: true }))
    })
    await expect(client.postResult({ unitId: '1', attempt: 1, kind: 'released' }, signal)).resolves.toEqual({
      recorded: true,
    })
    expect(tries).toBe(4)
  })

  it('gives a problem of the server as the catalogue error it names, at once', async () => {
    let tries = 0
    const client = await clientOf((_, response) => {
      tries += 1
      response.statusCode = 409
      response.end(JSON.stringify({ code: 'AMX-9003', detail: 'work unit 7 was handed to another worker', remedy: '' }))
    })
    await expect(client.postResult({ unitId: '7', attempt: 1, kind: 'released' }, signal)).rejects.toMatchObject({
      code: 'AMX-9003',
      message: 'work unit 7 was handed to another worker',
    })
    expect(tries).toBe(1)
  })

  it('reads a renewed token after the old one is refused', async () => {
    const seen: (string | undefined)[] = []
    const client = await clientOf((request, response) => {
      seen.push(request.headers.authorization)
      if (request.headers.authorization === 'Bearer first') {
        writeFileSync(join(folder, 'token'), 'second\n')
        response.statusCode = 401
        return response.end()
      }
      response.end(JSON.stringify({ units: [], done: true, stop: null }))
    })
    await client.claim({ capacity: 1, waitMs: 0 }, signal)
    expect(seen).toEqual(['Bearer first', 'Bearer second'])
  })

  it('gives up with the server named when its patience is over', async () => {
    const client = await clientOf((_, response) => {
      response.statusCode = 503
      response.end()
    }, 300)
    await expect(client.assignment(signal)).rejects.toMatchObject({ code: 'AMX-4006' })
  })

  it('stops at once when its owner aborts', async () => {
    const owner = new AbortController()
    const client = await clientOf(() => owner.abort())
    await expect(client.claim({ capacity: 1, waitMs: 10_000 }, owner.signal)).rejects.toThrow()
    expect(owner.signal.aborted).toBe(true)
  })
})
