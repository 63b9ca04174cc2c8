import type { ApplyRow, TableCatalog } from '@amx/api'
import { expect, test } from 'vitest'
import { everything, profileOptions, warehouseDatabase } from './test-warehouse.ts'

const tables = 20
const columns = 26

function rowsOf(table: TableCatalog): ApplyRow[] {
  const row = (path: string, kind: ApplyRow['kind']): ApplyRow => ({
    rowId: path,
    path,
    kind,
    text: `About ${path}`,
    expected: null,
    intended: false,
  })
  return [row(table.path, table.kind), ...table.columns.map(({ name }) => row(`${table.path}.${name}`, 'Column'))]
}

// The figure of the product's promise: 20 tables of 26 columns described and written with at most 100 statements.
test('a run over twenty tables takes at most 100 statements, by our count and by that of the server', async () => {
  const made = Array.from({ length: tables }, (_, table) => {
    const list = Array.from({ length: columns - 1 }, (_, column) => `c${column} text DEFAULT 'v${column}'`)
    return `CREATE TABLE t${table} (id int PRIMARY KEY, ${list.join(', ')});
      INSERT INTO t${table} (id) SELECT generate_series(1, 8000);`
  })
  const database = await warehouseDatabase(`CREATE EXTENSION pg_stat_statements; ${made.join('\n')} ANALYZE;`)
  const credentials = await database.role('')
  await database.run(
    Array.from({ length: tables }, (_, table) => `ALTER TABLE t${table} OWNER TO ${credentials.username};`).join('\n'),
  )
  const signal = AbortSignal.timeout(60_000)

  const warehouse = await database.open({ credentials })
  const { tables: scoped } = await warehouse.readCatalog(everything, signal)
  const catalogs = scoped.map(({ catalog }) => catalog).filter(({ kind }) => kind === 'Table')
  expect(catalogs).toHaveLength(tables)
  const options = profileOptions({ sampleRows: 1000 }, { samples: 'Masked' })
  const profiles = await Promise.all(catalogs.map((table) => warehouse.profileTable(table, options, signal)))
  expect(profiles.map(({ rowsRead }) => rowsRead)).toEqual(catalogs.map(() => 1000))
  const applied = await Promise.all(
    catalogs.map((table) =>
      warehouse.applyTable({ tablePath: table.path, rows: rowsOf(table), onDrift: 'Refuse', dryRun: false }, signal),
    ),
  )
  expect(applied.flat().filter(({ outcome }) => outcome === 'Applied')).toHaveLength(tables * (columns + 1))

  const [seen] = await database.run(
    `SELECT sum(calls)::int AS calls FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
     WHERE r.rolname = $1 AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND toplevel`,
    [credentials.username],
  )
  expect(warehouse.statements()).toBeLessThanOrEqual(100)
  expect(seen?.['calls']).toBe(warehouse.statements())
})
