import { AmxError, type ApplyRowOutcome, type TableProfile } from '@amx/api'
import type { OpenPostgresqlOptions, Warehouse, WarehouseCapabilities } from '../warehouse.ts'
import { openConnectionPool } from './connection-pool.ts'
import { readCatalog } from './read-catalog.ts'

const capabilities: WarehouseCapabilities = {
  commentKinds: ['Table', 'View', 'MaterializedView', 'ForeignTable', 'Column', 'Schema', 'Database'],
  transactionalComments: true,
  sampling: true,
  plannerStatistics: true,
}

/**
 * Opens a PostgreSQL database (13 or later) and signs in once. Throws AMX-2001 when it cannot be reached, AMX-2002 when the
 * sign-in is refused, AMX-2006 when TLS fails, AMX-2007 for an unknown database, AMX-2013 when no connection is left.
 */
export async function openPostgresql(options: OpenPostgresqlOptions, signal: AbortSignal): Promise<Warehouse> {
  const pool = await openConnectionPool(options, signal)
  return {
    serverVersion: pool.serverVersion,
    capabilities,
    statements: () => pool.statements(),
    readCatalog: (scope, abort) => readCatalog(pool, scope, abort),
    async profileTable(): Promise<TableProfile> {
      throw new AmxError('AMX-9001', { detail: 'not yet' })
    },
    async applyTable(): Promise<readonly ApplyRowOutcome[]> {
      throw new AmxError('AMX-9001', { detail: 'not yet' })
    },
    close: () => pool.close(),
  }
}
