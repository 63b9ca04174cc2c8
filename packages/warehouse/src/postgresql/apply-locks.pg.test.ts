import type { ApplyRow, ApplyRowOutcome, AssetKind } from '@amx/api'
import { describe, expect, test, vi } from 'vitest'
import type { Warehouse } from '../warehouse.ts'
import { type WarehouseDatabase, warehouseDatabase } from './test-warehouse.ts'

// An apply beside others at work: what holds it up, and that it holds up nobody.

function row(path: string, kind: AssetKind = 'Column', text = 'new'): ApplyRow {
  return { rowId: path, path, kind, text, expected: null, intended: false }
}

function apply(warehouse: Warehouse, ...rows: ApplyRow[]): Promise<readonly ApplyRowOutcome[]> {
  const request = { tablePath: 'public.t', rows, onDrift: 'Refuse', dryRun: false } as const
  return warehouse.applyTable(request, AbortSignal.timeout(30_000))
}

const told = (results: readonly ApplyRowOutcome[]) => results.map(({ outcome, error }) => error?.code ?? outcome)

/** Until an apply looks again and again whether a lock is free. */
async function untilBlocked(database: WarehouseDatabase): Promise<void> {
  await vi.waitFor(async () => {
    const waiting = await database.run(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'amx'
         AND (wait_event = 'PgSleep' OR state = 'idle in transaction' AND query LIKE 'ROLLBACK TO %')`,
    )
    expect(waiting).toHaveLength(1)
  }, 10_000)
}

describe.each([
  ['by function', false],
  ['by savepoints', true],
])('%s', (_, bySavepoints) => {
  async function made() {
    const database = await warehouseDatabase(`CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 2);
      CREATE VIEW v AS SELECT a FROM t; CREATE MATERIALIZED VIEW m AS SELECT a FROM t`)
    const credentials = await database.role(
      `ALTER TABLE t OWNER TO {role}; ALTER VIEW v OWNER TO {role}; ALTER MATERIALIZED VIEW m OWNER TO {role}`,
    )
    if (bySavepoints) await database.run(`REVOKE TEMPORARY ON DATABASE "${database.name}" FROM PUBLIC`)
    return { database, open: (lockTimeoutMs: number) => database.open({ credentials, lockTimeoutMs }) }
  }

  test('readers and writers of long transactions are no hindrance', async () => {
    const { database, open } = await made()
    const [reader, writer] = [await database.session(), await database.session()]
    await reader.query('BEGIN; SELECT count(*) FROM t')
    await writer.query('BEGIN; UPDATE t SET a = 3')
    expect(told(await apply(await open(0), row('public.t.a'), row('public.t', 'Table')))).toEqual([
      'Applied',
      'Applied',
    ])
  })

  test.each(['SHARE UPDATE EXCLUSIVE', 'ACCESS EXCLUSIVE'])(
    'a transaction that holds %s is named with its session',
    async (mode) => {
      const { database, open } = await made()
      const migration = await database.session()
      await migration.query(`SET application_name = 'nightly migration'; BEGIN; LOCK TABLE t IN ${mode} MODE`)
      const [{ pid } = { pid: null }] = (await migration.query('SELECT pg_backend_pid() AS pid')).rows
      const [result] = await apply(await open(200), row('public.t.a'))
      expect(result).toMatchObject({
        outcome: 'Failed',
        error: {
          code: 'AMX-2037',
          remedy: expect.stringContaining(`session ${pid} of role "postgres" (nightly migration)`),
          driverMessage: expect.stringContaining('55P03'),
        },
      })
    },
  )

  test('views that are locked are waited for no longer than tables', async () => {
    const { database, open } = await made()
    const migration = await database.session()
    await migration.query('BEGIN; LOCK TABLE v IN ACCESS EXCLUSIVE MODE; REFRESH MATERIALIZED VIEW m')
    const results = await apply(
      await open(200),
      row('public.v', 'View'),
      row('public.m', 'MaterializedView'),
      row('public.m.a'),
    )
    expect(told(results)).toEqual(['AMX-2037', 'AMX-2037', 'AMX-2037'])
  })

  test('an apply that waits stands in no queue: others get their locks at once, and nobody waits behind it', async () => {
    const { database, open } = await made()
    const migration = await database.session()
    await migration.query('BEGIN; LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE')
    const applying = apply(await open(20_000), row('public.t.a'))
    await untilBlocked(database)
    // In the queue of the lock it would be in front of these.
    const next = await database.session()
    await next.query("SET lock_timeout = '2s'; SELECT count(*) FROM t; UPDATE t SET a = 4")
    const other = await database.session()
    const waits = other.query("SET lock_timeout = '20s'; BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE; COMMIT")
    await vi.waitFor(async () => {
      const queue = await database.run(
        "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE relation = 't'::regclass AND NOT granted",
      )
      expect(queue).toEqual([{ application_name: '' }])
    }, 10_000)
    await migration.query('COMMIT')
    await waits
    expect(told(await applying)).toEqual(['Applied'])
  })

  test('what holds a table only for a while is outwaited', async () => {
    const { database, open } = await made()
    const vacuum = await database.session()
    await vacuum.query('BEGIN; LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE')
    const applying = apply(await open(20_000), row('public.t.a'), row('public.t.b'))
    await untilBlocked(database)
    await vacuum.query('COMMIT')
    expect(told(await applying)).toEqual(['Applied', 'Applied'])
  })

  test('a table that is replaced by another one of its name meanwhile gets the comment', async () => {
    const { database, open } = await made()
    const migration = await database.session()
    await migration.query('BEGIN; ALTER TABLE t RENAME TO old; CREATE TABLE t (a int)')
    await migration.query(
      `ALTER TABLE t OWNER TO ${String((await migration.query("SELECT tableowner AS o FROM pg_tables WHERE tablename = 'old'")).rows[0]?.o)}`,
    )
    const applying = apply(await open(20_000), row('public.t.a'))
    await untilBlocked(database)
    await migration.query('COMMIT')
    expect(told(await applying)).toEqual(['Applied'])
    expect(
      await database.run("SELECT col_description('t'::regclass, 1) AS new, col_description('old'::regclass, 1) AS old"),
    ).toEqual([{ new: 'new', old: null }])
  })
})

test('a reader never waits for an apply, not even while it writes', async () => {
  const database = await warehouseDatabase('CREATE TABLE t (a int); INSERT INTO t VALUES (1)')
  await database.run(`CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); END $$;
    CREATE EVENT TRIGGER slow ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION slow()`)
  const applying = apply(await database.open(), row('public.t.a'))
  await untilBlocked(database)
  const reader = await database.session()
  await reader.query(
    "SET lock_timeout = '1ms'; SELECT count(*) FROM t; INSERT INTO t VALUES (2); DELETE FROM t WHERE a = 2",
  )
  expect(told(await applying)).toEqual(['Applied'])
})
