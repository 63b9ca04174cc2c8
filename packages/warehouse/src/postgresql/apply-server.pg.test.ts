import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApplyRow } from '@amx/api'
import { type RunningPostgres, removePostgres, startPostgres } from '@amx/hack'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { Warehouse } from '../warehouse.ts'
import { openPostgresql } from './open-postgresql.ts'

// What befalls the server as a whole while comments are written; a server of its own, since others would suffer with it.

const folder = join(mkdtempSync(join(tmpdir(), 'amx-apply-server-')), 'postgres')
const credentials = { username: 'writer', password: 'secret' }
const signal = () => AbortSignal.timeout(20_000)
let server: RunningPostgres
let dataDirectory = ''

beforeAll(async () => {
  server = await startPostgres({ dataDir: folder })
  dataDirectory = await asSuperuser(async (client) => {
    await client.query(`CREATE ROLE writer LOGIN PASSWORD 'secret'; GRANT CREATE ON SCHEMA public TO writer;
      SET ROLE writer; CREATE TABLE t (a int, b int); RESET ROLE;
      CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(5); END $$;
      CREATE EVENT TRIGGER slow ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION slow();
      ALTER EVENT TRIGGER slow DISABLE`)
    // Five connections are left for who is no superuser.
    await client.query('ALTER SYSTEM SET superuser_reserved_connections = 192')
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
    return rows[0]?.data_directory ?? ''
  })
  await restart()
}, 60_000)

afterAll(async () => {
  await removePostgres(folder)
  rmSync(join(folder, '..'), { recursive: true, force: true })
})

async function restart(): Promise<void> {
  await server.stop()
  server = await startPostgres({ dataDir: folder })
}

async function asSuperuser<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: server.url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function open(): Promise<Warehouse> {
  const { hostname: host, port } = new URL(server.url)
  const connection = { host, port: Number(port), database: 'postgres', tlsMode: 'disable' as const }
  const warehouse = await openPostgresql({ connection, credentials, connections: 2 }, signal())
  onTestFinished(() => warehouse.close())
  return warehouse
}

function write(warehouse: Warehouse, ...columns: readonly string[]) {
  const rows = columns.map((column): ApplyRow => {
    return { rowId: column, path: `public.t.${column}`, kind: 'Column', text: 'new', expected: null, intended: true }
  })
  return warehouse.applyTable({ tablePath: 'public.t', rows, onDrift: 'Refuse', dryRun: false }, signal())
}

const comments = () =>
  asSuperuser(async (client) => {
    const { rows } = await client.query<{ a: string | null; b: string | null }>(
      "SELECT col_description('t'::regclass, 1) AS a, col_description('t'::regclass, 2) AS b",
    )
    return rows[0]
  })

test('no connection left: the unit is tried again, and is written once one is free', async () => {
  const others: Client[] = []
  onTestFinished(() => Promise.all(others.map((client) => client.end().catch(() => undefined))).then(() => undefined))
  for (let full = false; !full; ) {
    const url = new URL(server.url)
    const client = new Client({
      ...credentials,
      user: 'writer',
      host: url.hostname,
      port: Number(url.port),
      database: 'postgres',
    })
    client.on('error', () => undefined)
    await client.connect().then(
      () => others.push(client),
      () => {
        full = true
      },
    )
  }
  await expect(open()).rejects.toMatchObject({ code: 'AMX-2013', entry: { retry: 'Retry' } })
  await others.pop()?.end()
  const warehouse = await vi.waitFor(open, { timeout: 10_000 })
  expect((await write(warehouse, 'b')).map(({ outcome }) => outcome)).toEqual(['Applied'])
  await asSuperuser((client) => client.query('COMMENT ON COLUMN t.b IS NULL'))
})

test('a server that restarts in the middle: nothing is half written, and the next attempt writes it', async () => {
  const warehouse = await open()
  await asSuperuser((client) => client.query('ALTER EVENT TRIGGER slow ENABLE'))
  const refused = expect(write(warehouse, 'a', 'b')).rejects.toMatchObject({
    code: 'AMX-2001',
    entry: { retry: 'Retry' },
  })
  await vi.waitFor(async () => {
    const sleeping = await asSuperuser((client) =>
      client.query("SELECT FROM pg_stat_activity WHERE usename = 'writer' AND wait_event = 'PgSleep'"),
    )
    expect(sleeping.rowCount).toBe(1)
  }, 10_000)
  await restart()
  await refused
  expect(await comments()).toEqual({ a: null, b: null })
  await asSuperuser((client) => client.query('ALTER EVENT TRIGGER slow DISABLE'))
  expect((await write(await open(), 'a', 'b')).map(({ outcome }) => outcome)).toEqual(['Applied', 'Applied'])
  expect(await comments()).toEqual({ a: 'new', b: 'new' })
})

test('a server that became a standby: each row is told so, and where to write instead', async () => {
  await asSuperuser((client) => client.query('COMMENT ON COLUMN t.b IS NULL; CHECKPOINT'))
  await server.stop()
  // The server opens it for writing to sync it, under its own user.
  writeFileSync(join(dataDirectory, 'standby.signal'), '')
  chmodSync(join(dataDirectory, 'standby.signal'), 0o666)
  server = await startPostgres({ dataDir: folder })
  const results = await write(await open(), 'a', 'b')
  expect(results.map(({ outcome, error }) => [outcome, error?.code])).toEqual([
    ['Failed', 'AMX-2012'],
    ['Failed', 'AMX-2012'],
  ])
  expect(results[0]?.error).toMatchObject({
    remedy: expect.stringContaining('primary server'),
    driverMessage: expect.stringContaining('SQLSTATE 25006'),
  })
})
