import { connect, createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openConnectionPool } from './connection-pool.ts'
import { type WarehouseDatabase, warehouseDatabase } from './test-warehouse.ts'

const signal = () => AbortSignal.timeout(20_000)

async function pool(database: WarehouseDatabase, overrides: Parameters<WarehouseDatabase['options']>[0] = {}) {
  const opened = await openConnectionPool(database.options(overrides), signal())
  onTestFinished(() => opened.close())
  return opened
}

async function connectionsOf(database: WarehouseDatabase): Promise<number> {
  const [row] = await database.run(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'amx'",
  )
  return Number(row?.['n'])
}

describe('opening', () => {
  test('tells the version, and sends no statement for its settings', async () => {
    const opened = await pool(await warehouseDatabase(''), { statementTimeoutMs: 4321 })
    expect(opened.serverVersion).toMatch(/^\d+\.\d+/)
    expect(opened.statements()).toBe(0)
    const rows = await opened.withSession(signal(), (session) =>
      session.query(
        {
          text: "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('TimeZone')",
        },
        signal(),
      ),
    )
    expect(rows).toEqual([['4321ms', '3s', 'UTC']])
    expect(opened.statements()).toBe(1)
  })

  test('at once opens every connection before it is needed, and goes on with fewer where it must', async () => {
    const database = await warehouseDatabase('')
    const opened = await pool(database, { connections: 3, openConnections: 'AtOnce' })
    await expect.poll(() => connectionsOf(database)).toBe(3)
    await opened.close()
    const credentials = await database.role('ALTER ROLE {role} CONNECTION LIMIT 1')
    const few = await pool(database, { connections: 3, openConnections: 'AtOnce', credentials })
    expect(await few.withSession(signal(), (session) => session.query({ text: 'SELECT 1' }, signal()))).toEqual([['1']])
  })

  test('a wrong password is AMX-2002, and the message does not hold it', async () => {
    const database = await warehouseDatabase('')
    const opening = pool(database, { credentials: { username: 'postgres', password: 'wr0ng' } })
    await expect(opening).rejects.toMatchObject({ code: 'AMX-2002', message: expect.not.stringContaining('wr0ng') })
  })

  test('an unknown database is AMX-2007', async () => {
    const database = await warehouseDatabase('')
    const { connection } = database.options()
    const opening = pool(database, { connection: { ...connection, database: 'nowhere' } })
    await expect(opening).rejects.toMatchObject({ code: 'AMX-2007', message: expect.stringContaining('nowhere') })
  })

  test('a port where nobody listens is AMX-2001', async () => {
    const database = await warehouseDatabase('')
    const { connection } = database.options()
    const opening = pool(database, { connection: { ...connection, port: 1 } })
    await expect(opening).rejects.toMatchObject({ code: 'AMX-2001' })
  })

  test('a server that accepts and says nothing is AMX-2001 after the time limit', async () => {
    const database = await warehouseDatabase('')
    const { connection } = database.options()
    const port = await silentServer()
    const opening = pool(database, { connection: { ...connection, port }, connectTimeoutMs: 200 })
    await expect(opening).rejects.toMatchObject({ code: 'AMX-2001' })
  })

  test('is given up at once when its signal fires', async () => {
    const database = await warehouseDatabase('')
    const { connection } = database.options()
    const options = database.options({ connection: { ...connection, port: await silentServer() } })
    await expect(openConnectionPool(options, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
    const stop = new AbortController()
    const opening = openConnectionPool(options, stop.signal)
    queueMicrotask(() => stop.abort(new Error('stopped')))
    await expect(opening).rejects.toThrow('stopped')
  })

  test('TLS on a server without it is AMX-2006', async () => {
    const database = await warehouseDatabase('')
    const { connection } = database.options()
    const opening = pool(database, { connection: { ...connection, tlsMode: 'require' } })
    await expect(opening).rejects.toMatchObject({ code: 'AMX-2006' })
  })

  test('a role without a connection left is AMX-2035', async () => {
    const database = await warehouseDatabase('')
    const credentials = await database.role('ALTER ROLE {role} CONNECTION LIMIT 1')
    await pool(database, { credentials })
    await expect(pool(database, { credentials })).rejects.toMatchObject({ code: 'AMX-2035' })
  })
})

describe('lending', () => {
  test('never more connections than allowed, and everybody gets a turn', async () => {
    const database = await warehouseDatabase('')
    const opened = await pool(database, { connections: 2 })
    const both = Promise.withResolvers<void>()
    let lent = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 10 }, () =>
        opened.withSession(signal(), async (session) => {
          lent += 1
          most = Math.max(most, lent)
          if (lent === 2) both.resolve()
          await both.promise
          await session.query({ text: 'SELECT 1' }, signal())
          lent -= 1
        }),
      ),
    )
    expect(most).toBe(2)
    expect(await connectionsOf(database)).toBe(2)
  })

  test('who waits for a turn can stop waiting', async () => {
    const opened = await pool(await warehouseDatabase(''), { connections: 1 })
    await opened.withSession(signal(), async () => {
      const stop = new AbortController()
      const waiting = opened.withSession(stop.signal, async () => undefined)
      stop.abort(new Error('stopped'))
      await expect(waiting).rejects.toThrow('stopped')
    })
    await expect(opened.withSession(signal(), async () => 'free')).resolves.toBe('free')
  })

  test('a callback that throws gives the connection back', async () => {
    const database = await warehouseDatabase('')
    const opened = await pool(database, { connections: 1 })
    const failing = opened.withSession(signal(), (session) => session.query({ text: 'SELECT 1 / 0' }, signal()))
    await expect(failing).rejects.toThrow('division by zero')
    expect(await opened.withSession(signal(), (session) => session.query({ text: 'SELECT 2' }, signal()))).toEqual([
      ['2'],
    ])
    expect(await connectionsOf(database)).toBe(1)
  })

  test('a connection that the server ended is replaced', async () => {
    const database = await warehouseDatabase('')
    const opened = await pool(database, { connections: 1 })
    await database.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'amx'",
    )
    await expect
      .poll(() =>
        opened.withSession(signal(), (session) => session.query({ text: 'SELECT 3' }, signal())).catch(() => undefined),
      )
      .toEqual([['3']])
  })

  test('a connection that breaks in mid-statement is an error of that statement only', async () => {
    const database = await warehouseDatabase('')
    const opened = await pool(database, { connections: 1 })
    const broken = opened.withSession(signal(), (session) =>
      session.query({ text: 'SELECT pg_terminate_backend(pg_backend_pid())' }, signal()),
    )
    await expect(broken).rejects.toThrow()
    expect(await opened.withSession(signal(), (session) => session.query({ text: 'SELECT 4' }, signal()))).toEqual([
      ['4'],
    ])
  })
})

describe('cancelling', () => {
  test('an aborted statement is stopped on the server, and its connection goes on', async () => {
    const database = await warehouseDatabase('')
    const opened = await pool(database, { connections: 1 })
    const stop = new AbortController()
    const sleeping = opened.withSession(stop.signal, (session) =>
      session.query({ text: 'SELECT pg_sleep(60)' }, stop.signal),
    )
    const stopped = expect(sleeping).rejects.toThrow('stopped')
    const running =
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'amx' AND query LIKE '%pg_sleep(60)' AND state = 'active'"
    await expect.poll(async () => (await database.run(running)).length).toBe(1)
    const [backend] = await database.run(running)
    stop.abort(new Error('stopped'))
    await stopped
    expect(await database.run(running)).toEqual([])
    const [[pid = null] = []] = await opened.withSession(signal(), (session) =>
      session.query({ text: 'SELECT pg_backend_pid()' }, signal()),
    )
    expect(Number(pid)).toBe(backend?.['pid'])
  })

  test('a signal that fired before sends nothing', async () => {
    const opened = await pool(await warehouseDatabase(''))
    const sending = opened.withSession(signal(), (session) =>
      session.query({ text: 'SELECT 1' }, AbortSignal.abort(new Error('stopped'))),
    )
    await expect(sending).rejects.toThrow('stopped')
    expect(opened.statements()).toBe(0)
  })
})

test('a connection that the network swallowed ends by itself', async () => {
  const database = await warehouseDatabase('')
  const { connection } = database.options()
  let swallowing = false
  const server = createServer((socket) => {
    const upstream = connect(connection.port, connection.host)
    for (const each of [socket, upstream]) each.on('error', () => undefined)
    socket.on('data', (bytes) => swallowing || upstream.write(bytes))
    upstream.on('data', (bytes) => swallowing || socket.write(bytes))
    socket.on('close', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const opened = await pool(database, { connection: { ...connection, port }, statementTimeoutMs: 100 })
  swallowing = true
  const lost = opened.withSession(signal(), (session) => session.query({ text: 'SELECT 1' }, signal()))
  await expect(lost).rejects.toThrow('Connection terminated')
})

test('after closing nothing is left on the server, and nothing can be borrowed', async () => {
  const database = await warehouseDatabase('')
  const opened = await pool(database)
  await opened.withSession(signal(), (session) => session.query({ text: 'SELECT 1' }, signal()))
  await opened.close()
  await expect.poll(() => connectionsOf(database)).toBe(0)
  await expect(opened.withSession(signal(), async () => undefined)).rejects.toThrow()
})

/** Takes connections and never answers. */
async function silentServer(): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    onTestFinished(() => {
      socket.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
