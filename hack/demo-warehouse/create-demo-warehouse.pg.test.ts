import { Client } from 'pg'
import { expect, test } from 'vitest'
import { rigDatabaseUrl } from '../rig/index.ts'
import { createDemoWarehouse, demoReader } from './create-demo-warehouse.ts'
import { wrongComments } from './demo-plan.ts'

const passwords = { readerPassword: 'reader-of-the-test', writerPassword: 'writer-of-the-test' }
const tables = ['catalog.product', 'sales.customer', 'sales.sales_order', 'events.page_view', 'sales.inventory_daily']

async function warehouse(name: string) {
  const database = `${name}_${process.pid}`
  const adminUrl = rigDatabaseUrl()
  return { database, made: await createDemoWarehouse({ adminUrl, database, ...passwords }) }
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

test('makes 100,000 rows in three schemas, the same on every server', async () => {
  const first = await warehouse('demo_first')
  const second = await warehouse('demo_second')
  expect(first.made.rows).toBe(100_000)
  expect(first.made.tables).toBeGreaterThanOrEqual(23)
  expect(first.made.columns).toBeGreaterThanOrEqual(210)
  for (const table of tables) {
    const digest = `SELECT count(*)::int AS rows, md5(string_agg(t::text, ',' ORDER BY t::text)) AS digest FROM ${table} AS t`
    const [rows] = await query(first.made.readerUrl, digest)
    expect(rows?.rows).toBeGreaterThan(0)
    expect(await query(second.made.readerUrl, digest)).toEqual([rows])
  }
})

test('is found again instead of made twice', async () => {
  const { database, made } = await warehouse('demo_again')
  const again = await createDemoWarehouse({ adminUrl: rigDatabaseUrl(), database, ...passwords })
  expect(made.created).toBe(true)
  expect(again).toEqual({ ...made, created: false })
})

test('hides one table from the reader, lets the writer comment, and starts with comments of which two are wrong', async () => {
  const { made } = await warehouse('demo_rights')
  await expect(query(made.readerUrl, 'SELECT FROM sales.payment_card_vault')).rejects.toThrow('permission denied')
  await expect(query(made.readerUrl, `COMMENT ON TABLE sales.kna1 IS 'x'`)).rejects.toThrow('must be owner')
  await query(made.writerUrl, `COMMENT ON TABLE sales.kna1 IS 'Customers of the old system'`)
  const commented = await query(made.readerUrl, 'SELECT description FROM pg_description WHERE objoid > 16384')
  const texts = commented.map(({ description }) => description)
  for (const { text } of wrongComments) expect(texts).toContain(text)
  expect(await query(made.readerUrl, 'SELECT current_user AS name')).toEqual([{ name: demoReader }])
})
