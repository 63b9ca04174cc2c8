import { AmxError, type DatabaseTestSettings, type ReaderFinding, type WriterFinding } from '@amx/api'
import type { PostgresqlCredentials } from '../warehouse.ts'
import { describableSql } from './catalog/relations.ts'
import { type ConnectionPool, openConnectionPool, type TextRow } from './connection-pool.ts'
import { statementError } from './server-error.ts'

export interface TryPostgresqlOptions {
  readonly settings: DatabaseTestSettings
  readonly credentials: PostgresqlCredentials
  /** Shown in pg_stat_activity. @default "amx" */
  readonly applicationName?: string
}

// Whoever asks for a test waits for it.
const connectTimeoutMs = 10_000
const statementTimeoutMs = 20_000

/** Paths of tables the writer may not comment on that a finding names. */
const shownPaths = 3

const readerSql = `
WITH seen AS (
  SELECT c.oid, c.relnamespace,
         pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE')
           AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT') AS readable
  ${describableSql}
), columns AS (
  SELECT count(*) AS number, count(d.description) AS documented
  FROM seen s
  JOIN pg_catalog.pg_attribute a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = a.attrelid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = a.attnum
  WHERE s.readable
)
SELECT (SELECT count(DISTINCT relnamespace) FROM seen WHERE readable), (SELECT count(*) FROM seen WHERE readable),
       c.number, c.documented, (SELECT count(*) FROM seen WHERE NOT readable), pg_catalog.pg_is_in_recovery()
FROM columns c`

const writerSql = `
WITH seen AS (
  SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS path,
         pg_catalog.pg_has_role(c.relowner, 'USAGE') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS writable
  ${describableSql}
)
SELECT count(*), count(*) FILTER (WHERE writable),
       (SELECT pg_catalog.json_agg(path) FROM (
          SELECT path FROM seen WHERE NOT writable ORDER BY path LIMIT ${shownPaths}) AS first),
       pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')
FROM seen`

/**
 * Signs in as the reader and counts what it sees, in one statement. Throws AMX-2001, 2002, 2006, 2007, 2013 as an opening does, and
 * what a failed statement is (AMX-2003, 2004).
 */
export async function tryReader(options: TryPostgresqlOptions, signal: AbortSignal): Promise<ReaderFinding> {
  const answer = await ask(options, readerSql, signal)
  if (answer === null) return { part: 'Reader', serverVersion: null, capabilities: {}, inventory: null }
  const { pool, row } = answer
  const [schemas, tables, columns, documented, unreadable] = row.map(Number)
  return {
    part: 'Reader',
    serverVersion: pool.serverVersion.slice(0, 255),
    capabilities: {
      transactionalComments: true,
      sampling: true,
      plannerStatistics: true,
      readsEveryTable: unreadable === 0,
      takesWrites: row[5] === 'f',
    },
    inventory: {
      schemas: schemas ?? 0,
      tables: tables ?? 0,
      columns: columns ?? 0,
      documented: documented ?? 0,
    },
  }
}

/** Signs in as the writer and finds out what it may comment on, in one statement; writes nothing. Throws as {@link tryReader}, and AMX-2012. */
export async function tryWriter(options: TryPostgresqlOptions, signal: AbortSignal): Promise<WriterFinding> {
  const answer = await ask(options, writerSql, signal)
  if (answer === null) return { part: 'Writer', tables: null, refused: [] }
  const { pool, row } = answer
  const [seen, writable, refused, inRecovery, readOnly] = row
  if (inRecovery === 't') throw new AmxError('AMX-2012', { target: pool.target, detail: 'it is a standby' })
  if (readOnly === 'on')
    throw new AmxError('AMX-2012', { target: pool.target, detail: 'transactions of this role are read-only' })
  return {
    part: 'Writer',
    tables: { seen: Number(seen), writable: Number(writable) },
    refused: JSON.parse(refused ?? '[]') as string[],
  }
}

/** The one row of a statement; null where only the sign-in was to be tested, which the server's refusal of a database proves too. */
async function ask(
  { settings: { connection, pinned }, credentials, applicationName }: TryPostgresqlOptions,
  text: string,
  signal: AbortSignal,
): Promise<{ readonly pool: ConnectionPool; readonly row: TextRow } | null> {
  const limits = { connections: 1, connectTimeoutMs, statementTimeoutMs }
  const opened = await openConnectionPool(
    { connection, credentials, ...limits, ...(applicationName !== undefined && { applicationName }) },
    signal,
  ).catch((thrown: unknown) => {
    // The server looks for the database after it has checked the password.
    if (!pinned && thrown instanceof AmxError && (thrown.code === 'AMX-2007' || thrown.code === 'AMX-2003')) return null
    throw thrown
  })
  if (opened === null) return null
  try {
    if (!pinned) return null
    const [row = []] = await opened.withSession(signal, ({ query }) => query({ text }, signal))
    return { pool: opened, row }
  } catch (thrown) {
    if (signal.aborted) throw signal.reason
    throw statementError(thrown, { asset: 'the catalog', target: opened.target })
  } finally {
    await opened.close()
  }
}
