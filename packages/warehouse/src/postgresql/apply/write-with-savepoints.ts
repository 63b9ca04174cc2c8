import type { ApplyTableRequest } from '../../warehouse.ts'
import type { Session } from '../connection-pool.ts'
import { quoteLiteral, quoteQualified } from '../quote.ts'
import { serverErrorOf } from '../server-error.ts'
import { targetName } from './comment-target.ts'
import type { WrittenRow } from './row-outcome.ts'
import type { SendableRow } from './write-with-function.ts'

// The live comment and owner of one object; the regclass look-up gives null, not an error, where there is none.
const liveSql = `
SELECT CASE $1::pg_catalog.text
         WHEN 'Database' THEN (SELECT pg_catalog.shobj_description(d.oid, 'pg_database')
                               FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
         WHEN 'Schema' THEN (SELECT pg_catalog.obj_description(n.oid, 'pg_namespace')
                             FROM pg_catalog.pg_namespace n WHERE n.nspname = $2)
         WHEN 'Column' THEN (SELECT pg_catalog.col_description(a.attrelid, a.attnum) FROM pg_catalog.pg_attribute a
                             JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                             WHERE n.nspname = $2 AND c.relname = $3 AND a.attname = $4 AND a.attnum > 0)
         ELSE (SELECT pg_catalog.obj_description(c.oid, 'pg_class') FROM pg_catalog.pg_class c
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $2 AND c.relname = $3)
       END`

const lockableSql = `
SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')`

/**
 * Writes rows one by one, each under a savepoint, all in one transaction: the way for servers where a session may not make a
 * function. Slower and five statements a row, with the same outcomes.
 */
export async function writeWithSavepoints(
  session: Session,
  rows: readonly SendableRow[],
  request: Pick<ApplyTableRequest, 'onDrift' | 'dryRun'>,
  database: string,
  signal: AbortSignal,
): Promise<readonly WrittenRow[]> {
  const written: WrittenRow[] = []
  await session.query({ text: 'BEGIN' }, signal)
  try {
    let blocked = request.dryRun ? null : await lockTables(session, rows, signal)
    for (const sendable of rows) {
      await session.query({ text: 'SAVEPOINT amx_row' }, signal)
      const outcome: WrittenRow = await writeRow(session, sendable, request, database, blocked, signal)
      if (outcome.sqlState !== null) await session.query({ text: 'ROLLBACK TO SAVEPOINT amx_row' }, signal)
      await session.query({ text: 'RELEASE SAVEPOINT amx_row' }, signal)
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
async function lockTables(
  session: Session,
  rows: readonly SendableRow[],
  signal: AbortSignal,
): Promise<WrittenRow | null> {
  const relations = new Map(
    rows.flatMap(({ target: { schema, relation } }) =>
      schema === null || relation === null ? [] : [[quoteQualified([schema, relation]), [schema, relation]] as const],
    ),
  )
  for (const [table, names] of relations) {
    // A view cannot be locked without the tables below it.
    const lockable = await session.query({ text: lockableSql, values: [...names] }, signal)
    if (lockable.length === 0) continue
    try {
      await session.query({ text: 'SAVEPOINT amx_lock' }, signal)
      await session.query({ text: `LOCK TABLE ONLY ${table} IN SHARE UPDATE EXCLUSIVE MODE` }, signal)
      await session.query({ text: 'RELEASE SAVEPOINT amx_lock' }, signal)
    } catch (thrown) {
      const server = serverErrorOf(thrown)
      if (server === null || signal.aborted || /^57/.test(server.sqlState)) throw thrown
      await session.query({ text: 'ROLLBACK TO SAVEPOINT amx_lock' }, signal)
      // Other faults show when the row itself is written, in better words.
      if (!isLockFault(server.sqlState)) continue
      return { outcome: 'Failed', oldText: null, sqlState: server.sqlState, message: server.message }
    }
  }
  return null
}

function isLockFault(sqlState: string | null): boolean {
  return sqlState === '55P03' || sqlState === '40P01'
}

async function writeRow(
  session: Session,
  { row, target }: SendableRow,
  request: Pick<ApplyTableRequest, 'onDrift' | 'dryRun'>,
  database: string,
  blocked: WrittenRow | null,
  signal: AbortSignal,
): Promise<WrittenRow> {
  let live: string | null = null
  try {
    const values = [target.kind, target.schema, target.relation, target.column]
    const [[found = null] = []] = await session.query({ text: liveSql, values }, signal)
    live = found
    const wanted = row.text === '' ? null : row.text
    const expected = row.expected === '' ? null : row.expected
    if (live === wanted && row.intended) return done('Applied', expected)
    if (live === wanted) return done('AlreadyThere', live)
    if (live !== expected && request.onDrift !== 'Overwrite') return done('Drifted', live)
    if (blocked !== null) return { ...blocked, oldText: live }
    const literal = wanted === null ? 'NULL' : quoteLiteral(wanted)
    const text = `COMMENT ON ${target.noun} ${targetName(target, database)} IS ${literal}`
    await session.query({ text }, signal)
    // A dry run goes all the way, and back: what would fail has failed.
    if (request.dryRun) await session.query({ text: 'ROLLBACK TO SAVEPOINT amx_row' }, signal)
    return done('Applied', live)
  } catch (thrown) {
    const server = serverErrorOf(thrown)
    if (server === null || server.sqlState === '57014' || server.sqlState.startsWith('57P')) throw thrown
    return { outcome: 'Failed', oldText: live, sqlState: server.sqlState, message: server.message }
  }
}

function done(outcome: string, oldText: string | null): WrittenRow {
  return { outcome, oldText, sqlState: null, message: null }
}
