import { createHash } from 'node:crypto'
import { Client, escapeIdentifier, escapeLiteral } from 'pg'
import { bench20x26x20000, bench47x1283 } from './bench-plan.ts'
import { demoPlan } from './demo-plan.ts'
import {
  commentStatement,
  constraintStatements,
  createStatement,
  qualifiedName,
  rowsStatement,
  type WarehousePlan,
} from './planned-table.ts'

export const demoShapes = ['demo', 'bench-20x26x20000', 'bench-47x1283'] as const
export type DemoShape = (typeof demoShapes)[number]

/** Role that reads everything but what is hidden from it. */
export const demoReader = 'amx_reader'
/** Role that owns the tables, and so may comment on them. */
export const demoOwner = 'amx_owner'

export interface CreateDemoWarehouseOptions {
  /** A superuser's connection to any database of the server. */
  readonly adminUrl: string
  /** Where the server reaches itself, for the foreign table. @default as in adminUrl */
  readonly itself?: { readonly host: string; readonly port: number }
  readonly database: string
  readonly readerPassword: string
  readonly writerPassword: string
  readonly shape?: DemoShape
}

export interface DemoWarehouse {
  readonly readerUrl: string
  readonly writerUrl: string
  /** Tables, foreign tables, views and materialized views; partitions are not counted. */
  readonly tables: number
  readonly columns: number
  /** Rows of the tables, exactly. */
  readonly rows: number
  /** False when the database was there already, complete. */
  readonly created: boolean
}

const plans: Record<DemoShape, () => WarehousePlan> = {
  demo: () => demoPlan,
  'bench-20x26x20000': bench20x26x20000,
  'bench-47x1283': bench47x1283,
}

// Changed when the way of making changes, so that an older database is made again.
const generation = '2'

/** Makes the database unless a complete one of the same shape is there; a half-made one is made again. */
export async function createDemoWarehouse(options: CreateDemoWarehouseOptions): Promise<DemoWarehouse> {
  const shape = options.shape ?? 'demo'
  const plan = plans[shape]()
  const digest = createHash('sha256')
    .update(JSON.stringify([generation, plan]))
    .digest('hex')
  const created = await withClient(options.adminUrl, async (admin) => {
    // Roles belong to the whole server, and two warehouses may be made on it at the same time.
    await admin.query('SELECT pg_advisory_lock(hashtext($1))', ['amx demo warehouse'])
    await ensureRole(admin, demoReader, options.readerPassword)
    await ensureRole(admin, demoOwner, options.writerPassword)
    if (await isComplete(admin, options.database, digest)) return false
    await admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(options.database)} WITH (FORCE)`)
    await admin.query(`CREATE DATABASE ${escapeIdentifier(options.database)} TEMPLATE template0 ENCODING 'UTF8'`)
    return true
  })
  const databaseUrl = urlOf(options.adminUrl, { database: options.database })
  return withClient(databaseUrl, async (client) => {
    if (created) {
      await fill(client, plan, options)
      // The mark that everything is there; as a setting of the database it shows in no catalog a reader looks at.
      await client.query(
        `ALTER DATABASE ${escapeIdentifier(options.database)} SET amx.demo_digest = ${escapeLiteral(digest)}`,
      )
    }
    const rows = plan.tables.reduce((sum, table) => sum + table.rows, 0)
    const { tables, columns } = await countAssets(client, plan.schemas)
    const of = (user: string, password: string) => urlOf(databaseUrl, { user, password })
    return {
      readerUrl: of(demoReader, options.readerPassword),
      writerUrl: of(demoOwner, options.writerPassword),
      tables,
      columns,
      rows,
      created,
    }
  })
}

async function fill(client: Client, plan: WarehousePlan, options: CreateDemoWarehouseOptions): Promise<void> {
  await client.query(`GRANT CREATE ON DATABASE ${escapeIdentifier(options.database)} TO ${demoOwner}`)
  await client.query(`SET ROLE ${demoOwner}`)
  for (const schema of plan.schemas) await client.query(`CREATE SCHEMA ${escapeIdentifier(schema)}`)
  for (const statement of plan.types) await client.query(statement)
  for (const table of plan.tables) {
    await client.query(createStatement(table))
    for (const statement of table.beforeRows ?? []) await client.query(statement)
    if (table.rows > 0) await client.query(rowsStatement(table))
  }
  // References go in every direction, so all rows come first.
  for (const statement of constraintStatements(plan.tables)) await client.query(statement)
  for (const statement of plan.views) await client.query(statement)
  await client.query('RESET ROLE')
  await createForeignTable(client, plan, options)
  await client.query(`SET ROLE ${demoOwner}`)
  for (const comment of plan.comments) await client.query(commentStatement(comment))
  await grantReader(client, plan)
  await client.query('RESET ROLE')
  // Counts of the rows just written would otherwise arrive after ANALYZE and make every table look changed since.
  await client.query('SELECT pg_stat_force_next_flush()')
  await client.query('ANALYZE')
}

async function grantReader(client: Client, plan: WarehousePlan): Promise<void> {
  for (const schema of plan.schemas.map((name) => escapeIdentifier(name))) {
    await client.query(`GRANT USAGE ON SCHEMA ${schema} TO ${demoReader}`)
    await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${demoReader}`)
  }
  for (const hidden of plan.hiddenFromReader) {
    const [schema = '', name = ''] = hidden.split('.')
    await client.query(`REVOKE SELECT ON ${qualifiedName({ schema, name })} FROM ${demoReader}`)
  }
}

/** A foreign table that looks back into the same database, where the server has the extension for it. */
async function createForeignTable(
  client: Client,
  { foreignTable }: WarehousePlan,
  options: CreateDemoWarehouseOptions,
): Promise<void> {
  if (foreignTable === undefined) return
  const available = await client.query(`SELECT FROM pg_available_extensions WHERE name = 'postgres_fdw'`)
  if (available.rowCount === 0) return
  const { hostname, port } = new URL(options.adminUrl)
  const itself = options.itself ?? { host: hostname, port: port === '' ? 5432 : Number(port) }
  const place = { host: itself.host, port: String(itself.port), dbname: options.database }
  const settings = Object.entries(place).map(([name, value]) => `${name} ${escapeLiteral(value)}`)
  await client.query('CREATE EXTENSION postgres_fdw')
  await client.query(`CREATE SERVER partner FOREIGN DATA WRAPPER postgres_fdw OPTIONS (${settings.join(', ')})`)
  for (const [user, password] of [
    [demoReader, options.readerPassword],
    [demoOwner, options.writerPassword],
  ] as const) {
    const mapping = `user ${escapeLiteral(user)}, password ${escapeLiteral(password)}`
    await client.query(`CREATE USER MAPPING FOR ${user} SERVER partner OPTIONS (${mapping})`)
  }
  await client.query(foreignTable.create('partner'))
  await client.query(`ALTER FOREIGN TABLE ${foreignTable.name} OWNER TO ${demoOwner}`)
}

async function ensureRole(admin: Client, role: string, password: string): Promise<void> {
  const known = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [role])
  const verb = known.rowCount === 0 ? 'CREATE' : 'ALTER'
  await admin.query(`${verb} ROLE ${escapeIdentifier(role)} LOGIN PASSWORD ${escapeLiteral(password)}`)
}

async function isComplete(admin: Client, database: string, digest: string): Promise<boolean> {
  const found = await admin.query(
    `SELECT FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase
      WHERE d.datname = $1 AND $2 = ANY (s.setconfig)`,
    [database, `amx.demo_digest=${digest}`],
  )
  return found.rowCount !== 0
}

async function countAssets(client: Client, schemas: readonly string[]): Promise<{ tables: number; columns: number }> {
  const counted = await client.query<{ tables: number; columns: number }>(
    `SELECT count(DISTINCT c.oid)::int AS tables, count(*)::int AS columns
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition`,
    [schemas],
  )
  return counted.rows[0] ?? { tables: 0, columns: 0 }
}

async function withClient<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, statement_timeout: 120_000 })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

function urlOf(base: string, parts: { database?: string; user?: string; password?: string }): string {
  const url = new URL(base)
  if (parts.database !== undefined) url.pathname = `/${encodeURIComponent(parts.database)}`
  if (parts.user !== undefined) url.username = encodeURIComponent(parts.user)
  if (parts.password !== undefined) url.password = encodeURIComponent(parts.password)
  return url.href
}
