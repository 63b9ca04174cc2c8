import { Client } from 'pg'

/** Counts the statements clients send to one database, through pg_stat_statements. */
export interface StatementCounter {
  reset(): Promise<void>
  /** Statements of clients since the last reset, transaction control and our own counting left out. */
  count(): Promise<number>
  close(): Promise<void>
}

/** `url` is a superuser's, for the database whose statements are counted. */
export async function openStatementCounter(url: string): Promise<StatementCounter> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
  return {
    async reset() {
      await client.query('SELECT pg_stat_statements_reset()')
    },
    async count() {
      const counted = await client.query<{ calls: number }>(
        `SELECT coalesce(sum(calls), 0)::int AS calls FROM pg_stat_statements AS s
          JOIN pg_database AS d ON d.oid = s.dbid AND d.datname = current_database()
          WHERE s.toplevel AND s.query !~* 'pg_stat_statements'`,
      )
      return counted.rows[0]?.calls ?? 0
    },
    close: () => client.end(),
  }
}
