import type { ApplyRow, ApplyRowOutcome, AssetKind } from '@amx/api'
import { rigDatabaseUrl } from '@amx/hack'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { OpenPostgresqlOptions } from '../warehouse.ts'
import { openPostgresql } from './open-postgresql.ts'
import { type WarehouseDatabase, warehouseDatabase } from './test-warehouse.ts'

// Every fault below is what a real server says in the situation that the test makes.

const signal = () => AbortSignal.timeout(20_000)

function row(
  path: string,
  text = 'new',
  kind: AssetKind = path.split('.').length === 3 ? 'Column' : 'Table',
): ApplyRow {
  return { rowId: path, path, kind, text, expected: null, intended: false }
}

/** A database, a role that owns what `sql` makes in it, and what becomes of rows that this role writes. */
async function owned(sql: string) {
  const database = await warehouseDatabase('')
  const credentials = await database.role(
    `GRANT CREATE ON SCHEMA public TO {role}; GRANT CREATE ON DATABASE "${database.name}" TO {role}; SET ROLE {role}; ${sql}; RESET ROLE`,
  )
  const open = (options: Partial<OpenPostgresqlOptions> = {}) => database.open({ credentials, ...options })
  return {
    database,
    owner: credentials.username,
    credentials,
    open,
    async write(rows: readonly ApplyRow[], options: Partial<OpenPostgresqlOptions> = {}) {
      const warehouse = await open(options)
      return warehouse.applyTable({ tablePath: 'public.t', rows, onDrift: 'Refuse', dryRun: false }, signal())
    },
  }
}

/** An event trigger that runs `body` at every COMMENT, as auditing tools and guards of a database do. */
function eventTrigger(database: WarehouseDatabase, body: string): Promise<unknown> {
  return database.run(`
    CREATE FUNCTION on_comment() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $f$ BEGIN ${body} END $f$;
    CREATE EVENT TRIGGER on_comment ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION on_comment()`)
}

const told = (outcomes: readonly ApplyRowOutcome[]) =>
  outcomes.map(({ outcome, error }) => [outcome, error?.code ?? null, error?.driverMessage ?? null])

describe('rights', () => {
  test('who does not own a table is given the statements that let the role write', async () => {
    const { database, owner, write } = await owned('CREATE TABLE t (a int)')
    const other = await database.role('GRANT CREATE ON SCHEMA public TO {role}')
    await database.run(`ALTER TABLE t OWNER TO ${other.username}`)
    const [result] = await write([row('public.t.a')])
    expect(result).toMatchObject({
      outcome: 'Failed',
      error: { code: 'AMX-2008', driverMessage: expect.stringMatching(/^must be owner of .* \(SQLSTATE 42501\)$/) },
    })
    const remedy = result?.error?.remedy ?? ''
    const [grant, alter] = [...remedy.matchAll(/`([^`]*)`/g)].map(([, statement]) => statement ?? '')
    expect(grant).toBe(`GRANT "${other.username}" TO "${owner}";`)
    expect(alter).toBe(`ALTER TABLE "public"."t" OWNER TO "${owner}";`)
    await database.run(grant ?? '')
    expect(told(await write([row('public.t.a')]))).toEqual([['Applied', null, null]])
    // The second advice works as well.
    await database.run(`REVOKE ${other.username} FROM ${owner}; ${alter}`)
    expect(told(await write([row('public.t')]))).toEqual([['Applied', null, null]])
  })

  test('a role that lost its membership between review and apply loses its rows, and gets them back with it', async () => {
    const { database, owner, write } = await owned('CREATE TABLE t (a int, b int)')
    const group = await database.role('GRANT CREATE ON SCHEMA public TO {role}')
    await database.run(`ALTER TABLE t OWNER TO ${group.username}; GRANT ${group.username} TO ${owner}`)
    expect(told(await write([row('public.t.a')]))).toEqual([['Applied', null, null]])
    await database.run(`REVOKE ${group.username} FROM ${owner}`)
    const [lost] = await write([row('public.t.b')])
    expect(lost?.error).toMatchObject({
      code: 'AMX-2008',
      remedy: expect.stringContaining(`GRANT "${group.username}" TO "${owner}";`),
    })
    await database.run(`GRANT ${group.username} TO ${owner}`)
    expect(told(await write([row('public.t.b')]))).toEqual([['Applied', null, null]])
  })

  test('an owner who is refused by what an event trigger does is not told to become the owner', async () => {
    const { database, write } = await owned('CREATE TABLE t (a int)')
    await database.run(`CREATE TABLE audit_log (what text);
      CREATE FUNCTION keep() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN
        INSERT INTO public.audit_log VALUES ('comment'); END $f$;
      CREATE EVENT TRIGGER keep ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION keep()`)
    const [result] = await write([row('public.t.a')])
    expect(result?.error).toMatchObject({
      code: 'AMX-2032',
      driverMessage: 'permission denied for table audit_log (SQLSTATE 42501)',
    })
  })

  test('nobody is advised to become a member of a superuser', async () => {
    const { database, write } = await owned('CREATE TABLE t (a int)')
    await database.run('ALTER TABLE t OWNER TO postgres')
    const [result] = await write([row('public.t.a')])
    expect(result?.error).toMatchObject({
      code: 'AMX-2022',
      remedy: expect.stringContaining('ALTER TABLE "public"."t"'),
    })
    expect(result?.error?.remedy).not.toContain('GRANT')
  })

  test('a schema that the role may not enter', async () => {
    const { database, owner, write } = await owned('CREATE SCHEMA shut; CREATE TABLE shut.t (a int)')
    await database.run(`ALTER SCHEMA shut OWNER TO postgres; REVOKE ALL ON SCHEMA shut FROM ${owner}`)
    const [result] = await write([row('shut.t.a')])
    expect(result?.error).toMatchObject({
      code: 'AMX-2020',
      remedy: expect.stringContaining(`GRANT USAGE ON SCHEMA "shut" TO "${owner}";`),
      driverMessage: 'permission denied for schema shut (SQLSTATE 42501)',
    })
  })

  test('schemas, databases and objects of the system have owners too', async () => {
    const { database, write } = await owned('SELECT 1')
    const [schema, whole, system] = await write([
      { ...row('public', 'x', 'Schema'), expected: 'standard public schema' },
      row('*', 'x', 'Database'),
      row('pg_catalog.pg_class.relname', 'x'),
    ])
    expect(schema?.error?.code).toMatch(/AMX-20(08|22)/)
    expect(whole?.error?.remedy).toContain(`ALTER DATABASE "${database.name}" OWNER TO`)
    expect(system?.error).toMatchObject({ code: 'AMX-2021', driverMessage: expect.stringContaining('42501') })
  })
})

describe('objects', () => {
  test('what is gone, and what is something else now', async () => {
    const { write } = await owned('CREATE TABLE t (a int); CREATE SEQUENCE s; CREATE INDEX i ON t (a)')
    const results = await write([
      row('public.t.gone'),
      row('public.gone'),
      row('gone.t.a'),
      row('gone', 'x', 'Schema'),
      row('public.s'),
      row('public.i.a'),
    ])
    expect(
      results.map(({ outcome, error }) => [
        outcome,
        error?.code,
        /\d.{4}(?=\)$)/.exec(error?.driverMessage ?? '')?.[0],
      ]),
    ).toEqual([
      ['Missing', 'AMX-2011', '42703'],
      ['Missing', 'AMX-2011', '42P01'],
      ['Missing', 'AMX-2011', '42P01'],
      ['Missing', 'AMX-2011', '3F000'],
      ['Failed', 'AMX-2031', '42809'],
      ['Failed', 'AMX-2031', '42809'],
    ])
  })

  test('a text that the encoding of the database cannot hold fails alone', async () => {
    const name = `latin_${Math.random().toString(36).slice(2, 10)}`
    const admin = await warehouseDatabase('')
    await admin.run(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'`)
    onTestFinished(() => admin.run(`DROP DATABASE ${name} WITH (FORCE)`).then(() => undefined))
    const { connection } = admin.options()
    const url = new URL(rigDatabaseUrl())
    const warehouse = await openPostgresql(
      {
        connection: { ...connection, database: name },
        credentials: { username: url.username, password: decodeURIComponent(url.password) },
      },
      signal(),
    )
    onTestFinished(() => warehouse.close())
    const rows = [row('*', 'größe', 'Database'), row('public', 'emoji 🎉', 'Schema')]
    const [fits, not] = await warehouse.applyTable(
      { tablePath: '*', rows, onDrift: 'Overwrite', dryRun: false },
      signal(),
    )
    expect(fits?.outcome).toBe('Applied')
    expect(not?.error).toMatchObject({
      code: 'AMX-2030',
      remedy: expect.stringContaining('LATIN1'),
      driverMessage: expect.stringContaining('22P05'),
    })
  })
})

describe('what the database does about a comment', () => {
  test.each([
    ['53100', 'AMX-2026'],
    ['54000', 'AMX-2029'],
    ['55006', 'AMX-2033'],
    ['0A000', 'AMX-2034'],
    ['XX000', 'AMX-2028'],
    ['53200', 'AMX-2027'],
    ['40001', 'AMX-2025'],
  ])('SQLSTATE %s costs one row and keeps its words', async (state, code) => {
    const { database, write } = await owned('CREATE TABLE t (a int, b int)')
    await eventTrigger(
      database,
      `IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity LIKE '%.a') THEN
         RAISE EXCEPTION USING ERRCODE = '${state}', MESSAGE = 'as it happens';
       END IF;`,
    )
    expect(told(await write([row('public.t.a'), row('public.t.b')]))).toEqual([
      ['Failed', code, `as it happens (SQLSTATE ${state})`],
      ['Applied', null, null],
    ])
  })

  test('an event trigger that refuses is named as what it is, with the role it refused', async () => {
    const { database, owner, write } = await owned('CREATE TABLE t (a int)')
    await eventTrigger(database, "RAISE EXCEPTION 'comments are frozen until Monday';")
    const [result] = await write([row('public.t.a')])
    expect(result?.error).toMatchObject({
      code: 'AMX-2032',
      remedy: expect.stringContaining(`"${owner}"`),
      driverMessage: 'comments are frozen until Monday (SQLSTATE P0001)',
    })
  })

  test.each([
    ['42P01', 'AMX-2032', "INSERT INTO public.audit_log VALUES ('comment');"],
    ['23505', 'AMX-2032', 'INSERT INTO public.counted VALUES (1);'],
    ['38003', 'AMX-2032', "RAISE EXCEPTION USING ERRCODE = '38003', MESSAGE = 'prohibited';"],
    [
      '53400',
      'AMX-2027',
      'PERFORM count(*) FROM (SELECT n FROM generate_series(1, 200000) AS n ORDER BY n::text) AS s;',
    ],
    ['22012', 'AMX-2099', 'PERFORM 1 / 0;'],
  ])(
    'an event trigger that breaks with %s costs one row, which is not said to be missing',
    async (state, code, body) => {
      const { database, owner, write } = await owned('CREATE TABLE t (a int, b int)')
      await database.run(`CREATE TABLE counted (n int PRIMARY KEY); INSERT INTO counted VALUES (1);
      ALTER ROLE ${owner} SET temp_file_limit = '64kB'; ALTER ROLE ${owner} SET work_mem = '64kB'`)
      await eventTrigger(
        database,
        `IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity LIKE '%.a') THEN ${body} END IF;`,
      )
      const [broken, written] = await write([row('public.t.a'), row('public.t.b')])
      expect([broken?.outcome, broken?.error?.code]).toEqual(['Failed', code])
      expect(broken?.error?.driverMessage).toContain(`(SQLSTATE ${state})`)
      expect(written?.outcome).toBe('Applied')
    },
  )

  test('the time limit of a transaction', async () => {
    const { database, owner, write } = await owned('CREATE TABLE t (a int)')
    await database.run(`ALTER ROLE ${owner} SET transaction_timeout = '200ms'`)
    await eventTrigger(database, 'PERFORM pg_sleep(10);')
    await expect(write([row('public.t.a')])).rejects.toMatchObject({
      code: 'AMX-2023',
      message: expect.stringContaining('SQLSTATE 25P04'),
    })
  })

  test('a stack that runs over in an event trigger', async () => {
    const { database, write } = await owned('CREATE TABLE t (a int)')
    await database.run(
      'CREATE FUNCTION deep(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN deep(n + 1); END $$',
    )
    await eventTrigger(database, 'PERFORM deep(0);')
    expect((await write([row('public.t.a')]))[0]?.error).toMatchObject({
      code: 'AMX-2029',
      driverMessage: expect.stringContaining('54001'),
    })
  })

  test('a snapshot that is too old to write beside another session', async () => {
    const { database, owner, write } = await owned('CREATE TABLE t (a int)')
    await database.run(`CREATE TABLE counter (n int); INSERT INTO counter VALUES (0);
      ALTER ROLE ${owner} SET default_transaction_isolation = 'repeatable read'`)
    await eventTrigger(database, 'PERFORM pg_sleep(0.3); UPDATE counter SET n = n + 1;')
    const other = await database.session()
    const writing = write([row('public.t.a')])
    await untilActive(database, 'PgSleep')
    await other.query('UPDATE counter SET n = n + 1')
    expect(told(await writing)).toEqual([
      ['Failed', 'AMX-2025', 'could not serialize access due to concurrent update (SQLSTATE 40001)'],
    ])
  })

  test('two sessions that wait for each other', async () => {
    const { database, write } = await owned('CREATE TABLE t (a int)')
    await database.run('CREATE TABLE u (a int)')
    await eventTrigger(
      database,
      "SET LOCAL lock_timeout = 0; SET LOCAL deadlock_timeout = '100ms'; PERFORM pg_sleep(0.3); LOCK TABLE u;",
    )
    const other = await database.session()
    await other.query("SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE u")
    const writing = write([row('public.t.a')], { lockTimeoutMs: 0 })
    await untilActive(database, 'PgSleep')
    const waiting = other.query('LOCK TABLE t')
    expect(told(await writing)).toEqual([['Failed', 'AMX-2025', 'deadlock detected (SQLSTATE 40P01)']])
    await waiting
  })

  test('the time limit of a statement', async () => {
    const { database, write } = await owned('CREATE TABLE t (a int)')
    await eventTrigger(database, 'PERFORM pg_sleep(10);')
    await expect(write([row('public.t.a')], { statementTimeoutMs: 200 })).rejects.toMatchObject({
      code: 'AMX-2023',
      message: expect.stringContaining('SQLSTATE 57014'),
    })
  })

  test.each([
    ['pg_cancel_backend', 'AMX-2024', '57014'],
    ['pg_terminate_backend', 'AMX-2001', '57P01'],
  ])('an administrator who calls %s', async (end, code, state) => {
    const { database, write } = await owned('CREATE TABLE t (a int)')
    await eventTrigger(database, 'PERFORM pg_sleep(10);')
    const refused = expect(write([row('public.t.a')])).rejects.toMatchObject({
      code,
      message: expect.stringContaining(state),
    })
    await untilActive(database, 'PgSleep')
    await database.run(
      `SELECT ${end}(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'amx'`,
    )
    await refused
  })
})

describe('the server', () => {
  test('a role that reads only', async () => {
    const { database, owner, write } = await owned('CREATE TABLE t (a int)')
    await database.run(`ALTER ROLE ${owner} SET default_transaction_read_only = on`)
    expect(told(await write([row('public.t.a')]))).toEqual([
      ['Failed', 'AMX-2012', expect.stringContaining('read-only transaction (SQLSTATE 25006)')],
    ])
  })

  test('a role without a connection left, a wrong password, a role that may not sign in, a database that is gone', async () => {
    const { database, owner, credentials, open } = await owned('CREATE TABLE t (a int)')
    await database.run(`ALTER ROLE ${owner} CONNECTION LIMIT 0`)
    await expect(open()).rejects.toMatchObject({ code: 'AMX-2035', message: expect.stringContaining(owner) })
    await database.run(`ALTER ROLE ${owner} CONNECTION LIMIT -1`)
    const { connection } = database.options()
    await expect(open({ connection: { ...connection, database: 'gone' } })).rejects.toMatchObject({ code: 'AMX-2007' })
    await database.run(`ALTER ROLE ${owner} NOLOGIN`)
    await expect(open({ credentials })).rejects.toMatchObject({ code: 'AMX-2002' })
  })
})

/** Until a session of an apply waits for this event. */
async function untilActive(database: WarehouseDatabase, event: string): Promise<void> {
  for (;;) {
    const rows = await database.run(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'amx' AND wait_event = '${event}'`,
    )
    if (rows.length > 0) return
  }
}
