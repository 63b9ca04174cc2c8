import { connect, createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { PostgresqlConnection } from '@amx/api'
import { generate } from 'selfsigned'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openConnectionPool } from './connection-pool.ts'
import { type WarehouseDatabase, warehouseDatabase } from './test-warehouse.ts'

const signal = () => AbortSignal.timeout(20_000)
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

/** A server certificate for a name, which is its own authority. */
async function certificate(name: string) {
  return await generate([{ name: 'commonName', value: name }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  })
}

/** PostgreSQL's TLS in front of a server that has none: answers the request for it, decrypts, passes on. */
async function tlsFront(database: WarehouseDatabase, keys: { private: string; cert: string }): Promise<number> {
  const { connection } = database.options()
  const secureContext = createSecureContext({ key: keys.private, cert: keys.cert })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', (first) => {
      if (!Buffer.from(first).equals(sslRequest)) return socket.destroy()
      socket.write('S')
      const inner = new TLSSocket(socket, { isServer: true, secureContext })
      const upstream = connect(connection.port, connection.host)
      for (const each of [inner, upstream]) {
        each.on('error', () => undefined)
        each.on('close', () => {
          inner.destroy()
          upstream.destroy()
        })
      }
      inner.pipe(upstream)
      upstream.pipe(inner)
      return undefined
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function setUp(name: string) {
  const database = await warehouseDatabase('')
  const keys = await certificate(name)
  const port = await tlsFront(database, keys)
  const open = async (tlsMode: PostgresqlConnection['tlsMode'], ca?: string) => {
    const { connection, credentials } = database.options()
    const options = database.options({
      connection: { ...connection, host: 'localhost', port, tlsMode },
      credentials: { ...credentials, ...(ca === undefined ? {} : { ca }) },
    })
    const opened = await openConnectionPool(options, signal())
    onTestFinished(() => opened.close())
    return opened
  }
  return { database, keys, open }
}

describe('a server with a certificate of its own authority', () => {
  test('is taken as it is when encryption is all that is asked for', async () => {
    const { open } = await setUp('elsewhere')
    await expect(open('require')).resolves.toBeDefined()
  })

  test('is refused without the authority', async () => {
    const { open } = await setUp('localhost')
    await expect(open('verify-ca')).rejects.toMatchObject({ code: 'AMX-2006' })
    await expect(open('verify-full')).rejects.toMatchObject({ code: 'AMX-2006' })
  })

  test('is taken with it, whatever its name, by verify-ca', async () => {
    const { open, keys } = await setUp('elsewhere')
    await expect(open('verify-ca', keys.cert)).resolves.toBeDefined()
  })

  test('must have the name of the host for verify-full', async () => {
    const wrong = await setUp('elsewhere')
    await expect(wrong.open('verify-full', wrong.keys.cert)).rejects.toMatchObject({ code: 'AMX-2006' })
    const right = await setUp('localhost')
    await expect(right.open('verify-full', right.keys.cert)).resolves.toBeDefined()
  })

  test('gets its cancel requests encrypted too', async () => {
    const { database, keys, open } = await setUp('localhost')
    const opened = await open('verify-full', keys.cert)
    const stop = new AbortController()
    const sleeping = opened.withSession(stop.signal, (session) =>
      session.query({ text: 'SELECT pg_sleep(60)' }, stop.signal),
    )
    const stopped = expect(sleeping).rejects.toThrow('stopped')
    const running =
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT pg_sleep(60)' AND state = 'active'"
    await expect.poll(async () => (await database.run(running)).length).toBe(1)
    stop.abort(new Error('stopped'))
    await stopped
    expect(await database.run(running)).toEqual([])
  })
})

test('a server that hangs up on a plain connection is unreachable', async () => {
  const { open } = await setUp('localhost')
  await expect(open('disable')).rejects.toMatchObject({ code: 'AMX-2001' })
})
