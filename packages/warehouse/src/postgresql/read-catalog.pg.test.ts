import { describe, expect, test } from 'vitest'
import { catalogOf, everything, warehouseDatabase } from './test-warehouse.ts'

const relationKinds = `
CREATE SCHEMA sales;
COMMENT ON SCHEMA sales IS 'What was sold.';
CREATE TYPE sales.status AS ENUM ('new', 'paid', 'gone');
CREATE DOMAIN sales.state AS sales.status;
CREATE TABLE sales.customer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL UNIQUE,
  status sales.status DEFAULT 'new',
  states sales.status[],
  state sales.state,
  amount numeric(12,2) CHECK (amount >= 0),
  doubled numeric GENERATED ALWAYS AS (amount * 2) STORED
);
COMMENT ON TABLE sales.customer IS 'Who buys.';
COMMENT ON COLUMN sales.customer.email IS 'Where to write.';
CREATE UNIQUE INDEX customer_upper ON sales.customer (upper(email), status);
CREATE UNIQUE INDEX customer_pair ON sales.customer (status, amount);
CREATE TABLE sales.orders (
  id int PRIMARY KEY, customer_id bigint REFERENCES sales.customer, placed date NOT NULL
);
CREATE VIEW sales.big AS SELECT id, amount FROM sales.customer WHERE amount > 100;
CREATE MATERIALIZED VIEW sales.totals AS SELECT status, sum(amount) AS total FROM sales.customer GROUP BY 1;
CREATE TABLE sales.event (at date NOT NULL, kind int, PRIMARY KEY (at, kind)) PARTITION BY RANGE (at);
CREATE TABLE sales.event_2020 PARTITION OF sales.event FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (kind);
CREATE TABLE sales.event_2020_1 PARTITION OF sales.event_2020 FOR VALUES IN (1);
CREATE TABLE sales.event_2021 PARTITION OF sales.event FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE sales.outside (line text) SERVER files OPTIONS (filename '/nowhere');
CREATE EXTENSION pg_stat_statements;
INSERT INTO sales.event SELECT '2020-06-01', 1 FROM generate_series(1, 1);
INSERT INTO sales.event SELECT date '2021-01-01' + n, 2 FROM generate_series(1, 300) n;
ANALYZE;
`

describe('a database with every kind of relation', () => {
  test('is read whole: tables, partitioned and foreign tables, views and materialized views, no partition and nothing of the system', async () => {
    const database = await warehouseDatabase(relationKinds)
    const warehouse = await database.open()
    const tables = await catalogOf(warehouse, AbortSignal.timeout(20_000))
    expect(Object.entries(tables).map(([path, { kind }]) => [path, kind])).toEqual([
      ['sales.big', 'View'],
      ['sales.customer', 'Table'],
      ['sales.event', 'Table'],
      ['sales.orders', 'Table'],
      ['sales.outside', 'ForeignTable'],
      ['sales.totals', 'MaterializedView'],
    ])
    expect(warehouse.statements()).toBeLessThanOrEqual(8)
  })

  test('columns come with type, default, identity, generation, labels and comments', async () => {
    const database = await warehouseDatabase(relationKinds)
    const tables = await catalogOf(await database.open(), AbortSignal.timeout(20_000))
    const customer = tables['sales.customer']
    expect(customer).toMatchObject({ comment: 'Who buys.', schemaComment: 'What was sold.', databaseComment: null })
    const labels = ['new', 'paid', 'gone']
    expect(customer?.columns).toEqual([
      { name: 'id', ordinal: 1, type: 'bigint', nullable: false, default: null, comment: null, identity: true },
      { name: 'email', ordinal: 2, type: 'text', nullable: false, default: null, comment: 'Where to write.' },
      {
        name: 'status',
        ordinal: 3,
        type: 'sales.status',
        nullable: true,
        default: "'new'::sales.status",
        comment: null,
        enumValues: labels,
      },
      {
        name: 'states',
        ordinal: 4,
        type: 'sales.status[]',
        nullable: true,
        default: null,
        comment: null,
        enumValues: labels,
      },
      {
        name: 'state',
        ordinal: 5,
        type: 'sales.state',
        nullable: true,
        default: null,
        comment: null,
        enumValues: labels,
      },
      { name: 'amount', ordinal: 6, type: 'numeric(12,2)', nullable: true, default: null, comment: null },
      { name: 'doubled', ordinal: 7, type: 'numeric', nullable: true, default: null, comment: null, generated: true },
    ])
  })

  test('keys, rules and indexes are told from both ends', async () => {
    const database = await warehouseDatabase(relationKinds)
    const tables = await catalogOf(await database.open(), AbortSignal.timeout(20_000))
    expect(tables['sales.customer']).toMatchObject({
      primaryKey: ['id'],
      uniqueKeys: [['email'], ['status', 'amount']],
      checks: [{ expression: 'CHECK (amount >= 0::numeric)' }],
      foreignKeysOut: [],
      foreignKeysIn: [
        { columns: ['id'], otherTable: 'sales.orders', otherColumns: ['customer_id'], otherComment: null },
      ],
    })
    expect(tables['sales.orders']?.foreignKeysOut).toMatchObject([
      { columns: ['customer_id'], otherTable: 'sales.customer', otherColumns: ['id'], otherComment: 'Who buys.' },
    ])
    expect(
      tables['sales.customer']?.indexes.map(({ name, columns, unique, method }) => [name, columns, unique, method]),
    ).toEqual([
      ['customer_email_key', ['email'], true, 'btree'],
      ['customer_pair', ['status', 'amount'], true, 'btree'],
      ['customer_pkey', ['id'], true, 'btree'],
      ['customer_upper', ['upper(email)', 'status'], true, 'btree'],
    ])
  })

  test('a partitioned table counts its partitions and their rows', async () => {
    const database = await warehouseDatabase(relationKinds)
    const tables = await catalogOf(await database.open(), AbortSignal.timeout(20_000))
    expect(tables['sales.event']).toMatchObject({
      partitioning: { strategy: 'Range', columns: ['at'], partitions: 2 },
      rowEstimate: 301,
      primaryKey: ['at', 'kind'],
    })
  })

  test('views come with their definition, stored relations with size and use', async () => {
    const database = await warehouseDatabase(relationKinds)
    const tables = await catalogOf(await database.open(), AbortSignal.timeout(20_000))
    expect(tables['sales.big']?.viewDefinition).toContain('FROM sales.customer')
    expect(tables['sales.totals']?.viewDefinition).toContain('sum(')
    expect(tables['sales.big']).toMatchObject({ rowEstimate: null, sizeBytes: null, usage: null })
    expect(tables['sales.customer']).toMatchObject({ rowEstimate: 0, viewDefinition: null, unreadable: null })
    expect(tables['sales.customer']?.sizeBytes).toBeGreaterThan(0)
    expect(tables['sales.customer']?.statisticsTime).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
  })
})

test('odd names arrive as they are, and their paths are canonical', async () => {
  const names = ['Upper', 'with.dot', 'with"quote', 'größe 🎉', 'select', ' spaced ', "it's", 'back\\slash', '%I$1']
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`
  const database = await warehouseDatabase(
    `CREATE SCHEMA "Odd.Schema"; ${names.map((name) => `CREATE TABLE "Odd.Schema".${quote(name)} (${quote(name)} int);`).join('\n')}`,
  )
  const { tables } = await (await database.open()).readCatalog(everything, AbortSignal.timeout(20_000))
  expect(tables.flatMap(({ planned }) => planned.columns).sort()).toEqual([...names].sort())
  expect(tables.map(({ catalog }) => catalog.path)).toContain('"Odd.Schema"."with""quote"')
})

test('a table of 1,600 columns is read whole', async () => {
  const columns = Array.from({ length: 1600 }, (_, index) => `c${index} int`)
  const database = await warehouseDatabase(`CREATE TABLE wide (${columns.join(', ')})`)
  const tables = await catalogOf(await database.open(), AbortSignal.timeout(20_000))
  expect(tables['public.wide']?.columns).toHaveLength(1600)
})

test('dropped columns are gone, and temporary tables of others are never seen', async () => {
  const database = await warehouseDatabase('CREATE TABLE t (a int, b int, c int); ALTER TABLE t DROP COLUMN b')
  const other = await database.session()
  await other.query('CREATE TEMP TABLE mine (x int)')
  const tables = await catalogOf(await database.open(), AbortSignal.timeout(20_000))
  expect(Object.keys(tables)).toEqual(['public.t'])
  expect(tables['public.t']?.columns.map(({ name, ordinal }) => [name, ordinal])).toEqual([
    ['a', 1],
    ['c', 3],
  ])
})

test('what the reader may not read is in the catalog, with the reason', async () => {
  const database = await warehouseDatabase(`
    CREATE SCHEMA open; CREATE SCHEMA shut;
    CREATE TABLE open.seen (a int); CREATE TABLE open.hidden (a int); CREATE TABLE open.partly (a int, b int);
    CREATE TABLE shut.t (a int);
    CREATE MATERIALIZED VIEW open.unfilled AS SELECT 1 AS one WITH NO DATA;`)
  const credentials = await database.role(`
    GRANT USAGE ON SCHEMA open TO {role}; GRANT SELECT ON open.seen, open.unfilled TO {role}; GRANT SELECT (a) ON open.partly TO {role}`)
  const tables = await catalogOf(await database.open({ credentials }), AbortSignal.timeout(20_000))
  expect(Object.entries(tables).map(([path, { unreadable }]) => [path, unreadable])).toEqual([
    ['open.hidden', 'the reader has no SELECT on it'],
    ['open.partly', null],
    ['open.seen', null],
    ['open.unfilled', 'the materialized view has never been filled'],
    ['shut.t', 'the reader has no USAGE on its schema'],
  ])
})

test("another session's exclusive lock costs the expressions, not the catalog", async () => {
  const database = await warehouseDatabase(
    'CREATE TABLE t (a int DEFAULT 1, CHECK (a > 0)); CREATE VIEW v AS SELECT a FROM t; CREATE TABLE other (b int)',
  )
  const migration = await database.session()
  await migration.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE')
  const warehouse = await database.open({ lockTimeoutMs: 200 })
  const tables = await catalogOf(warehouse, AbortSignal.timeout(20_000))
  expect(Object.keys(tables)).toEqual(['public.other', 'public.t', 'public.v'])
  expect(tables['public.t']?.columns.map(({ name }) => name)).toEqual(['a'])
  expect(tables['public.v']?.viewDefinition).toBeNull()
  expect(warehouse.statements()).toBeLessThanOrEqual(20)
})

test('a scope is resolved with names that exist beside those that do not', async () => {
  const database = await warehouseDatabase(
    'CREATE TABLE customer (id int, email text); CREATE TABLE orders (id int); CREATE VIEW v AS SELECT 1 AS one',
  )
  const warehouse = await database.open()
  const resolve = (scope: Partial<typeof everything>) =>
    warehouse.readCatalog({ ...everything, ...scope }, AbortSignal.timeout(20_000))

  const narrowed = await resolve({ include: ['public', 'public.customer.email'] })
  expect(narrowed.tables.map(({ catalog, planned }) => [catalog.path, planned])).toEqual([
    ['public.customer', { table: false, columns: ['email'] }],
  ])
  const wrong = await resolve({ include: ['public.custmer', 'public.customer.emial', 'public.orders'] })
  expect(wrong.unknown).toEqual([
    { path: 'public.custmer', nearest: ['public.customer'] },
    { path: 'public.customer.emial', nearest: ['public.customer.email'] },
  ])
  await database.run('CREATE SCHEMA empty_one')
  const empty = await resolve({ include: ['empty_one', 'empty_two'] })
  expect(empty).toMatchObject({ tables: [], unknown: [{ path: 'empty_two', nearest: ['empty_one'] }] })
  const views = await resolve({ kinds: ['View'], tablePattern: '^[a-z]$' })
  expect(views.tables.map(({ catalog }) => catalog.path)).toEqual(['public.v'])
  const limited = await resolve({ tableLimit: 2 })
  expect(limited.tables.map(({ catalog }) => catalog.path)).toEqual(['public.customer', 'public.orders'])
})

test('the digest follows structure, not comments', async () => {
  const database = await warehouseDatabase('CREATE TABLE t (a int)')
  const warehouse = await database.open()
  const digest = async () => (await catalogOf(warehouse, AbortSignal.timeout(20_000)))['public.t']?.structureDigest
  const before = await digest()
  await database.run("COMMENT ON TABLE t IS 'text'; COMMENT ON COLUMN t.a IS 'text'")
  expect(await digest()).toBe(before)
  await database.run('ALTER TABLE t ALTER COLUMN a TYPE bigint')
  expect(await digest()).not.toBe(before)
})

test('the number of statements does not grow with tables and columns', async () => {
  const many = Array.from({ length: 100 }, (_, table) => {
    const columns = Array.from({ length: 20 }, (_, column) => `c${column} text`)
    return `CREATE TABLE t${table} (id int PRIMARY KEY, ${columns.join(', ')});`
  })
  const database = await warehouseDatabase(many.join('\n'))
  const warehouse = await database.open()
  expect(Object.keys(await catalogOf(warehouse, AbortSignal.timeout(20_000)))).toHaveLength(100)
  expect(warehouse.statements()).toBeLessThanOrEqual(8)
})

test('an empty database has an empty catalog', async () => {
  const database = await warehouseDatabase('')
  const warehouse = await database.open()
  expect(await warehouse.readCatalog(everything, AbortSignal.timeout(20_000))).toEqual({
    tables: [],
    containers: [],
    unknown: [],
  })
})
