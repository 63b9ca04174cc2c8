import { readdir, readFile } from 'node:fs/promises'
import { AmxError } from '@amx/api'
import pg from 'pg'
import { toStoreError } from './store-error.ts'

const sqlFolder = new URL('../sql/', import.meta.url)

/** Any number, the same in every version of the program: two servers that start together migrate one after the other. */
const migrationLock = 7_263_511

export interface MigrateResult {
  /** Version of the schema now. */
  readonly version: number
  /** Names of the files that were applied. */
  readonly applied: readonly string[]
}

/**
 * Brings the store's schema to the version of this program, one transaction per file, under a lock.
 * Throws AMX-9002 when the store does not answer and AMX-1009 when its schema is newer than this program.
 */
export async function migrate(url: string, signal?: AbortSignal): Promise<MigrateResult> {
  const migrations = await readMigrations()
  const client = new pg.Client({
    connectionString: url,
    application_name: 'amx-migrate',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  })
  client.on('error', () => {})
  const abort = (): void => {
    void client.end().catch(() => {})
  }
  try {
    signal?.throwIfAborted()
    await client.connect()
    signal?.addEventListener('abort', abort, { once: true })
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    return await applyMissing(client, migrations)
  } catch (thrown) {
    signal?.throwIfAborted()
    throw toStoreError(thrown)
  } finally {
    signal?.removeEventListener('abort', abort)
    await client.end().catch(() => {})
  }
}

interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(sqlFolder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => ({
      version: Number.parseInt(name, 10),
      name,
      sql: await readFile(new URL(name, sqlFolder), 'utf8'),
    })),
  )
}

async function applyMissing(client: pg.Client, migrations: readonly Migration[]): Promise<MigrateResult> {
  await client.query('create schema if not exists amx')
  await client.query(
    'create table if not exists amx.schema_version (version integer primary key, name text not null, applied_at timestamptz not null default now())',
  )
  const { rows } = await client.query<{ version: number | null }>(
    'select max(version) as version from amx.schema_version',
  )
  const current = rows[0]?.version ?? 0
  const newest = migrations.at(-1)?.version ?? 0
  if (current > newest) {
    throw new AmxError('AMX-1009', {
      problem: `the store's schema has version ${current} and this program knows ${newest}: a newer AMX uses this store`,
    })
  }
  const applied: string[] = []
  for (const migration of migrations.filter(({ version }) => version > current)) {
    await client.query('begin')
    await client.query(migration.sql)
    await client.query('insert into amx.schema_version (version, name) values ($1, $2)', [
      migration.version,
      migration.name,
    ])
    await client.query('commit')
    applied.push(migration.name)
  }
  return { version: newest, applied }
}
