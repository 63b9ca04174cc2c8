import { expect, test } from 'vitest'
import { type WarehouseDatabase, warehouseDatabase } from './test-warehouse.ts'
import { tryReader, tryWriter } from './try-postgresql.ts'

const shop = `
CREATE SCHEMA shop; CREATE SCHEMA hidden;
CREATE TABLE shop.plant (id int PRIMARY KEY, name text); COMMENT ON COLUMN shop.plant.name IS 'Name.';
CREATE VIEW shop.names AS SELECT name FROM shop.plant;
CREATE TABLE shop.secret (id int);
CREATE TABLE hidden.thing (id int);`

const signal = () => AbortSignal.timeout(20_000)

function optionsOf(database: WarehouseDatabase, credentials: { username: string; password: string }) {
  const { connection } = database.options()
  return {
    settings: { part: 'Reader' as const, connection, pinned: true },
    credentials,
  }
}

test('a reader is told what it may read, in one statement', async () => {
  const database = await warehouseDatabase(shop)
  const reader = await database.role(
    'GRANT USAGE ON SCHEMA shop TO {role}; GRANT SELECT ON shop.plant, shop.names TO {role}',
  )
  const finding = await tryReader(optionsOf(database, reader), signal())
  expect(finding).toMatchObject({
    part: 'Reader',
    inventory: { schemas: 1, tables: 2, columns: 3, documented: 1 },
    capabilities: { readsEveryTable: false, takesWrites: true, sampling: true },
  })
  expect(finding.serverVersion).toMatch(/^\d+/)
  const { credentials } = database.options()
  const all = await tryReader(optionsOf(database, credentials), signal())
  expect(all).toMatchObject({ inventory: { schemas: 2, tables: 4 }, capabilities: { readsEveryTable: true } })
})

test('a writer is told what it may comment on, and nothing is written', async () => {
  const database = await warehouseDatabase(shop)
  const writer = await database.role(
    'GRANT USAGE, CREATE ON SCHEMA shop TO {role}; ALTER TABLE shop.plant OWNER TO {role}; ALTER VIEW shop.names OWNER TO {role}',
  )
  const finding = await tryWriter(optionsOf(database, writer), signal())
  expect(finding).toEqual({
    part: 'Writer',
    tables: { seen: 4, writable: 2 },
    refused: ['hidden.thing', 'shop.secret'],
  })
})

test('a writer whose transactions are read-only cannot write', async () => {
  const database = await warehouseDatabase(shop)
  const writer = await database.role('ALTER ROLE {role} SET default_transaction_read_only = on')
  await expect(tryWriter(optionsOf(database, writer), signal())).rejects.toMatchObject({ code: 'AMX-2012' })
})

test('what is wrong is said as a run would say it', async () => {
  const database = await warehouseDatabase(shop)
  const { credentials } = database.options()
  const options = optionsOf(database, credentials)
  const { connection } = options.settings
  const at = (change: object) =>
    tryReader({ ...options, settings: { ...options.settings, connection: { ...connection, ...change } } }, signal())
  await expect(at({ database: 'nowhere' })).rejects.toMatchObject({ code: 'AMX-2007' })
  await expect(at({ port: 9 })).rejects.toMatchObject({ code: 'AMX-2001' })
  const reader = await database.role('')
  const wrong = { ...reader, password: 'wrong' }
  await expect(tryReader({ ...options, credentials: wrong }, signal())).rejects.toMatchObject({ code: 'AMX-2002' })
})

test('without a database only the sign-in is tested', async () => {
  const database = await warehouseDatabase('')
  const { credentials } = database.options()
  const { settings } = optionsOf(database, credentials)
  for (const name of ['postgres', 'nowhere']) {
    const unpinned = { ...settings, pinned: false, connection: { ...settings.connection, database: name } }
    const finding = await tryReader({ settings: unpinned, credentials }, signal())
    expect(finding.inventory).toBeNull()
    const wrong = { username: 'nobody-here', password: 'wrong' }
    await expect(tryReader({ settings: unpinned, credentials: wrong }, signal())).rejects.toMatchObject({
      code: 'AMX-2002',
    })
  }
})
