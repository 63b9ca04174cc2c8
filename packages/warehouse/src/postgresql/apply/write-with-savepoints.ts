import { setTimeout as delay } from 'node:timers/promises'
import type { Session } from '../connection-pool.ts'
import { quoteLiteral, quoteQualified } from '../quote.ts'
import { serverErrorOf } from '../server-error.ts'
import { type CommentTarget, targetName } from './comment-target.ts'
import type { WrittenRow } from './row-outcome.ts'
import type { SendableRow, WriteOptions } from './write-with-function.ts'

// The live comment of one object and what COMMENT ON calls it now; no row of a relation that is not there.
const liveSql = `
SELECT CASE $1::pg_catalog.text
         WHEN 'Database' THEN (SELECT pg_catalog.shobj_description(d.oid, 'pg_database')
                               FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
         WHEN 'Schema' THEN (SELECT pg_catalog.obj_description(n.oid, 'pg_namespace')
                             FROM pg_catalog.pg_namespace n WHERE n.nspname = $2)
         WHEN 'Column' THEN (SELECT pg_catalog.col_description(a.attrelid, a.attnum) FROM pg_catalog.pg_attribute a
                             WHERE a.attrelid = relation.oid AND a.attname = $4 AND a.attnum > 0)
         ELSE pg_catalog.obj_description(relation.oid, 'pg_class')
       END,
       CASE WHEN $1 IN ('Column', 'Schema', 'Database') THEN NULL
            ELSE CASE relation.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END
       END
FROM (SELECT 1) AS one LEFT JOIN (
  SELECT c.oid, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $2 AND c.relname = $3) AS relation ON true`

// Who may not write the comment takes no lock either: COMMENT itself refuses it.
const lockableSql = `
SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')
  AND pg_catalog.pg_has_role(c.relowner, 'USAGE') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')`

/** Pause between two looks whether a lock is free. */
const pollMs = 50

/** One transaction under way, and until when it may wait for locks. */
interface Writing {
  readonly session: Session
  readonly options: WriteOptions
  readonly database: string
  readonly signal: AbortSignal
  giveUpAt: number | null
}

/**
 * Writes rows one by one, each under a savepoint, all in one transaction: the way for servers where a session may not make a
 * function, and for texts of which the server cannot read one. Slower and five statements a row, with the same outcomes; like
 * the function it never stands in the queue of a lock.
 */
export async function writeWithSavepoints(
  session: Session,
  rows: readonly SendableRow[],
  options: WriteOptions,
  database: string,
  signal: AbortSignal,
): Promise<readonly WrittenRow[]> {
  const writing: Writing = { session, options, database, signal, giveUpAt: null }
  const written: WrittenRow[] = []
  await session.query({ text: 'BEGIN; SET LOCAL lock_timeout = 1' }, signal)
  try {
    let blocked = options.dryRun ? null : await lockTables(writing, rows)
    for (const sendable of rows) {
      const outcome = await writeUnderSavepoint(writing, sendable, blocked)
      if (isLockFault(outcome.sqlState)) blocked = outcome
      written.push(outcome)
    }
    await session.query({ text: 'COMMIT' }, signal)
    return written
  } catch (thrown) {
    // The signal may be what ended it; the transaction must not outlive this call.
    await session.query({ text: 'ROLLBACK' }, AbortSignal.timeout(1000)).catch(() => undefined)
    throw thrown
  }
}

/**
 * Takes the lock that COMMENT takes anyway before any live comment is read, so that nobody changes one between its comparison
 * and its write. Gives the outcome of every row when the lock is not to be had.
 */
async function lockTables(writing: Writing, rows: readonly SendableRow[]): Promise<WrittenRow | null> {
  const { session, signal } = writing
  const relations = new Map(
    rows.flatMap(({ target: { schema, relation } }) =>
      schema === null || relation === null ? [] : [[quoteQualified([schema, relation]), [schema, relation]] as const],
    ),
  )
  for (const [table, names] of relations) {
    // A view cannot be locked without the tables below it.
    const lockable = await session.query({ text: lockableSql, values: [...names] }, signal)
    if (lockable.length === 0) continue
    const refused = await lockTable(writing, table)
    if (refused !== null) return refused
  }
  return null
}

async function lockTable(writing: Writing, table: string): Promise<WrittenRow | null> {
  const { session, signal } = writing
  for (;;) {
    try {
      await session.query({ text: 'SAVEPOINT amx_lock' }, signal)
      await session.query({ text: `LOCK TABLE ONLY ${table} IN SHARE UPDATE EXCLUSIVE MODE NOWAIT` }, signal)
      await session.query({ text: 'RELEASE SAVEPOINT amx_lock' }, signal)
      return null
    } catch (thrown) {
      const server = serverErrorOf(thrown)
      if (server === null || signal.aborted || /^57/.test(server.sqlState)) throw thrown
      await session.query({ text: 'ROLLBACK TO SAVEPOINT amx_lock' }, signal)
      // Other faults show when the row itself is written, in better words.
      if (!isLockFault(server.sqlState)) return null
      if (!(await mayTryAgain(writing))) return failed(server, null)
    }
  }
}

/** Whether there is time left to wait for a lock; comes back after a pause when there is. */
async function mayTryAgain(writing: Writing): Promise<boolean> {
  writing.giveUpAt ??= performance.now() + writing.options.lockWaitMs
  if (performance.now() >= writing.giveUpAt) return false
  await delay(pollMs, undefined, { signal: writing.signal })
  return true
}

function isLockFault(sqlState: string | null): boolean {
  return sqlState === '55P03' || sqlState === '40P01'
}

async function writeUnderSavepoint(
  writing: Writing,
  sendable: SendableRow,
  blocked: WrittenRow | null,
): Promise<WrittenRow> {
  const { session, signal } = writing
  for (;;) {
    await session.query({ text: 'SAVEPOINT amx_row' }, signal)
    const outcome = await writeRow(writing, sendable, blocked)
    if (outcome.sqlState !== null) await session.query({ text: 'ROLLBACK TO SAVEPOINT amx_row' }, signal)
    await session.query({ text: 'RELEASE SAVEPOINT amx_row' }, signal)
    if (blocked !== null || !isLockFault(outcome.sqlState) || !(await mayTryAgain(writing))) return outcome
  }
}

async function writeRow(
  { session, options, database, signal }: Writing,
  { row, target }: SendableRow,
  blocked: WrittenRow | null,
): Promise<WrittenRow> {
  let live: string | null = null
  try {
    const values = [target.kind, target.schema, target.relation, target.column]
    const [[found = null, noun = null] = []] = await session.query({ text: liveSql, values }, signal)
    live = found
    const wanted = row.text === '' ? null : row.text
    const expected = row.expected === '' ? null : row.expected
    if (live === wanted && row.intended) return done('Applied', expected)
    if (live === wanted) return done('AlreadyThere', live)
    if (live !== expected && options.onDrift !== 'Overwrite') return done('Drifted', live)
    if (blocked !== null) return { ...blocked, oldText: live }
    await session.query({ text: commandOf({ ...target, noun: noun ?? target.noun }, database, wanted) }, signal)
    // A dry run goes all the way, and back: what would fail has failed.
    if (options.dryRun) await session.query({ text: 'ROLLBACK TO SAVEPOINT amx_row' }, signal)
    return done('Applied', live)
  } catch (thrown) {
    const server = serverErrorOf(thrown)
    if (server === null || server.sqlState === '57014' || server.sqlState.startsWith('57P')) throw thrown
    return failed(server, live)
  }
}

function commandOf(target: CommentTarget, database: string, wanted: string | null): string {
  const literal = wanted === null ? 'NULL' : quoteLiteral(wanted)
  return `COMMENT ON ${target.noun} ${targetName(target, database)} IS ${literal}`
}

function done(outcome: string, oldText: string | null): WrittenRow {
  return { outcome, oldText, sqlState: null, message: null, routine: null }
}

function failed(server: Pick<WrittenRow, 'sqlState' | 'message' | 'routine'>, oldText: string | null): WrittenRow {
  const { sqlState, message, routine } = server
  return { outcome: 'Failed', oldText, sqlState, message, routine }
}
