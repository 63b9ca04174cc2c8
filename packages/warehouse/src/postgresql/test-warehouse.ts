import type { Scope, TableCatalog, TargetSettings } from '@amx/api'
import { testDatabase } from '@amx/hack'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import type { OpenPostgresqlOptions, Warehouse } from '../warehouse.ts'
import { openPostgresql } from './open-postgresql.ts'

/** A database of a test's own with what the statements made, and ways to look at it. */
export interface WarehouseDatabase {
  readonly name: string
  /** Runs statements as superuser; rows as objects. */
  run(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>
  /** A session of its own, for holding locks; closed after the test. */
  session(): Promise<Client>
  /** A role with a password that exists for this test only. `{role}` stands for its name in the grants. */
  role(grants: string): Promise<{ readonly username: string; readonly password: string }>
  /** How to reach it. */
  options(overrides?: Partial<OpenPostgresqlOptions>): OpenPostgresqlOptions
  /** Opens it; closed after the test. */
  open(overrides?: Partial<OpenPostgresqlOptions>): Promise<Warehouse>
}

/** A fresh database in which `sql` was run. */
export async function warehouseDatabase(sql: string): Promise<WarehouseDatabase> {
  const { name, url: text } = await testDatabase()
  const url = new URL(text)
  const roles: string[] = []

  async function session(): Promise<Client> {
    const client = new Client({ connectionString: text })
    client.on('error', () => undefined)
    await client.connect()
    onTestFinished(() => client.end().catch(() => undefined))
    return client
  }

  async function run(statements: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: text })
    await client.connect()
    try {
      const result = await client.query(statements, values === undefined ? undefined : [...values])
      return (Array.isArray(result) ? [] : result.rows) as Record<string, unknown>[]
    } finally {
      await client.end()
    }
  }

  function options(overrides: Partial<OpenPostgresqlOptions> = {}): OpenPostgresqlOptions {
    return {
      connection: { host: url.hostname, port: Number(url.port), database: name, tlsMode: 'disable' },
      credentials: { username: url.username, password: decodeURIComponent(url.password) },
      ...overrides,
    }
  }

  if (sql !== '') await run(sql)
  return {
    name,
    run,
    session,
    options,
    async role(grants) {
      const username = `role_${roles.length}_${name}`
      roles.push(username)
      await run(`CREATE ROLE ${username} LOGIN PASSWORD 'secret'; ${grants.replaceAll('{role}', username)}`)
      onTestFinished(async () => {
        await run(`REASSIGN OWNED BY ${username} TO CURRENT_USER; DROP OWNED BY ${username}; DROP ROLE ${username}`)
      })
      return { username, password: 'secret' }
    },
    async open(overrides) {
      const warehouse = await openPostgresql(options(overrides), AbortSignal.timeout(20_000))
      onTestFinished(() => warehouse.close())
      return warehouse
    },
  }
}

export const everything: Scope = {
  include: [],
  exclude: [],
  tablePattern: null,
  kinds: [],
  tableLimit: 0,
  missingOnly: false,
}

/** Catalog entries by path. */
export async function catalogOf(warehouse: Warehouse, signal: AbortSignal): Promise<Record<string, TableCatalog>> {
  const { tables } = await warehouse.readCatalog(everything, signal)
  return Object.fromEntries(tables.map(({ catalog }) => [catalog.path, catalog]))
}

export type ProfileOptions = Pick<TargetSettings, 'profiling' | 'privacy'>

/** Settings of a profile in mode Sampled with raw values, with changes. */
export function profileOptions(
  profiling: Partial<ProfileOptions['profiling']> = {},
  privacy: Partial<ProfileOptions['privacy']> = {},
): ProfileOptions {
  return {
    profiling: {
      mode: 'Sampled',
      sampleRows: 5000,
      maximumRows: 1_000_000,
      exactDistinct: false,
      statementTimeoutMs: 20_000,
      connections: 4,
      ...profiling,
    },
    privacy: { samples: 'Raw', excludeColumns: [], ...privacy },
  }
}
