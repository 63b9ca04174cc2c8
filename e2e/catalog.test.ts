import { afterAll, beforeAll, expect, test } from 'vitest'
import { pluginCommand } from './plugin-command.ts'
import { openSystem, type System } from './system.ts'

let system: System

beforeAll(async () => {
  system = openSystem()
  await system.warehouse(`
    CREATE SCHEMA shelf AUTHORIZATION amx_owner;
    SET ROLE amx_owner;
    CREATE TABLE shelf.jar (jar_id int, label text);
    CREATE TABLE shelf.lid (lid_id int);
    COMMENT ON COLUMN shelf.jar.label IS 'What stands on the jar.';
    GRANT USAGE ON SCHEMA shelf TO amx_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA shelf TO amx_reader;`)
})

afterAll(() => system?.warehouse('DROP SCHEMA IF EXISTS shelf CASCADE'))

const amx = (...args: readonly string[]) => pluginCommand(system, args)

async function coverage() {
  const { output, complaint } = await amx('inspect', 'shelf', '-d', 'demo-warehouse', '-o', 'json')
  const { total } = JSON.parse(output || complaint) as { total: { assets: number; commented: number } }
  return `${total.commented}/${total.assets}`
}

test('a refresh reads the catalog without a model, and coverage knows what it found', async () => {
  const { code, complaint, output } = await amx('catalog', 'refresh', 'shelf', '-d', 'demo-warehouse', '--watch')
  expect(code, output + complaint).toBe(0)
  const listed = await amx('catalog', 'list', 'shelf', '-d', 'demo-warehouse')
  expect(listed.output).toMatch(/shelf\.jar/)
  expect(await coverage()).toBe('1/5')
})

test('what is written counts at once, and what is dropped is forgotten when everything is read again', async () => {
  const told = await amx('describe', 'shelf.lid', '--text', 'Lids.', '-d', 'demo-warehouse', '--accept', '--apply')
  expect(told.code, told.output + told.complaint).toBe(0)
  expect(await coverage()).toBe('2/5')
  await system.warehouse('DROP TABLE shelf.jar')
  const refreshed = await amx('catalog', 'refresh', '-d', 'demo-warehouse', '--watch')
  expect(refreshed.code, refreshed.complaint).toBe(0)
  expect(await coverage()).toBe('1/2')
  const gate = await amx('check', 'shelf', '-d', 'demo-warehouse', '--minimum', '80%')
  expect(gate.code).toBe(8)
})
