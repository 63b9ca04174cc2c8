import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { QueueRow } from '@amx/api'
import { beforeAll, expect, test } from 'vitest'
import { pluginCommand } from './plugin-command.ts'
import { openSystem, type System } from './system.ts'

let system: System

beforeAll(() => {
  system = openSystem()
})

const amx = (...args: string[]) => pluginCommand(system, args)

async function done(...args: string[]): Promise<string> {
  const { code, output, complaint } = await amx(...args)
  expect(code, output + complaint).toBe(0)
  return output
}

async function pending(...args: string[]): Promise<readonly QueueRow[]> {
  return (JSON.parse(await done('pending', '-o', 'json', ...args)) as { items: QueueRow[] }).items
}

test('a description in own words is written, with who said so in the audit', async () => {
  const output = await done(
    ...['describe', 'catalog.supplier.iban', '-d', 'demo-warehouse', '--name', 'said-by-hand'],
    ...['--text', "The supplier's own account.", '--apply', '--comment', 'asked the buyers'],
  )
  expect(output).toMatch(/1 accepted/)
  const [row] = await system.results('said-by-hand')
  expect(row).toMatchObject({
    path: 'catalog.supplier.iban',
    source: 'human',
    state: 'Accepted',
    applyOutcome: 'Applied',
  })
  const [change] = await system.changes('said-by-hand')
  expect(change).toMatchObject({ path: 'catalog.supplier.iban', newText: "The supplier's own account." })
  const [comment] = await system.warehouse(
    `SELECT col_description('catalog.supplier'::regclass, attnum) AS comment FROM pg_attribute
     WHERE attrelid = 'catalog.supplier'::regclass AND attname = 'iban'`,
  )
  expect(comment).toEqual({ comment: "The supplier's own account." })
})

test('texts of a file wait in the queue, where they are edited and dropped', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'amx-texts-')), 'texts.csv')
  writeFileSync(
    file,
    'asset,text\ncatalog.category,"Shelves, as customers see them."\ncatalog.category.category_name,Part of the address.\n',
  )
  await done('describe', '-d', 'demo-warehouse', '--name', 'said-in-a-file', '-f', file, '--accept')
  const before = await pending('--run', 'said-in-a-file')
  // An entry that takes the place of an older one keeps its place in the queue.
  expect(before.map(({ path, text }) => [path, text]).sort()).toEqual([
    ['catalog.category', 'Shelves, as customers see them.'],
    ['catalog.category.category_name', 'Part of the address.'],
  ])
  await done('pending', 'edit', 'catalog.category.category_name', '--text', 'Last part of the address of its page.')
  const edited = await pending('--run', 'said-in-a-file', '--search', 'last part')
  expect(edited).toMatchObject([{ path: 'catalog.category.category_name', revision: 2 }])

  await done('pending', 'drop', 'catalog.category')
  expect((await pending('--run', 'said-in-a-file')).map(({ path }) => path)).toEqual(['catalog.category.category_name'])
  await done('pending', 'drop', '--all', '--run', 'said-in-a-file', '--reject', '--yes')
  const gone = await amx('pending', 'drop', 'catalog.category.category_name')
  expect(gone).toMatchObject({ code: 3, complaint: expect.stringContaining('AMX-1013') })
})

test('a description of an asset that does not exist says so', async () => {
  const { code, complaint } = await amx(
    ...['describe', 'catalog.suplier', '-d', 'demo-warehouse', '--text', 'Nothing.', '--accept'],
  )
  expect(code).toBe(6)
  expect(complaint).toMatch(/catalog\.suplier does not exist.*catalog\.supplier/s)
})

test('a decision about a row that somebody decided since is a conflict with who and what', async () => {
  await done(
    'describe',
    'catalog.supplier',
    '-d',
    'demo-warehouse',
    '--name',
    'said-twice',
    '--text',
    'Makers.',
    '--accept',
  )
  const manifest = await done(
    'accept',
    'said-twice',
    'catalog.supplier',
    '--text',
    'Who makes it.',
    '--seen',
    '0',
    '--dry-run',
    '-o',
    'yaml',
  )
  expect(manifest).toContain('revision: 0')
  const late = await amx('accept', 'said-twice', 'catalog.supplier', '--text', 'Who makes it.', '--seen', '0')
  expect(late.code).toBe(7)
  expect(late.complaint).toMatch(/it is Accepted as "Makers\." by \S+ at 20.*\(AMX-1009\)/s)
})
