import type { ApplyRow, ApplyRowOutcome, AssetKind } from '@amx/api'
import { describe, expect, test, vi } from 'vitest'
import type { ApplyTableRequest, Warehouse } from '../warehouse.ts'
import { catalogOf, type WarehouseDatabase, warehouseDatabase } from './test-warehouse.ts'

const signal = () => AbortSignal.timeout(20_000)

function row(path: string, kind: AssetKind, text: string, more: Partial<ApplyRow> = {}): ApplyRow {
  return { rowId: `${kind} ${path}`, path, kind, text, expected: null, intended: false, ...more }
}

function apply(
  warehouse: Warehouse,
  rows: readonly ApplyRow[],
  request: Partial<ApplyTableRequest> = {},
): Promise<readonly ApplyRowOutcome[]> {
  return warehouse.applyTable({ tablePath: 'public.t', rows, onDrift: 'Refuse', dryRun: false, ...request }, signal())
}

function outcomes(results: readonly ApplyRowOutcome[]): unknown[] {
  return results.map(({ outcome, oldText, error }) => [outcome, oldText, error?.code ?? null])
}

async function comments(database: WarehouseDatabase): Promise<Record<string, string>> {
  const rows = await database.run(`
    SELECT coalesce(a.attname, c.relname, n.nspname, 'database') AS name, d.description
    FROM (SELECT objoid, classoid, objsubid, description FROM pg_description
          UNION ALL SELECT objoid, classoid, 0, description FROM pg_shdescription WHERE objoid = (SELECT oid FROM pg_database WHERE datname = current_database())) d
    LEFT JOIN pg_class c ON d.classoid = 'pg_class'::regclass AND c.oid = d.objoid
    LEFT JOIN pg_namespace n ON d.classoid = 'pg_namespace'::regclass AND n.oid = d.objoid
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
    WHERE (c.relnamespace = 'public'::regnamespace) OR n.nspname = 'mine' OR d.classoid = 'pg_database'::regclass`)
  return Object.fromEntries(rows.map(({ name, description }) => [String(name), String(description)]))
}

/** Every way of writing has to give the same outcomes: the function where it may be made, savepoints elsewhere. */
const ways = [
  ['by function', ''],
  ['by savepoints', 'REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC'],
] as const

describe.each(ways)('%s', (way, revoke) => {
  /** A database and the role that owns what is in it. */
  async function owned(sql: string) {
    const database = await warehouseDatabase('')
    if (revoke !== '') await database.run(revoke.replace('{database}', `"${database.name}"`))
    const credentials = await database.role(
      `GRANT CREATE ON SCHEMA public TO {role}; SET ROLE {role}; ${sql}; RESET ROLE`,
    )
    return { database, warehouse: await database.open({ credentials }), owner: credentials.username }
  }

  test('every kind of relation gets its comment, each with its own statement', async () => {
    const { database, warehouse } = await owned(`
      CREATE TABLE t (a int); CREATE VIEW v AS SELECT 1 AS one; CREATE MATERIALIZED VIEW m AS SELECT 1 AS one;
      CREATE TABLE p (k int) PARTITION BY HASH (k)`)
    const results = await apply(warehouse, [
      row('public.t', 'Table', 'table'),
      row('public.t.a', 'Column', 'column'),
      row('public.v', 'View', 'view'),
      row('public.m', 'MaterializedView', 'materialized'),
      row('public.m.one', 'Column', 'its column'),
      row('public.p', 'Table', 'partitioned'),
    ])
    expect(results.map(({ outcome, statement }) => [outcome, statement])).toEqual([
      ['Applied', 'COMMENT ON TABLE "public"."t" IS $1'],
      ['Applied', 'COMMENT ON COLUMN "public"."t"."a" IS $1'],
      ['Applied', 'COMMENT ON VIEW "public"."v" IS $1'],
      ['Applied', 'COMMENT ON MATERIALIZED VIEW "public"."m" IS $1'],
      ['Applied', 'COMMENT ON COLUMN "public"."m"."one" IS $1'],
      ['Applied', 'COMMENT ON TABLE "public"."p" IS $1'],
    ])
    expect(await comments(database)).toMatchObject({
      t: 'table',
      a: 'column',
      v: 'view',
      m: 'materialized',
      one: 'its column',
      p: 'partitioned',
    })
  })

  test('hostile names and texts arrive character by character', async () => {
    const names = ['Upper', 'with.dot', 'q"q', "it's", 'größe 🎉', 'select', '%I %L $1', 'back\\slash']
    const texts = [
      "'; DROP TABLE t; --",
      'a\\b \\n \\',
      '$amx$ $1 $$ %s %L',
      'line one\nline two\ttab',
      "E'\\x27",
      '🎉 größe "quoted" “typographic”',
      ':bind :name ? {fact}',
      ' spaces around ',
    ]
    const quote = (name: string) => `"${name.replaceAll('"', '""')}"`
    const { database, warehouse } = await owned(
      `CREATE TABLE t (${names.map((name) => `${quote(name)} int`).join(', ')})`,
    )
    const plain = /^[^\s."*\p{Lu}\p{Cc}]+$/u
    const results = await apply(
      warehouse,
      names.map((name, index) =>
        row(`public.t.${plain.test(name) ? name : quote(name)}`, 'Column', texts[index] ?? ''),
      ),
    )
    expect(results.map(({ outcome }) => outcome)).toEqual(names.map(() => 'Applied'))
    expect(await comments(database)).toMatchObject(Object.fromEntries(names.map((name, index) => [name, texts[index]])))
  })

  test('one bad row never stops the rest', async () => {
    const { database, warehouse } = await owned('CREATE TABLE t (a int, b int, c int)')
    const results = await apply(warehouse, [
      row('public.t.a', 'Column', 'first'),
      row('public.t.gone', 'Column', 'x'),
      row('public.nope', 'Table', 'x'),
      row('public.t.b', 'Column', 'NUL \0 inside'),
      row('public.t.b', 'Column', 'half a pair \ud800'),
      row('a.b.c.d', 'Column', 'nested'),
      row('public..t', 'Column', 'no path'),
      row('public.t.c', 'Column', 'last'),
    ])
    expect(outcomes(results)).toEqual([
      ['Applied', null, null],
      ['Missing', null, 'AMX-2011'],
      ['Missing', null, 'AMX-2011'],
      ['Failed', null, 'AMX-2036'],
      ['Failed', null, 'AMX-2036'],
      ['Unsupported', null, 'AMX-2010'],
      ['Failed', null, 'AMX-1011'],
      ['Applied', null, null],
    ])
    expect(await comments(database)).toMatchObject({ a: 'first', c: 'last' })
  })

  test('what is there already is told apart from what was written and from what somebody else wrote', async () => {
    const { database, warehouse } = await owned(`
      CREATE TABLE t (same int, drifted int, gone int, seen int);
      COMMENT ON COLUMN t.same IS 'new'; COMMENT ON COLUMN t.drifted IS 'by another'; COMMENT ON COLUMN t.seen IS 'old'`)
    const rows = [
      row('public.t.same', 'Column', 'new', { expected: 'old' }),
      row('public.t.drifted', 'Column', 'new', { expected: 'old' }),
      row('public.t.gone', 'Column', 'new', { expected: 'old' }),
      row('public.t.seen', 'Column', 'new', { expected: 'old' }),
    ]
    expect(outcomes(await apply(warehouse, rows))).toEqual([
      ['AlreadyThere', 'new', null],
      ['Drifted', 'by another', 'AMX-2009'],
      ['Drifted', null, 'AMX-2009'],
      ['Applied', 'old', null],
    ])
    expect(await comments(database)).toEqual({ same: 'new', drifted: 'by another', seen: 'new' })
    expect(outcomes(await apply(warehouse, rows, { onDrift: 'Overwrite' }))).toEqual([
      ['AlreadyThere', 'new', null],
      ['Applied', 'by another', null],
      ['Applied', null, null],
      ['AlreadyThere', 'new', null],
    ])
  })

  test('a row that an earlier attempt wrote before it died is recovered, not written twice', async () => {
    const { warehouse } = await owned(`CREATE TABLE t (a int, b int); COMMENT ON COLUMN t.a IS 'new'`)
    const results = await apply(warehouse, [
      row('public.t.a', 'Column', 'new', { expected: 'old', intended: true }),
      row('public.t.b', 'Column', 'new', { intended: true }),
    ])
    expect(outcomes(results)).toEqual([
      ['Applied', 'old', null],
      ['Applied', null, null],
    ])
  })

  test('an empty text takes the comment away', async () => {
    const { database, warehouse } = await owned(`CREATE TABLE t (a int); COMMENT ON COLUMN t.a IS 'old'`)
    const results = await apply(warehouse, [row('public.t.a', 'Column', '', { expected: 'old' })])
    expect(outcomes(results)).toEqual([['Applied', 'old', null]])
    expect(await comments(database)).toEqual({})
  })

  test('a dry run tells what would happen and writes nothing', async () => {
    const { database, warehouse } = await owned(`CREATE TABLE t (a int, b int); COMMENT ON COLUMN t.b IS 'there'`)
    await database.run('CREATE TABLE theirs (a int)')
    const rows = [
      row('public.t.a', 'Column', 'new'),
      row('public.t.b', 'Column', 'there'),
      row('public.t.gone', 'Column', 'new'),
      row('public.theirs', 'Table', 'new'),
    ]
    const results = await apply(warehouse, rows, { dryRun: true })
    expect(outcomes(results)).toEqual([
      ['Applied', null, null],
      ['AlreadyThere', 'there', null],
      ['Missing', null, 'AMX-2011'],
      ['Failed', null, 'AMX-2022'],
    ])
    expect(await comments(database)).toEqual({ b: 'there' })
  })

  test('a locked table costs one wait, whatever the number of its rows, and every row says why', async () => {
    const { database, owner } = await owned(`CREATE TABLE t (a int, b int, c int)`)
    const warehouse = await database.open({ credentials: { username: owner, password: 'secret' }, lockTimeoutMs: 500 })
    const migration = await database.session()
    await migration.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE')
    // A wait for each row would outlast the signal of the apply.
    const rows = Array.from({ length: 60 }, (_, index) =>
      row(`public.t.${'abc'[index % 3]}`, 'Column', `text ${index}`),
    )
    const results = await apply(warehouse, rows)
    expect(new Set(results.map(({ outcome, error }) => `${outcome} ${error?.code}`))).toEqual(
      new Set(['Failed AMX-2037']),
    )
    await migration.query('ROLLBACK')
    expect((await apply(warehouse, rows.slice(0, 3))).map(({ outcome }) => outcome)).toEqual([
      'Applied',
      'Applied',
      'Applied',
    ])
  })

  test('a comment changed by another session in the last moment is not overwritten', async () => {
    const { database, owner } = await owned('CREATE TABLE t (a int)')
    const credentials = { username: owner, password: 'secret' }
    const warehouse = await database.open({ credentials, lockTimeoutMs: 10_000 })
    const other = await database.session()
    await other.query("BEGIN; COMMENT ON COLUMN t.a IS 'by another'")
    const applying = apply(warehouse, [row('public.t.a', 'Column', 'ours')])
    await waitingForLock(database)
    await other.query('COMMIT')
    expect(outcomes(await applying)).toEqual([['Drifted', 'by another', 'AMX-2009']])
  })

  test('an apply that is aborted half-way has written nothing', async () => {
    const { database, warehouse } = await owned('CREATE TABLE t (a int, b int)')
    // A slow text search dictionary, trigger or hook would do the same: the second row waits for a lock.
    const other = await database.session()
    await database.run('CREATE TABLE u (a int)')
    await database.run(
      `ALTER TABLE u OWNER TO ${(await database.run("SELECT tableowner FROM pg_tables WHERE tablename = 't'"))[0]?.['tableowner']}`,
    )
    await other.query('BEGIN; LOCK TABLE u IN ACCESS EXCLUSIVE MODE')
    const stop = new AbortController()
    const applying = warehouse.applyTable(
      {
        tablePath: 'public.t',
        rows: [row('public.t.a', 'Column', 'first'), row('public.u.a', 'Column', 'second')],
        onDrift: 'Refuse',
        dryRun: false,
      },
      stop.signal,
    )
    const refused = expect(applying).rejects.toThrow('stopped')
    await waitingForLock(database)
    stop.abort(new Error('stopped'))
    await refused
    await other.query('ROLLBACK')
    expect(await comments(database)).toEqual({})
    expect((await apply(warehouse, [row('public.t.a', 'Column', 'again')])).map(({ outcome }) => outcome)).toEqual([
      'Applied',
    ])
  })

  test(`${way === 'by function' ? 'one statement' : 'five statements a row at most'}`, async () => {
    const { warehouse } = await owned('CREATE TABLE t (a int, b int, c int)')
    const rows = ['a', 'b', 'c'].map((name) => row(`public.t.${name}`, 'Column', 'text'))
    const before = warehouse.statements()
    await apply(warehouse, rows)
    const first = warehouse.statements() - before
    await apply(warehouse, rows)
    const second = warehouse.statements() - before - first
    // The first one also makes the function, or finds out that it may not.
    if (way === 'by function') expect([first, second]).toEqual([2, 1])
    else expect(second).toBeLessThanOrEqual(6 + 5 * rows.length)
  })
})

/** Until an apply looks again and again whether a lock is free: it sleeps in between, or its session idles before the next look. */
async function waitingForLock(database: WarehouseDatabase): Promise<void> {
  await vi.waitFor(async () => {
    const [found] = await database.run(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'amx'
         AND (wait_event = 'PgSleep' OR state = 'idle in transaction' AND query LIKE 'ROLLBACK TO %')`,
    )
    expect(Number(found?.['waiting'])).toBeGreaterThan(0)
  }, 10_000)
}

test('schemas, databases and foreign tables have comments too', async () => {
  const database = await warehouseDatabase(`
    CREATE SCHEMA mine; CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
    CREATE FOREIGN TABLE outside (line text) SERVER files OPTIONS (filename '/nowhere')`)
  const warehouse = await database.open()
  const results = await apply(warehouse, [
    row('mine', 'Schema', 'schema'),
    row('nope', 'Schema', 'schema'),
    row('*', 'Database', 'whole'),
    row('public.outside', 'ForeignTable', 'foreign'),
    row('public.outside.line', 'Column', 'line'),
  ])
  expect(outcomes(results)).toEqual([
    ['Applied', null, null],
    ['Missing', null, 'AMX-2011'],
    ['Applied', null, null],
    ['Applied', null, null],
    ['Applied', null, null],
  ])
  expect(await comments(database)).toMatchObject({
    mine: 'schema',
    database: 'whole',
    outside: 'foreign',
    line: 'line',
  })
  await warehouse.applyTable(
    { tablePath: '*', rows: [row('*', 'Database', '', { expected: 'whole' })], onDrift: 'Refuse', dryRun: false },
    signal(),
  )
})

test('the comment of a table that became a view is written to the view', async () => {
  const database = await warehouseDatabase('CREATE VIEW t AS SELECT 1 AS one')
  const [result] = await apply(await database.open(), [row('public.t', 'Table', 'text')])
  expect(result).toMatchObject({ outcome: 'Applied' })
  expect(await comments(database)).toEqual({ t: 'text' })
})

test('5,000 rows of one table are split, and all answered in their order', async () => {
  const columns = Array.from({ length: 1600 }, (_, index) => `c${index} int`)
  const database = await warehouseDatabase(`CREATE TABLE t (${columns.join(', ')})`)
  const warehouse = await database.open()
  const before = warehouse.statements()
  const rows = Array.from({ length: 5000 }, (_, index) =>
    row(`public.t.c${index % 1600}`, 'Column', `text ${index % 1600}`, { rowId: String(index) }),
  )
  const results = await apply(warehouse, rows)
  expect(results.map(({ rowId }) => rowId)).toEqual(rows.map(({ rowId }) => rowId))
  expect(results.filter(({ outcome }) => outcome === 'Applied')).toHaveLength(1600)
  expect(results.filter(({ outcome }) => outcome === 'AlreadyThere')).toHaveLength(3400)
  expect(warehouse.statements() - before).toBe(4)
})

test('a server that takes no writes answers each row', async () => {
  const database = await warehouseDatabase('CREATE TABLE t (a int)')
  await database.run(`ALTER DATABASE "${database.name}" SET default_transaction_read_only = on`)
  const results = await apply(await database.open(), [row('public.t', 'Table', 'x'), row('public.t.a', 'Column', 'x')])
  expect(outcomes(results)).toEqual([
    ['Failed', null, 'AMX-2012'],
    ['Failed', null, 'AMX-2012'],
  ])
})

test('objects of the same name in front of the system ones are not run', async () => {
  const database = await warehouseDatabase(`
    CREATE TABLE t (a int);
    CREATE TABLE harm (what text);
    CREATE FUNCTION public.format(text, text, text, text, text) RETURNS text LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO public.harm VALUES ('format'); RETURN 'SELECT 1'; END $$;
    CREATE FUNCTION public.col_description(oid, smallint) RETURNS text LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO public.harm VALUES ('col_description'); RETURN NULL; END $$;`)
  const warehouse = await database.open()
  await catalogOf(warehouse, signal())
  expect(outcomes(await apply(warehouse, [row('public.t.a', 'Column', 'text')]))).toEqual([['Applied', null, null]])
  expect(await database.run('SELECT * FROM harm')).toEqual([])
})
