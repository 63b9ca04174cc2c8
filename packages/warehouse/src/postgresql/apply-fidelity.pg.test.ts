import type { ApplyRow } from '@amx/api'
import { formatAssetPath } from '@amx/api'
import { expect, test } from 'vitest'
import { type WarehouseDatabase, warehouseDatabase } from './test-warehouse.ts'

// To the letter: each text goes to a column of a hostile name, and is read back as what it was.

const texts = [
  "it's ''quoted'' \"twice\"",
  'C:\\new\\table \\x27 \\u0041 \\',
  "E'\\x27; DROP TABLE t; --",
  '$amx$ $1 $$ $body$ END $amx$',
  '%s %I %L %% 100 %',
  'first\nsecond\r\nthird\ttab\vvertical\fform\x01control\x7f',
  '🎉 👩‍👩‍👧 größe 名前 שלום \u202eright to left\u202c \ufeffmark',
  'e\u0301 is not \u00e9',
  ' leading and trailing  ',
  '\n',
  '/* comment */ -- comment',
  ':name ?1 {fact} $(text) #{text}',
  'null',
  'x'.repeat(16_384),
  '🎉'.repeat(4_096),
  `${'line with \\ and \' and " \n'.repeat(600)}`,
]

const names = [
  "it's",
  'say "so"',
  'a.b',
  'back\\slash',
  '$amx$',
  '%I',
  'new\nline',
  ' ',
  '🎉',
  'SELECT',
  'table',
  '*',
  'ünïcode',
  'x'.repeat(63),
  '$1',
  '--',
]

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

async function hostile(): Promise<WarehouseDatabase> {
  return warehouseDatabase(
    `CREATE SCHEMA "we""ird. $amx$"; CREATE TABLE "we""ird. $amx$"."t'a\\b%s" (${names.map((name) => `${quoted(name)} int`).join(', ')})`,
  )
}

test.each([
  ['by function', ''],
  ['by function, where backslashes escape', `ALTER DATABASE {db} SET standard_conforming_strings = off`],
  ['by savepoints', 'REVOKE TEMPORARY ON DATABASE {db} FROM PUBLIC'],
  [
    'by savepoints, where backslashes escape',
    'REVOKE TEMPORARY ON DATABASE {db} FROM PUBLIC; ALTER DATABASE {db} SET standard_conforming_strings = off',
  ],
])('%s', async (_, setting) => {
  const database = await hostile()
  const credentials = await database.role(
    `ALTER SCHEMA "we""ird. $amx$" OWNER TO {role}; ALTER TABLE "we""ird. $amx$"."t'a\\b%s" OWNER TO {role}`,
  )
  if (setting !== '') await database.run(setting.replaceAll('{db}', quoted(database.name)))
  const warehouse = await database.open({ credentials })
  const rows = names.map((name, index): ApplyRow => {
    const path = formatAssetPath(['we"ird. $amx$', "t'a\\b%s", name])
    return { rowId: name, path, kind: 'Column', text: texts[index] ?? '', expected: null, intended: false }
  })
  const request = { tablePath: 't', onDrift: 'Refuse', dryRun: false } as const
  const results = await warehouse.applyTable({ ...request, rows }, AbortSignal.timeout(20_000))
  expect(results.map(({ outcome }) => outcome)).toEqual(names.map(() => 'Applied'))
  const stored = await database.run(
    `SELECT attname, col_description(attrelid, attnum) AS text FROM pg_attribute
     WHERE attrelid = (SELECT oid FROM pg_class WHERE relname = $1) AND attnum > 0 ORDER BY attnum`,
    ["t'a\\b%s"],
  )
  expect(stored).toEqual(names.map((attname, index) => ({ attname, text: texts[index] })))
  // What is there is told to be there, and read to the letter as the old text of what comes next.
  const again = await warehouse.applyTable({ ...request, rows }, AbortSignal.timeout(20_000))
  expect(again.map(({ outcome, oldText }) => [outcome, oldText])).toEqual(texts.map((text) => ['AlreadyThere', text]))
})
