import type { Scope } from '@amx/api'
import { expect, test } from 'vitest'
import { everything, warehouseDatabase } from './test-warehouse.ts'

const shop = `
CREATE SCHEMA sales; CREATE SCHEMA hr; CREATE SCHEMA "Empty"; CREATE SCHEMA ext;
COMMENT ON SCHEMA sales IS 'What was sold.';
CREATE TABLE sales.customer (id int, email text);
COMMENT ON TABLE sales.customer IS 'Who buys.';
COMMENT ON COLUMN sales.customer.id IS 'Their number.';
CREATE VIEW sales.big AS SELECT * FROM sales.customer;
COMMENT ON VIEW sales.big IS 'The big ones.';
COMMENT ON COLUMN sales.big.email IS 'Where to write.';
CREATE MATERIALIZED VIEW sales.totals AS SELECT 1 AS one;
CREATE TABLE sales.event (at date NOT NULL, kind int) PARTITION BY RANGE (at);
CREATE TABLE sales.event_2020 PARTITION OF sales.event FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
COMMENT ON TABLE sales.event IS 'What happened.';
COMMENT ON COLUMN sales.event_2020.kind IS 'Said of the partition alone.';
CREATE TABLE hr.staff (name text);
`
const signal = () => AbortSignal.timeout(20_000)
const allKinds: Scope['kinds'] = ['Table', 'View', 'MaterializedView', 'ForeignTable', 'Schema', 'Database']

async function opened() {
  const database = await warehouseDatabase(shop)
  await database.run(`DROP SCHEMA public; COMMENT ON DATABASE ${database.name} IS 'The shop.'`)
  const warehouse = await database.open()
  return {
    warehouse,
    read: (scope: Partial<Scope>) => warehouse.readCatalog({ ...everything, kinds: allKinds, ...scope }, signal()),
  }
}

test('schemas and the database come with what lies in them, for one statement more', async () => {
  const { warehouse, read } = await opened()
  const { containers } = await read({ kinds: ['Schema', 'Database'] })
  expect(containers).toEqual([
    {
      path: '"Empty"',
      kind: 'Schema',
      comment: null,
      skipped: 'it holds no table and no view',
      members: [],
      memberCount: 0,
    },
    {
      path: 'ext',
      kind: 'Schema',
      comment: null,
      skipped: 'it holds no table and no view',
      members: [],
      memberCount: 0,
    },
    {
      path: 'hr',
      kind: 'Schema',
      comment: null,
      skipped: null,
      members: [{ path: 'hr.staff', kind: 'Table', comment: null, tables: 0 }],
      memberCount: 1,
    },
    {
      path: 'sales',
      kind: 'Schema',
      comment: 'What was sold.',
      skipped: null,
      members: [
        { path: 'sales.big', kind: 'View', comment: 'The big ones.', tables: 0 },
        { path: 'sales.customer', kind: 'Table', comment: 'Who buys.', tables: 0 },
        { path: 'sales.event', kind: 'Table', comment: 'What happened.', tables: 0 },
        { path: 'sales.totals', kind: 'MaterializedView', comment: null, tables: 0 },
      ],
      memberCount: 4,
    },
    {
      path: '*',
      kind: 'Database',
      comment: 'The shop.',
      skipped: null,
      members: [
        { path: 'hr', kind: 'Schema', comment: null, tables: 1 },
        { path: 'sales', kind: 'Schema', comment: 'What was sold.', tables: 4 },
      ],
      memberCount: 2,
    },
  ])
  expect(warehouse.statements()).toBeLessThanOrEqual(3)
})

test.each<[string, Partial<Scope>, string[]]>([
  ['a schema by its name, not the database', { include: ['hr'] }, ['hr']],
  ['no schema for a table of it', { include: ['hr.staff'] }, []],
  ['nothing that is excluded', { exclude: ['sales', 'ext', '"Empty"'] }, ['hr', '*']],
  ['schemas in which the pattern matches', { tablePattern: '^staff$' }, ['"Empty"', 'ext', 'hr', '*']],
  ['a schema that holds nothing, with its reason', { include: ['"Empty"'] }, ['"Empty"']],
  ['no schema unless asked', { kinds: ['Table', 'Database'] }, ['*']],
])('a scope selects %s', async (_, scope, paths) => {
  const { read } = await opened()
  const { containers, unknown } = await read(scope)
  expect(containers.map(({ path }) => path)).toEqual(paths)
  expect(unknown).toEqual([])
})

test('a table that is excluded says nothing about its schema', async () => {
  const { read } = await opened()
  const { containers } = await read({ include: ['sales'], exclude: ['sales.customer'] })
  expect(containers[0]?.members.map(({ path }) => path)).toEqual(['sales.big', 'sales.event', 'sales.totals'])
})

test('missingOnly leaves alone what has a comment, each asset by itself: schemas, the database, views and partitioned tables', async () => {
  const { read } = await opened()
  const { tables, containers } = await read({ missingOnly: true, exclude: ['"Empty"', 'ext'] })
  expect(containers.map(({ path, skipped }) => [path, skipped])).toEqual([
    ['hr', null],
    ['sales', 'has a comment'],
    ['*', 'has a comment'],
  ])
  expect(
    tables.map(({ catalog, planned, skipped }) => [catalog.path, planned, skipped.map(({ path }) => path)]),
  ).toEqual([
    ['hr.staff', { table: true, columns: ['name'] }, []],
    ['sales.big', { table: false, columns: ['id'] }, ['sales.big', 'sales.big.email']],
    ['sales.customer', { table: false, columns: ['email'] }, ['sales.customer', 'sales.customer.id']],
    // What is written on a partition is not written on its table.
    ['sales.event', { table: false, columns: ['at', 'kind'] }, ['sales.event']],
    ['sales.totals', { table: true, columns: ['one'] }, []],
  ])
})
