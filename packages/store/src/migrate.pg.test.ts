import { testDatabase } from '@amx/hack'
import pg from 'pg'
import { expect, test } from 'vitest'
import { migrate } from './migrate.ts'

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('servers that start together migrate once', async () => {
  const { url } = await testDatabase()
  const results = await Promise.all(Array.from({ length: 5 }, () => migrate(url)))
  expect(results.filter(({ applied }) => applied.length > 0)).toHaveLength(1)
  expect(new Set(results.map(({ version }) => version)).size).toBe(1)
  expect((await migrate(url)).applied).toEqual([])
})

test('a schema that is newer than the program is left alone', async () => {
  const { url } = await testDatabase()
  await migrate(url)
  await query(url, `insert into amx.schema_version (version, name) values (9999, '9999_future.sql')`)
  await expect(migrate(url)).rejects.toMatchObject({ code: 'AMX-1009', message: expect.stringContaining('9999') })
})

test('a store that does not answer is said to be unavailable', async () => {
  await expect(migrate('postgresql://nobody@127.0.0.1:1/none')).rejects.toMatchObject({ code: 'AMX-9002' })
})

test('a migration that waits for another can be called off', async () => {
  const { url } = await testDatabase()
  const holder = new pg.Client({ connectionString: url })
  await holder.connect()
  await holder.query('select pg_advisory_lock(7263511)')
  const stopping = new AbortController()
  const waiting = migrate(url, stopping.signal)
  const refused = expect(waiting).rejects.toThrow('stopped')
  await holder.query(`select pg_sleep(0.1)`)
  stopping.abort(new Error('stopped'))
  await refused
  await holder.end()
})
