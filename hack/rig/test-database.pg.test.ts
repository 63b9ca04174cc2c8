import { Client } from 'pg'
import { expect, test } from 'vitest'
import { rigDatabaseUrl, testDatabase } from './index.ts'

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('what one test writes is not in the database of another', async () => {
  const [first, second] = await Promise.all([testDatabase(), testDatabase()])
  await query(first.url, 'create table written (id int)')
  expect(await query(second.url, "select to_regclass('written') as table")).toEqual([{ table: null }])
})

test('a template is prepared once for any number of copies', async () => {
  let prepared = 0
  const template = {
    name: 'one table',
    async prepare(url: string) {
      prepared += 1
      await query(url, 'create table ready as select 42 as answer')
    },
  }
  const copies = await Promise.all([testDatabase({ template }), testDatabase({ template }), testDatabase({ template })])
  for (const copy of copies) expect(await query(copy.url, 'select answer from ready')).toEqual([{ answer: 42 }])
  expect(prepared).toBe(1)
})

test('a template whose preparation fails is prepared again by the next test', async () => {
  let prepared = 0
  const template = {
    name: 'fails at first',
    async prepare(url: string) {
      prepared += 1
      await query(url, prepared === 1 ? 'create table half (id int); select 1 / 0' : 'create table whole (id int)')
    },
  }
  await expect(testDatabase({ template })).rejects.toThrow('division by zero')
  const database = await testDatabase({ template })
  expect(await query(database.url, "select to_regclass('half') as table")).toEqual([{ table: null }])
})

test('a dropped database is gone although a session is open in it', async () => {
  const database = await testDatabase()
  const client = new Client({ connectionString: database.url })
  client.on('error', () => {})
  await client.connect()
  await database.drop()
  const left = await query(rigDatabaseUrl(), `select 1 from pg_database where datname = '${database.name}'`)
  expect(left).toEqual([])
})

test('pg_stat_statements is loaded', async () => {
  const { url } = await testDatabase()
  await query(url, 'create extension pg_stat_statements')
  expect(await query(url, 'select count(*) > 0 as counts from pg_stat_statements')).toEqual([{ counts: true }])
})
