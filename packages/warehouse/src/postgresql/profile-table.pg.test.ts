import type { TableProfile } from '@amx/api'
import { describe, expect, test } from 'vitest'
import type { Warehouse } from '../warehouse.ts'
import { catalogOf, type ProfileOptions, profileOptions, warehouseDatabase } from './test-warehouse.ts'

const signal = () => AbortSignal.timeout(20_000)

async function profile(warehouse: Warehouse, path: string, options: ProfileOptions): Promise<TableProfile> {
  const catalog = (await catalogOf(warehouse, signal()))[path]
  if (catalog === undefined) throw new Error(`${path} is not in the catalog`)
  return warehouse.profileTable(catalog, options, signal())
}

async function profileOf(sql: string, path: string, options = profileOptions()): Promise<TableProfile> {
  const database = await warehouseDatabase(sql)
  return profile(await database.open(), path, options)
}

function columnOf(table: TableProfile, name: string) {
  const column = table.columns.find((each) => each.name === name)
  if (column === undefined) throw new Error(`no column ${name}`)
  return column
}

const numbers = `
CREATE TABLE n (id int PRIMARY KEY, state text, note text, ten int);
INSERT INTO n SELECT i, (ARRAY['open', 'shut'])[i % 2 + 1], CASE WHEN i % 4 = 0 THEN NULL ELSE 'note ' || i END, i % 10
FROM generate_series(1, 20000) i;
ANALYZE n;`

describe('Sampled', () => {
  test('a big table costs one statement and gives figures for the whole', async () => {
    const table = await profileOf(numbers, 'public.n', profileOptions({ sampleRows: 2000 }))
    expect(table).toMatchObject({
      mode: 'Sampled',
      modeReason: null,
      rowCount: 20_000,
      rowCountIsExact: false,
      statements: 1,
    })
    expect(table.rowsRead).toBe(2000)
    expect(columnOf(table, 'id')).toMatchObject({ distinct: 20_000, distinctIsExact: false, nullFraction: 0 })
    expect(columnOf(table, 'ten')).toMatchObject({ distinct: 10, minimum: '0', maximum: '9' })
    expect(
      columnOf(table, 'state')
        .frequencies.map(({ value }) => value)
        .sort(),
    ).toEqual(['open', 'shut'])
    expect(columnOf(table, 'note').nullFraction).toBeCloseTo(0.25, 1)
    expect(columnOf(table, 'note').samples).toHaveLength(5)
  })

  test('a column whose values stand together on pages looks as varied as it is', async () => {
    const table = await profileOf(
      `CREATE TABLE lines (order_id int, line int); INSERT INTO lines SELECT i / 3, i % 3 FROM generate_series(1, 30000) i; ANALYZE lines;`,
      'public.lines',
    )
    expect(columnOf(table, 'order_id').distinct).toBeGreaterThan(8000)
    expect(columnOf(table, 'line').distinct).toBe(3)
  })

  test('the same table gives the same sample again', async () => {
    const database = await warehouseDatabase(numbers)
    const warehouse = await database.open()
    const options = profileOptions({ sampleRows: 500 })
    const [first, second] = [
      await profile(warehouse, 'public.n', options),
      await profile(warehouse, 'public.n', options),
    ]
    expect(second.columns).toEqual(first.columns)
  })

  test('a table smaller than the sample is known exactly', async () => {
    const table = await profileOf(numbers, 'public.n', profileOptions({ sampleRows: 50_000 }))
    expect(table).toMatchObject({ rowCount: 20_000, rowCountIsExact: true, rowsRead: 20_000 })
    expect(columnOf(table, 'note')).toMatchObject({ nullFraction: 0.25, distinct: 15_000, distinctIsExact: true })
  })

  test('a table that the planner thinks far bigger than it is falls back to its first rows', async () => {
    const table = await profileOf(
      `${numbers} UPDATE pg_class SET reltuples = 50000000 WHERE relname = 'n';`,
      'public.n',
      profileOptions({ sampleRows: 1000 }),
    )
    expect(table).toMatchObject({ rowsRead: 1000, statements: 2 })
  })

  test('a partitioned table, a view and a materialized view are sampled too', async () => {
    const database = await warehouseDatabase(`${numbers}
      CREATE VIEW v AS SELECT * FROM n;
      CREATE MATERIALIZED VIEW m AS SELECT * FROM n; ANALYZE m;
      CREATE TABLE p (k int, v text) PARTITION BY HASH (k);
      CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE p1 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      INSERT INTO p SELECT i, 'x' FROM generate_series(1, 20000) i; ANALYZE p;`)
    const warehouse = await database.open()
    for (const path of ['public.v', 'public.m', 'public.p']) {
      const table = await profile(warehouse, path, profileOptions({ sampleRows: 1000 }))
      expect([path, table.statements]).toEqual([path, 1])
      expect(table.rowsRead).toBeGreaterThan(900)
      expect(table.rowsRead).toBeLessThanOrEqual(1000)
    }
  })

  test('an empty table has no rows and says so', async () => {
    const table = await profileOf('CREATE TABLE e (a int, b json)', 'public.e')
    expect(table).toMatchObject({ rowCount: 0, rowCountIsExact: true, rowsRead: 0, warnings: [] })
    expect(columnOf(table, 'a')).toMatchObject({ nullFraction: null, distinct: 0, minimum: null, samples: [] })
  })

  test('a table without columns has rows all the same', async () => {
    const table = await profileOf('CREATE TABLE none (); INSERT INTO none DEFAULT VALUES', 'public.none')
    expect(table).toMatchObject({ rowCount: 1, columns: [] })
  })

  test('types without order or equality, and values beyond the usual, are read as text', async () => {
    const table = await profileOf(
      `CREATE TYPE pair AS (l int, r text); CREATE DOMAIN positive AS int CHECK (value > 0);
       CREATE TABLE t (j json, b jsonb, p point, x xml, a text[], r int4range, y bytea, i interval, c pair, d positive, f float8, s timestamptz, n numeric, u bit(3), v tsvector, o oid, ip inet, m money);
       INSERT INTO t VALUES ('{"a":1}', '{"a":1}', '(1,2)', '<a/>', '{x,y}', '[1,5)', '\\xff00', '1 day', '(1,a)', 3, 'NaN', 'infinity', 'NaN', '101', 'a b', 7, '10.0.0.1', 5);
       INSERT INTO t (f, s, n) VALUES ('-Infinity', '-infinity', 1e30), (1.5, '0044-03-15 00:00:00+00 BC', -1);`,
      'public.t',
    )
    expect(table.warnings).toEqual([])
    const sample = (name: string) => columnOf(table, name).samples[0]
    expect([
      sample('j'),
      sample('p'),
      sample('x'),
      sample('a'),
      sample('r'),
      sample('y'),
      sample('i'),
      sample('c'),
    ]).toEqual(['{"a":1}', '(1,2)', '<a/>', '{x,y}', '[1,5)', '\\xff00', '1 day', '(1,a)'])
    expect(columnOf(table, 'f')).toMatchObject({ minimum: '-Infinity', maximum: 'NaN' })
    expect(columnOf(table, 's')).toMatchObject({ minimum: '-infinity', maximum: 'infinity' })
    expect(columnOf(table, 'n')).toMatchObject({ minimum: '-1', maximum: 'NaN' })
  })

  test('long values are cut by the server, and their true length is told', async () => {
    const table = await profileOf("CREATE TABLE t (a text); INSERT INTO t VALUES (repeat('x', 1000000))", 'public.t')
    expect(columnOf(table, 'a')).toMatchObject({ maximumLength: 1_000_000 })
    expect(columnOf(table, 'a').samples[0]).toHaveLength(257)
  })

  test('a column whose values cannot be read does not lose the others', async () => {
    const table = await profileOf(
      `CREATE TABLE t (a int, b int, c int, d int); INSERT INTO t VALUES (1, 0, 3, 4);
       CREATE VIEW v AS SELECT a, 1 / b AS broken, c, d FROM t;`,
      'public.v',
    )
    expect(table.warnings).toEqual([expect.stringContaining('broken could not be read: division by zero')])
    expect(columnOf(table, 'broken')).toMatchObject({ distinct: null, samples: [] })
    expect([columnOf(table, 'a').samples, columnOf(table, 'd').samples]).toEqual([['1'], ['4']])
  })

  test.each(['Sampled', 'Full'] as const)(
    'a view of which nothing can be read is told from the catalog, %s',
    async (mode) => {
      const table = await profileOf(
        'CREATE VIEW v AS SELECT 1 / (random() * 0)::int AS a, 2 / (random() * 0)::int AS b',
        'public.v',
        profileOptions({ mode }),
      )
      expect(table).toMatchObject({ mode: 'Metadata', modeReason: 'none of its columns could be read', rowsRead: 0 })
      expect(table.warnings).toHaveLength(2)
      expect(table.rowCountIsExact).toBe(false)
    },
  )

  test('1,600 columns take eight statements', async () => {
    const columns = Array.from({ length: 1600 }, (_, index) => `c${index} int DEFAULT ${index}`)
    const table = await profileOf(
      `CREATE TABLE wide (${columns.join(', ')}); INSERT INTO wide DEFAULT VALUES`,
      'public.wide',
    )
    expect(table.statements).toBe(8)
    expect(columnOf(table, 'c1599')).toMatchObject({ samples: ['1599'], distinct: 1 })
  })

  test('odd names do not break out of their quotes', async () => {
    const table = await profileOf(
      `CREATE SCHEMA "a.b"; CREATE TABLE "a.b"."x""; drop table y; --" ("select" int, "it's" int, "q""q" int);
       INSERT INTO "a.b"."x""; drop table y; --" VALUES (1, 2, 3);`,
      '"a.b"."x""; drop table y; --"',
    )
    expect(table.columns.map(({ name, samples }) => [name, samples[0]])).toEqual([
      ['select', '1'],
      ["it's", '2'],
      ['q"q', '3'],
    ])
  })
})

describe('Full', () => {
  test('figures are exact over all rows, in two statements', async () => {
    const options = profileOptions({ mode: 'Full', exactDistinct: true, sampleRows: 100 })
    const table = await profileOf(numbers, 'public.n', options)
    expect(table).toMatchObject({
      mode: 'Full',
      rowCount: 20_000,
      rowCountIsExact: true,
      rowsRead: 20_000,
      statements: 2,
    })
    expect(columnOf(table, 'id')).toMatchObject({
      minimum: '1',
      maximum: '20000',
      distinct: 20_000,
      distinctIsExact: true,
    })
    expect(columnOf(table, 'note')).toMatchObject({
      nullFraction: 0.25,
      distinct: 15_000,
      minimumLength: 6,
      maximumLength: 10,
    })
  })

  test('without exactDistinct the number is an estimate and says so', async () => {
    const table = await profileOf(numbers, 'public.n', profileOptions({ mode: 'Full', sampleRows: 1000 }))
    expect(columnOf(table, 'id')).toMatchObject({ distinct: 20_000, distinctIsExact: false })
    expect(columnOf(table, 'ten')).toMatchObject({ distinct: 10 })
  })

  test('types without order or equality do not stop it', async () => {
    const table = await profileOf(
      `CREATE TABLE t (j json, p point, x xml, u uuid, b boolean, e text[]);
       INSERT INTO t VALUES ('1', '(1,2)', '<a/>', '0b7c8c9e-6f4a-4a0b-9d3e-0a1b2c3d4e5f', true, '{a}'), ('1', '(1,2)', '<a/>', NULL, false, '{a}');`,
      'public.t',
      profileOptions({ mode: 'Full', exactDistinct: true }),
    )
    expect(table.columns.map(({ name, distinct, minimum }) => [name, distinct, minimum])).toEqual([
      ['j', 1, null],
      ['p', 1, null],
      ['x', 1, null],
      ['u', 1, '0b7c8c9e-6f4a-4a0b-9d3e-0a1b2c3d4e5f'],
      ['b', 2, 'false'],
      ['e', 1, null],
    ])
  })

  test('a table above maximumRows is sampled and says why', async () => {
    const options = profileOptions({ mode: 'Full', maximumRows: 1000, sampleRows: 500 })
    const table = await profileOf(numbers, 'public.n', options)
    expect(table).toMatchObject({ mode: 'Sampled', rowsRead: 500, modeReason: expect.stringContaining('1000 rows') })
  })

  test('so is a view, of which nobody knew how many rows it has', async () => {
    const options = profileOptions({ mode: 'Full', maximumRows: 1000, sampleRows: 500 })
    const table = await profileOf(`${numbers} CREATE VIEW v AS SELECT * FROM n`, 'public.v', options)
    expect(table).toMatchObject({ mode: 'Sampled', rowsRead: 500, modeReason: expect.stringContaining('1000 rows') })
  })
})

describe('Metadata', () => {
  test("reads no row: the figures are the planner's, without examples", async () => {
    const table = await profileOf(numbers, 'public.n', profileOptions({ mode: 'Metadata' }))
    expect(table).toMatchObject({ mode: 'Metadata', rowsRead: 0, rowCount: 20_000, rowCountIsExact: false })
    expect(columnOf(table, 'id')).toMatchObject({ distinct: 20_000, minimum: '1', maximum: '20000', samples: [] })
    expect(columnOf(table, 'ten')).toMatchObject({ distinct: 10, minimum: '0', maximum: '9', frequencies: [] })
    expect(columnOf(table, 'note').nullFraction).toBeCloseTo(0.25, 1)
  })

  test('one statement serves every table of the scope', async () => {
    const database = await warehouseDatabase(`${numbers} CREATE TABLE "Other.t" AS SELECT * FROM n; ANALYZE;`)
    const warehouse = await database.open()
    const catalog = Object.values(await catalogOf(warehouse, signal()))
    const before = warehouse.statements()
    const tables = await Promise.all(
      catalog.map((each) => warehouse.profileTable(each, profileOptions({ mode: 'Metadata' }), signal())),
    )
    expect(warehouse.statements() - before).toBe(1)
    expect(tables.map((table) => columnOf(table, 'id').distinct)).toEqual([20_000, 20_000])
  })

  test('a table that was never analysed has nothing to tell and is no fault', async () => {
    const table = await profileOf('CREATE TABLE t (a int)', 'public.t', profileOptions({ mode: 'Metadata' }))
    expect(columnOf(table, 'a')).toMatchObject({ nullFraction: null, distinct: null, minimum: null })
  })
})

describe('rights', () => {
  const tables = 'CREATE TABLE hidden (a int); CREATE TABLE partly (a int, b int); INSERT INTO partly VALUES (1, 2)'

  test('a table that cannot be read is told from the catalog, with the reason', async () => {
    const database = await warehouseDatabase(tables)
    const credentials = await database.role('GRANT USAGE ON SCHEMA public TO {role}')
    const table = await profile(await database.open({ credentials }), 'public.hidden', profileOptions())
    expect(table).toMatchObject({ mode: 'Metadata', modeReason: 'the reader has no SELECT on it', rowsRead: 0 })
  })

  test('a right taken away after the catalog was read is the same', async () => {
    const database = await warehouseDatabase(tables)
    const credentials = await database.role('GRANT SELECT ON hidden TO {role}')
    const warehouse = await database.open({ credentials })
    const catalog = (await catalogOf(warehouse, signal()))['public.hidden']
    if (catalog === undefined) throw new Error('not in the catalog')
    await database.run(`REVOKE SELECT ON hidden FROM ${credentials.username}`)
    const table = await warehouse.profileTable(catalog, profileOptions(), signal())
    expect(table).toMatchObject({ mode: 'Metadata', modeReason: expect.stringContaining('permission denied') })
  })

  test('where only some columns may be read, they are, and the others are named', async () => {
    const database = await warehouseDatabase(tables)
    const credentials = await database.role('GRANT SELECT (a) ON partly TO {role}')
    const table = await profile(await database.open({ credentials }), 'public.partly', profileOptions())
    expect(columnOf(table, 'a').samples).toEqual(['1'])
    expect(columnOf(table, 'b').samples).toEqual([])
    expect(table.warnings).toEqual(['b was not read: the reader has no SELECT on it'])
    expect(table.statements).toBe(3)
  })
})

describe('privacy', () => {
  const people = `CREATE TABLE person (id int, ssn text DEFAULT '000', email text, remark text, state text);
    COMMENT ON COLUMN person.ssn IS 'Number of the social security.';
    INSERT INTO person SELECT i, '123-45-' || (1000 + i), 'user' || i || '@example.com', 'a secret remark that Ada wrote', (ARRAY['on','off'])[i % 2 + 1] FROM generate_series(1, 20) i;`

  test('an excluded column is not even read: nothing is left but its name, its type and its comment', async () => {
    const database = await warehouseDatabase(people)
    const credentials = await database.role('GRANT SELECT (id, email, remark, state) ON person TO {role}')
    const options = profileOptions({}, { excludeColumns: ['*.*.ssn'] })
    const table = await profile(await database.open({ credentials }), 'public.person', options)
    expect(table).toMatchObject({ statements: 1, warnings: [] })
    expect(columnOf(table, 'ssn')).toMatchObject({
      heldBack: 'Excluded',
      nullFraction: null,
      distinct: null,
      pattern: null,
    })
    expect(table.catalog.columns.find(({ name }) => name === 'ssn')).toMatchObject({
      type: 'text',
      default: null,
      comment: 'Number of the social security.',
    })
  })

  test.each(['Masked', 'None'] as const)('%s lets no value out', async (samples) => {
    const table = await profileOf(people, 'public.person', profileOptions({}, { samples }))
    const { catalog: _, ...told } = table
    expect(JSON.stringify(told)).not.toMatch(/example\.com|123-45|secret|Ada/)
    expect(columnOf(table, 'email')).toMatchObject({
      heldBack: samples === 'None' ? 'Disclosure' : 'Personal',
      pattern: 'Email',
    })
  })

  test('the range that the planner keeps is held back in the same way', async () => {
    const options = profileOptions({ mode: 'Metadata' }, { samples: 'Masked' })
    const table = await profileOf(`${people} ANALYZE person`, 'public.person', options)
    expect(columnOf(table, 'email')).toMatchObject({ heldBack: 'Personal', minimum: null })
    const { catalog: _, ...told } = table
    expect(JSON.stringify(told)).not.toMatch(/example\.com|123-45|secret|Ada/)
  })
})

describe('what goes wrong', () => {
  test('a locked table is AMX-2005 after the time limit for locks', async () => {
    const database = await warehouseDatabase('CREATE TABLE t (a int)')
    const warehouse = await database.open({ lockTimeoutMs: 100 })
    const catalog = (await catalogOf(warehouse, signal()))['public.t']
    if (catalog === undefined) throw new Error('not in the catalog')
    const migration = await database.session()
    await migration.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE')
    await expect(warehouse.profileTable(catalog, profileOptions(), signal())).rejects.toMatchObject({
      code: 'AMX-2005',
    })
  })

  test('a statement above its time limit is AMX-2004', async () => {
    const database = await warehouseDatabase('CREATE VIEW slow AS SELECT pg_sleep(20)::text AS a')
    const warehouse = await database.open({ statementTimeoutMs: 100 })
    await expect(profile(warehouse, 'public.slow', profileOptions())).rejects.toMatchObject({ code: 'AMX-2004' })
  })

  test('a table dropped in the meantime is AMX-2011', async () => {
    const database = await warehouseDatabase('CREATE TABLE t (a int)')
    const warehouse = await database.open()
    const catalog = (await catalogOf(warehouse, signal()))['public.t']
    if (catalog === undefined) throw new Error('not in the catalog')
    await database.run('DROP TABLE t')
    await expect(warehouse.profileTable(catalog, profileOptions(), signal())).rejects.toMatchObject({
      code: 'AMX-2011',
    })
  })

  test('a foreign table whose server is away is told from the catalog', async () => {
    const table = await profileOf(
      `CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
       CREATE FOREIGN TABLE outside (line text) SERVER files OPTIONS (filename '/nowhere/at/all');`,
      'public.outside',
    )
    expect(table).toMatchObject({ mode: 'Metadata', modeReason: expect.stringContaining('/nowhere/at/all') })
  })
})
