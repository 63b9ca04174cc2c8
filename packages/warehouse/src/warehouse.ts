import type {
  ApplyRow,
  ApplyRowOutcome,
  PostgresqlConnection,
  Scope,
  ScopedContainer,
  ScopedTable,
  TableCatalog,
  TableProfile,
  TargetSettings,
} from '@amx/api'

/** What a backend can do; the parts of the program that differ by backend ask here and nowhere else. */
export interface WarehouseCapabilities {
  readonly commentKinds: readonly (
    | 'Table'
    | 'View'
    | 'MaterializedView'
    | 'ForeignTable'
    | 'Column'
    | 'Schema'
    | 'Database'
  )[]
  readonly transactionalComments: boolean
  readonly sampling: boolean
  readonly plannerStatistics: boolean
}

export interface CatalogResult {
  readonly tables: readonly ScopedTable[]
  /** Schemas and the database, where the scope asks for them. */
  readonly containers: readonly ScopedContainer[]
  /** Include or exclude entries that match nothing, with the nearest names that exist. */
  readonly unknown: readonly { readonly path: string; readonly nearest: readonly string[] }[]
}

export interface ApplyTableRequest {
  /** Canonical path of the relation. */
  readonly tablePath: string
  readonly rows: readonly ApplyRow[]
  readonly onDrift: 'Refuse' | 'Overwrite'
  /** Compare and report what would be written, write nothing. */
  readonly dryRun: boolean
  /** Hears of every statement that is sent for this table. */
  readonly onStatement?: () => void
}

/** One open database. Every method takes the signal of its owner and throws catalogue errors. */
export interface Warehouse {
  readonly serverVersion: string
  readonly capabilities: WarehouseCapabilities
  /** Statements sent since it was opened. */
  statements(): number
  /** Resolves a scope against the live catalog with a bounded number of statements, whatever the number of columns. */
  readCatalog(scope: Scope, signal: AbortSignal): Promise<CatalogResult>
  /** Profiles one relation: at most three statements (one per 200 columns of a wide table). Values leave it masked as `privacy` says. */
  profileTable(
    catalog: TableCatalog,
    options: Pick<TargetSettings, 'profiling' | 'privacy'>,
    signal: AbortSignal,
  ): Promise<TableProfile>
  /** Reads live comments, compares, writes; one outcome per row, never an exception for one row's fault. */
  applyTable(request: ApplyTableRequest, signal: AbortSignal): Promise<readonly ApplyRowOutcome[]>
  close(): Promise<void>
}

export interface PostgresqlCredentials {
  readonly username: string
  readonly password: string
  /** PEM of the certificate authority for tls modes that verify. */
  readonly ca?: string
}

export interface OpenPostgresqlOptions {
  readonly connection: PostgresqlConnection
  readonly credentials: PostgresqlCredentials
  /** Most connections at once. @default 4 */
  readonly connections?: number
  /** The first one is always opened at once. @default WhenNeeded */
  readonly openConnections?: 'AtOnce' | 'WhenNeeded'
  /** @default 120000 */
  readonly statementTimeoutMs?: number
  /** Time limit for the lock a comment needs. @default 3000 */
  readonly lockTimeoutMs?: number
  /** @default 15000 */
  readonly connectTimeoutMs?: number
  /** Shown in pg_stat_activity. @default "amx" */
  readonly applicationName?: string
}
