import { type AssetKind, formatAssetPath } from '@amx/api'
import { type TestDatabase, testDatabase } from '@amx/hack'
import { beforeAll, expect, test } from 'vitest'
import { resultRow } from '../../results/result-row-fixture.ts'
import { describedRows } from './described-rows.ts'
import { sqlScript } from './sql-statements.ts'

// The script runs on a real PostgreSQL, and what it means is read back from its catalog.

const names = ['plain', 'Größe', 'with "quotes"', "it's", 'back\\slash', 'semi;colon -- x', 'a.b', '$$', 'select']
const texts = [
  "it's 'quoted' and \"double\"",
  'back\\slash \\n \\\\ \\',
  "'); DROP TABLE plain; --",
  "\\'; DROP SCHEMA public CASCADE; --",
  'two\nlines\r\nand\ta tab',
  '$$dollars$$ $1 :variable :\'psql\' :"names"',
  '/* open',
  '\u2028 ü 🌱',
  "E'\\x27'",
]

let database: TestDatabase

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

beforeAll(async () => {
  database = await testDatabase()
  const columns = names.map((name) => `${quoted(name)} int`).join(', ')
  await database.query(names.map((name) => `CREATE TABLE ${quoted(name)} (${columns})`).join(';\n'))
})

function rows() {
  const row = (parts: readonly string[], text: string, kind: AssetKind) => {
    const target = `postgresql://127.0.0.1/${database.name}`
    return resultRow(formatAssetPath(parts), { kind, target, chosenText: text, state: 'Accepted' })
  }
  return names.flatMap((table, shift) => [
    row(['public', table], texts[shift] ?? '', 'Table'),
    ...names.map((name, index) => row(['public', table, name], texts[(index + shift) % texts.length] ?? '', 'Column')),
  ])
}

test.each(['on', 'off'])('every name and text means itself with standard_conforming_strings %s', async (setting) => {
  const wanted = rows()
  await database.query(
    `SET standard_conforming_strings = ${setting};\n${sqlScript(describedRows(wanted), 'run first')}`,
  )
  const found = await database.query(
    `SELECT c.relname AS table, a.attname AS column, d.description AS text
       FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
      WHERE c.relnamespace = 'public'::regnamespace`,
  )
  const told = found.map(({ table, column, text }) => [
    formatAssetPath(['public', String(table), ...(column === null ? [] : [String(column)])]),
    text,
  ])
  expect(new Map(told as [string, string][])).toEqual(new Map(wanted.map(({ path, chosenText }) => [path, chosenText])))
  await database.query(found.map(({ table }) => `COMMENT ON TABLE ${quoted(String(table))} IS NULL`).join(';'))
})
