import pg from 'pg'
import { isWorthRepeating, toStoreError } from './store-error.ts'

/** The little of a pino logger that the store uses. */
export interface StoreLogger {
  warn(facts: object, message: string): void
  info(facts: object, message: string): void
}

export interface OpenStoreOptions {
  /** `postgresql://user:password@host:port/database?sslmode=…`. */
  readonly url: string
  /** Most connections at once, besides the one that listens. @default 10 */
  readonly poolSize?: number
  readonly logger?: StoreLogger
  /** Shown in pg_stat_activity. @default "amx" */
  readonly applicationName?: string
}

/** One connection inside a transaction, or the pool outside of one. */
export interface Queryable {
  /** Runs one statement and gives its rows. */
  rows<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

/** The pool of one process. */
export interface Database extends Queryable {
  /** Runs `work` in one transaction; run again up to three times when it fell to a deadlock. Throws AMX-9002. */
  transaction<Result>(work: (tx: Queryable) => Promise<Result>, signal?: AbortSignal): Promise<Result>
  close(): Promise<void>
}

const statementTimeoutMs = 10_000
const connectTimeoutMs = 5_000
const tries = 3

export function openDatabase(options: OpenStoreOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    application_name: options.applicationName ?? 'amx',
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: 30_000,
    // The server ends a slow statement first; this is for a network that swallows the answer.
    query_timeout: statementTimeoutMs + 5_000,
    keepAlive: true,
    // Statements here take milliseconds: compiling one would take longer than running it. Grouping 200,000 rows stays in memory.
    options: '-c jit=off -c work_mem=16MB',
  })
  pool.on('error', (error) => options.logger?.warn({ err: error }, 'a connection of the store broke'))
  pool.on('connect', (client) => {
    // A connection that breaks while it is in use fails its query; without a listener it would end the process as well.
    client.on('error', () => {})
  })

  async function transaction<Result>(work: (tx: Queryable) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted()
      try {
        return await transactionOnce(work)
      } catch (thrown) {
        if (attempt < tries && isWorthRepeating(thrown)) continue
        throw toStoreError(thrown)
      }
    }
  }

  async function transactionOnce<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result> {
    const client = await pool.connect()
    let broken: Error | null = null
    try {
      await client.query('begin')
      const result = await work(queryable(client))
      await client.query('commit')
      return result
    } catch (thrown) {
      await client.query('rollback').catch((error: unknown) => {
        broken = error instanceof Error ? error : new Error(String(error))
      })
      throw thrown
    } finally {
      client.release(broken ?? undefined)
    }
  }

  return {
    async rows<Row extends object>(text: string, values: readonly unknown[] = []) {
      try {
        return await queryable(pool).rows<Row>(text, values)
      } catch (thrown) {
        throw toStoreError(thrown)
      }
    },
    transaction,
    close: () => pool.end(),
  }
}

function queryable(client: Pick<pg.Pool, 'query'> | Pick<pg.PoolClient, 'query'>): Queryable {
  return {
    async rows<Row extends object>(text: string, values: readonly unknown[] = []) {
      const result = await client.query<Row>(text, [...values])
      return result.rows
    },
  }
}

/** The single row of a statement that always gives one. */
export async function oneRow<Row extends object>(
  on: Queryable,
  text: string,
  values?: readonly unknown[],
): Promise<Row> {
  const [row] = await on.rows<Row>(text, values)
  if (row === undefined) throw new Error('a statement that always gives a row gave none')
  return row
}
