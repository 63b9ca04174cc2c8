import { connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { writeWithFunction } from './apply/write-with-function.ts'
import { openConnectionPool } from './connection-pool.ts'
import { type WarehouseDatabase, warehouseDatabase } from './test-warehouse.ts'

// What stands between a program and many production databases: a pooler that takes no settings in the start-up message and
// gives a session another server connection when it likes.

const signal = () => AbortSignal.timeout(20_000)

/** An ErrorResponse of the protocol with its severity, state and message. */
function errorResponse(state: string, message: string): Buffer {
  const body = Buffer.from(`SFATAL\0VFATAL\0C${state}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

async function strictPooler(database: WarehouseDatabase): Promise<{ readonly port: number; refused(): number }> {
  const { connection } = database.options()
  const sockets = new Set<Socket>()
  let refused = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', (startup) => {
      if (Buffer.from(startup).includes('\0options\0')) {
        refused += 1
        socket.end(errorResponse('08P01', 'unsupported startup parameter: options'))
        return
      }
      const upstream = connect(connection.port, connection.host)
      sockets.add(upstream)
      upstream.on('error', () => undefined)
      upstream.write(startup)
      socket.pipe(upstream)
      upstream.pipe(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, refused: () => refused }
}

test('settings that a pooler refuses at start-up are sent as one statement, once it is known that it refuses', async () => {
  const database = await warehouseDatabase('')
  const pooler = await strictPooler(database)
  const { connection } = database.options()
  const options = database.options({
    connection: { ...connection, port: pooler.port },
    statementTimeoutMs: 4321,
    connections: 2,
  })
  const pool = await openConnectionPool(options, signal())
  onTestFinished(() => pool.close())
  const setting = { text: "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')" }
  const both = Promise.withResolvers<void>()
  let lent = 0
  const read = () =>
    pool.withSession(signal(), async (session) => {
      lent += 1
      if (lent === 2) both.resolve()
      await both.promise
      return session.query(setting, signal())
    })
  expect(await Promise.all([read(), read()])).toEqual([[['4321ms', '3s']], [['4321ms', '3s']]])
  expect(pool.statements()).toBe(4)
  expect(pooler.refused()).toBe(1)
})

test('a session that finds itself on another server connection makes its function again', async () => {
  const database = await warehouseDatabase('CREATE TABLE t (a int, b int)')
  const pool = await openConnectionPool(database.options({ connections: 1 }), signal())
  onTestFinished(() => pool.close())
  const sendable = (column: string) => ({
    row: {
      rowId: column,
      path: `public.t.${column}`,
      kind: 'Column',
      text: 'x',
      expected: null,
      intended: false,
    } as const,
    target: { kind: 'Column', noun: 'COLUMN', schema: 'public', relation: 't', column } as const,
  })
  await pool.withSession(signal(), async (session) => {
    const request = { onDrift: 'Refuse', dryRun: false, lockWaitMs: 1000 } as const
    const write = async (column: string) => (await writeWithFunction(session, [sendable(column)], request, signal()))[0]
    expect(await write('a')).toMatchObject({ outcome: 'Applied' })
    await session.query({ text: 'DISCARD TEMP' }, signal())
    expect(await write('b')).toMatchObject({ outcome: 'Applied' })
  })
})
