import { Client } from 'pg'

export interface ReadComment {
  readonly path: string
  readonly text: string
}

/** Comments as the warehouse itself gives them, of the assets named; those without one are left out. */
export async function readComments(url: string, paths: readonly string[]): Promise<ReadComment[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, statement_timeout: 10_000 })
  await client.connect()
  try {
    const found = await client.query<ReadComment>(
      `SELECT concat_ws('.', n.nspname, c.relname, a.attname) AS path, d.description AS text
        FROM pg_description AS d
        JOIN pg_class AS c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
        WHERE concat_ws('.', n.nspname, c.relname, a.attname) = ANY ($1) ORDER BY 1`,
      [paths],
    )
    return found.rows
  } finally {
    await client.end()
  }
}
