import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removePostgres, runningPostgresUrl, startPostgres, stopPostgres } from './start-postgres.ts'

let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'amx-postgres-'))
})

afterEach(async () => {
  await removePostgres(dataDir)
  rmSync(dataDir, { recursive: true, force: true })
})

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('a server that was stopped starts again with its data, its port and its password', async () => {
  const first = await startPostgres({ dataDir, lifetime: 'detached' })
  await query(first.url, 'create table kept as select 1 as number')
  await first.stop()
  expect(runningPostgresUrl(dataDir)).toBeUndefined()
  const second = await startPostgres({ dataDir, lifetime: 'detached' })
  expect(second.url).toBe(first.url)
  expect(await query(second.url, 'select number from kept')).toEqual([{ number: 1 }])
})

test('whoever did not start a server finds it, and can stop it', async () => {
  const started = await startPostgres({ dataDir, lifetime: 'detached' })
  expect(runningPostgresUrl(dataDir)).toBe(started.url)
  await stopPostgres(dataDir)
  await expect(query(started.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
})

test('a server whose data is kept writes it through to the disk', async () => {
  const { url } = await startPostgres({ dataDir, lifetime: 'detached' })
  expect(await query(url, 'show fsync')).toEqual([{ fsync: 'on' }])
})

test('a wrong password is refused', async () => {
  const { url } = await startPostgres({ dataDir })
  const wrong = new URL(url)
  wrong.password = 'wrong'
  await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed')
})

test('a port that is taken is an error with the words of the server', async () => {
  const { url } = await startPostgres({ dataDir })
  const other = mkdtempSync(join(tmpdir(), 'amx-postgres-'))
  try {
    await expect(startPostgres({ dataDir: other, port: Number(new URL(url).port) })).rejects.toThrow(
      'Address already in use',
    )
  } finally {
    await removePostgres(other)
  }
})

test('data below a folder that only root can enter is kept elsewhere, and removed from there', async () => {
  chmodSync(dataDir, 0o700)
  const inside = join(dataDir, 'store')
  const { url } = await startPostgres({ dataDir: inside, lifetime: 'detached' })
  const [{ data_directory: place }] = (await query(url, 'show data_directory')) as [{ data_directory: string }]
  expect(existsSync(place)).toBe(true)
  await removePostgres(inside)
  expect(existsSync(place)).toBe(false)
  await expect(query(url, 'select 1')).rejects.toThrow('ECONNREFUSED')
})
